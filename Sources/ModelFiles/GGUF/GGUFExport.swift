import Foundation
import Kernels
import Support
import Tokenization
import Transformer

/// A model and its tokenizer as a GGUF file that llama.cpp runs.
///
/// Names, keys, the order of rows and the types of tensors are those of llama.cpp's
/// `convert_hf_to_gguf.py`.
public enum GGUFExport {
  /// What is known of a model besides its configuration and its tokenizer.
  public struct Notes: Equatable, Sendable {
    /// The name that programs show.
    public var name: String
    /// The template by which a conversation becomes a text, in Jinja.
    public var chatTemplate: String?
    /// The token that begins a text for programs that put one there.
    public var beginningToken: Int?
    /// The token that fills up rows.
    public var paddingToken: Int?

    public init(
      name: String, chatTemplate: String? = nil, beginningToken: Int? = nil,
      paddingToken: Int? = nil
    ) {
      self.name = name
      self.chatTemplate = chatTemplate
      self.beginningToken = beginningToken
      self.paddingToken = paddingToken
    }
  }

  /// Checks, before long work, that a file can be written at `url`.
  ///
  /// - Throws: `FileError` where something else than a GGUF file is there, or the place cannot be
  ///   written.
  public static func checkDestination(_ url: URL) throws {
    try AtomicFile.checkWritable(url)
    guard let kind = AtomicFile.kind(of: url.resolvingSymlinksInPath()) else { return }
    guard kind == S_IFREG, GGUF.isGGUF(url) else {
      throw FileError(url, "exists and is no GGUF file; choose another name")
    }
  }

  /// Writes the file atomically; a GGUF file that is already at `url` is replaced.
  ///
  /// - Parameters:
  ///   - type: of the matrices; one of `GGUF.TensorType.written`. Vectors are F32, and a matrix
  ///     whose rows are not whole blocks of Q8_0 is F16.
  /// - Throws: `FileError` naming what GGUF cannot express, or why it cannot be written.
  public static func write(
    _ model: Model, tokenizer: Tokenizer, type: GGUF.TensorType, notes: Notes, to url: URL
  ) throws {
    try checkDestination(url)
    try FileError.naming(url) {
      var writer = GGUFWriter()
      let configuration = model.configuration
      try describe(configuration, type, notes, &writer)
      try describe(tokenizer, configuration, notes, &writer)
      try withExtendedLifetime(model) {
        for entry in model.layout.entries {
          guard let name = GGUFModel.fileName(of: entry.name) else {
            throw ConfigurationError(
              "the model's tensor \(quoted(entry.name)) has no name in GGUF; export to a folder")
          }
          let floats = model.parameters.slice(entry.offset, entry.count)
          guard floats.isFinite else { throw TensorError.notFinite(tensor: entry.name) }
          writer.add(name, shape: entry.shape, type: self.type(entry, type)) { body in
            try GGUFModel.withFileOrder(floats, of: name, configuration, body)
          }
        }
        try writer.write(to: url)
      }
    }
  }

  private static func type(
    _ entry: ParameterLayout.Entry, _ type: GGUF.TensorType
  ) -> GGUF.TensorType {
    guard entry.shape.count > 1 else { return .f32 }
    return (entry.shape.last ?? 1) % type.blockSize == 0 ? type : .f16
  }

  /// llama.cpp's numbers for the type that most tensors have.
  private static func fileType(_ type: GGUF.TensorType) -> Int {
    switch type {
    case .f16: 1
    case .q80: 7
    case .bf16: 32
    default: 0
    }
  }

  // MARK: Configuration

  private static func describe(
    _ c: Configuration, _ type: GGUF.TensorType, _ notes: Notes, _ writer: inout GGUFWriter
  ) throws {
    guard let architecture = GGUFModel.architecture(of: c.family) else {
      throw ConfigurationError(
        "models of \(c.family) are not written as GGUF; export to a folder with --output")
    }
    try refuseUnwritten(c)
    writer.set("general.architecture", architecture)
    writer.set("general.type", "model")
    writer.set("general.name", notes.name)
    writer.set("general.file_type", fileType(type))
    writer.set("general.quantization_version", 2)
    func key(_ suffix: String) -> String { architecture + "." + suffix }
    writer.set(key("context_length"), c.contextLength)
    writer.set(key("embedding_length"), c.hiddenSize)
    writer.set(key("block_count"), c.layerCount)
    writer.set(key("feed_forward_length"), c.intermediateSize)
    writer.set(key("attention.head_count"), c.headCount)
    writer.set(key("attention.head_count_kv"), c.keyValueHeadCount)
    writer.set(key("attention.key_length"), c.headSize)
    writer.set(key("attention.value_length"), c.headSize)
    writer.set(key("attention.layer_norm_rms_epsilon"), Float(c.normEpsilon))
    writer.set(key("rope.dimension_count"), c.headSize)
    writer.set(key("rope.freq_base"), Float(c.ropeTheta))
    try GGUFRope.write(c, architecture, to: &writer)
    writer.set(key("vocab_size"), c.vocabularySize)
  }

  /// Refuses settings for which no key is written.
  private static func refuseUnwritten(_ c: Configuration) throws {
    // What the keys that are written say.
    let plain = Configuration(
      family: c.family, vocabularySize: c.vocabularySize, hiddenSize: c.hiddenSize,
      intermediateSize: c.intermediateSize, layerCount: c.layerCount, headCount: c.headCount,
      keyValueHeadCount: c.keyValueHeadCount, headSize: c.headSize, contextLength: c.contextLength,
      ropeTheta: c.ropeTheta, normEpsilon: c.normEpsilon, tiesEmbeddings: c.tiesEmbeddings,
      endOfTextToken: c.endOfTextToken)
    var rest = plain
    rest.ropeScaling = c.ropeScaling
    if c.family == .llama {
      rest.hasAttentionBias = c.hasAttentionBias
      rest.hasFeedForwardBias = c.hasFeedForwardBias
    }
    // A window that no layer uses.
    if c.slidingLayers.isEmpty { rest.slidingWindow = c.slidingWindow }
    for (name, differs) in [
      ("partial_rotary_factor", c.rotaryShare != rest.rotaryShare),
      ("sliding_window", c.slidingLayers != rest.slidingLayers),
      ("attention_bias", c.hasAttentionBias != rest.hasAttentionBias),
      ("mlp_bias", c.hasFeedForwardBias != rest.hasFeedForwardBias),
      (c.family.format.keys.activation, c.activation != rest.activation),
      ("some setting", c != rest),
    ] where differs {
      throw ConfigurationError(
        "the model's \(name) is not written to GGUF; export to a folder with --output")
    }
  }

  // MARK: Tokenizer

  /// What is read of the `tokenizer.json` that a tokenizer writes.
  private struct TokenizerFile: Decodable {
    struct Added: Decodable {
      let id: Int
      let content: String
      let special: Bool
      let singleWord, lstrip, rstrip: Bool?

      enum CodingKeys: String, CodingKey {
        case id, content, special, lstrip, rstrip
        case singleWord = "single_word"
      }
    }
    struct Model: Decodable {
      let vocab: [String: Int]
      let merges: [[String]]
    }
    struct Processor: Decodable {
      struct Part: Decodable {
        struct Named: Decodable { let id: String }
        let sequence, token: Named?

        enum CodingKeys: String, CodingKey {
          case sequence = "Sequence"
          case token = "SpecialToken"
        }
      }
      let single: [Part]?
    }
    let added: [Added]
    let model: Model
    let processor: Processor?

    enum CodingKeys: String, CodingKey {
      case model
      case added = "added_tokens"
      case processor = "post_processor"
    }
  }

  private static func describe(
    _ tokenizer: Tokenizer, _ c: Configuration, _ notes: Notes, _ writer: inout GGUFWriter
  ) throws {
    let json = try tokenizer.json()
    let file = try StrictJSON.decode(TokenizerFile.self, from: [UInt8](json))
    let scheme = try GGUF.schemeName(of: json)
    if let token = file.added.first(where: {
      $0.singleWord == true || $0.lstrip == true || $0.rstrip == true
    }) {
      throw TokenizerError(
        "the token \(quoted(token.content)) is found by single_word, lstrip or rstrip, which GGUF "
          + "cannot express; export to a folder with --output")
    }
    var tokens = (0..<c.vocabularySize).map { "[PAD\($0)]" }
    var types = [Int32](repeating: Int32(GGUF.TokenKind.unused), count: c.vocabularySize)
    for (text, id) in file.model.vocab where tokens.indices.contains(id) {
      (tokens[id], types[id]) = (text, Int32(GGUF.TokenKind.normal))
    }
    for token in file.added where tokens.indices.contains(token.id) {
      let kind = token.special ? GGUF.TokenKind.control : GGUF.TokenKind.userDefined
      (tokens[token.id], types[token.id]) = (token.content, Int32(kind))
    }
    writer.set("tokenizer.ggml.model", "gpt2")
    writer.set("tokenizer.ggml.pre", scheme)
    writer.set("tokenizer.ggml.tokens", tokens)
    writer.set("tokenizer.ggml.token_type", types)
    writer.set("tokenizer.ggml.merges", file.model.merges.map { $0.joined(separator: " ") })
    let beginning = try beginningToken(file, tokens)
    let named = notes.beginningToken.flatMap { tokens.indices.contains($0) ? $0 : nil }
    writer.set("tokenizer.ggml.bos_token_id", beginning ?? named ?? c.endOfTextToken)
    writer.set("tokenizer.ggml.eos_token_id", c.endOfTextToken)
    let stops = tokenizer.stopTokens.map(Int.init).filter { $0 != c.endOfTextToken }.sorted()
    guard stops.count <= 2 else {
      throw TokenizerError(
        "\(stops.count + 1) tokens end a text, but GGUF has keys for three; export to a folder with "
          + "--output")
    }
    for (key, token) in zip(["eot", "eom"], stops) {
      writer.set("tokenizer.ggml.\(key)_token_id", token)
    }
    if let token = notes.paddingToken, tokens.indices.contains(token) {
      writer.set("tokenizer.ggml.padding_token_id", token)
    }
    writer.set("tokenizer.ggml.add_bos_token", beginning != nil)
    if let template = notes.chatTemplate { writer.set("tokenizer.chat_template", template) }
  }

  /// The token that the template puts before a text; nil for none.
  private static func beginningToken(_ file: TokenizerFile, _ tokens: [String]) throws -> Int? {
    let parts = file.processor?.single ?? []
    guard !parts.isEmpty else { return nil }
    guard parts.count <= 2, parts.last?.sequence != nil else {
      throw TokenizerError(
        "the tokenizer puts more than one token before a text, or one after it (post_processor), "
          + "which is not written to GGUF; export to a folder with --output")
    }
    return parts.first?.token.flatMap { token in tokens.firstIndex(of: token.id) }
  }
}

extension GGUFExport.Notes {
  private static let maxFileSize = 16 << 20

  /// What the files of a model say: a Hugging Face folder or a GGUF file.
  ///
  /// - Throws: `FileError` naming the file that cannot be read.
  public init(of url: URL, tokenizer: Tokenizer) throws {
    self.init(name: url.deletingPathExtension().lastPathComponent)
    if GGUF.isGGUF(url) {
      try FileError.naming(url) {
        let file = try GGUF(contentsOf: url)
        name = try file.string("general.name") ?? name
        chatTemplate = try file.string("tokenizer.chat_template")
        beginningToken = try file.integer("tokenizer.ggml.bos_token_id")
        paddingToken = try file.integer("tokenizer.ggml.padding_token_id")
      }
      return
    }
    let settings = try Self.json(url.appendingPathComponent("tokenizer_config.json"))
    let configuration = try Self.json(url.appendingPathComponent("config.json"))
    beginningToken = configuration["bos_token_id"]?.integer
    paddingToken = configuration["pad_token_id"]?.integer
    // A token is written as its text or as an object.
    if let token = settings["pad_token"], let text = token.string ?? token["content"]?.string {
      let tokens = tokenizer.encodeWhole(text, addsTemplate: false)
      if tokens.count == 1 { paddingToken = Int(tokens[0]) }
    }
    let templates = settings["chat_template"]?.elements ?? []
    chatTemplate =
      settings["chat_template"]?.string
      ?? templates.first { $0["name"]?.string == "default" }?["template"]?.string
    let file = url.appendingPathComponent("chat_template.jinja")
    if AtomicFile.kind(of: file.resolvingSymlinksInPath()) != nil {
      let bytes = try InputFile.contents(of: file, limit: Self.maxFileSize)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FileError(file, "is not UTF-8; download it again")
      }
      chatTemplate = text
    }
  }

  /// The value of a JSON file; null if there is no such file.
  private static func json(_ file: URL) throws -> JSONValue {
    guard AtomicFile.kind(of: file.resolvingSymlinksInPath()) != nil else { return nil }
    return try FileError.naming(file) {
      try JSONValue(parsing: InputFile.contents(of: file, limit: maxFileSize))
    }
  }
}
