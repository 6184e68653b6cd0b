import Foundation
import Support
import Tokenization
import Transformer

/// Reading and writing a model together with its tokenizer.
public enum LanguageModel {
  /// Reads a model folder or a GGUF file.
  ///
  /// - Parameters:
  ///   - adapter: the folder of a low-rank adapter, written by Recto or by PEFT, that is merged
  ///     into the model.
  ///   - warn: is called with what a user should know of the model; nil for standard error.
  /// - Throws: `FileError`, `TokenizerError` or `ConfigurationError`, naming the file.
  public static func read(
    _ url: URL, adapter: URL? = nil,
    warn: ((String) -> Void)? = nil
  ) throws -> (model: Model, tokenizer: Tokenizer) {
    let warn = warn ?? { StandardStreams.report("Warning: \($0)\n") }
    var (model, tokenizer) =
      GGUF.isGGUF(url) ? try readGGUF(url) : try readFolder(url)
    let left = try FileError.naming(url) {
      try tokenizer.leaveOut(from: model.configuration.vocabularySize)
    }
    if let adapter {
      try AdapterFolder.read(adapter, on: model.configuration).merge(into: model)
      guard model.parameters.isFinite else {
        throw FileError(
          adapter, "makes the model's parameters infinite; its alpha or its numbers are too large")
      }
    }
    for note in tokenizer.notes { warn("\(url.relativePath): \(note)") }
    if let first = left.first {
      warn(
        "\(left.count == 1 ? "the added token" : "\(left.count) added tokens, such as") "
          + "\(quoted(first)) of \(url.relativePath) \(left.count == 1 ? "is" : "are") beyond the "
          + "model's vocab_size of \(model.configuration.vocabularySize): the model cannot read "
          + "\(left.count == 1 ? "it, and its" : "them, and their") spelling is ordinary text")
    }
    if !tokenizer.missingBytes.isEmpty {
      warn(
        "the vocabulary of \(url.relativePath) lacks \(tokenizer.missingBytes.count) of the 256 "
          + "bytes; they are \(tokenizer.marksMissingBytes ? "the unknown token" : "dropped from") "
          + "\(tokenizer.marksMissingBytes ? "in texts" : "texts"), as the tokenizers library does")
    }
    return (model, tokenizer)
  }

  private static func readFolder(_ url: URL) throws -> (model: Model, tokenizer: Tokenizer) {
    let checkpoints = url.appendingPathComponent("checkpoints")
    if FileManager.default.fileExists(atPath: checkpoints.path) {
      throw FileError(
        url,
        "is a run's folder; its model is in model/ once the run has ended, and in "
          + "checkpoints/STEP/model/ before")
    }
    let configuration = try ModelFolder.readConfiguration(at: url)
    try checkTokenizer(url)
    var settings = try TokenizerSettings(folder: url)
    settings.belong(toModelOfType: configuration.family.modelType)
    var tokenizer = try Tokenizer(
      contentsOf: url.appendingPathComponent(SideFiles.tokenizerName),
      settings: settings, endOfText: Int32(configuration.endOfTextToken))
    tokenizer.stopTokens.formUnion(try ModelFolder.stopTokens(at: url))
    let model = try Model(configuration)
    try ModelFolder.readParameters(
      at: url, configuration: configuration, into: model.parameters)
    return (model, tokenizer)
  }

  /// - Throws: `FileError` where a folder has only the files that `tokenizer.json` is made of.
  private static func checkTokenizer(_ url: URL) throws {
    func isThere(_ name: String) -> Bool {
      AtomicFile.kind(of: url.appendingPathComponent(name).resolvingSymlinksInPath()) != nil
    }
    guard !isThere(SideFiles.tokenizerName),
      let other = ["vocab.json", "tokenizer.model"].first(where: isThere)
    else { return }
    throw FileError(
      url,
      "holds \(other) but no tokenizer.json; make one with transformers: "
        + "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)")
  }

  private static func readGGUF(_ url: URL) throws -> (model: Model, tokenizer: Tokenizer) {
    let source = try GGUFModel(contentsOf: url)
    // The tokenizer first: it costs nothing beside the parameters.
    let tokenizer = try FileError.naming(url) {
      var tokenizer = try source.file.tokenizer(
        endOfText: Int32(source.configuration.endOfTextToken))
      for key in ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"] {
        if let token = try source.file.integer(key), let id = Int32(exactly: token) {
          tokenizer.stopTokens.insert(id)
        }
      }
      tokenizer.namedTokens = try source.file.namedTokens()
      tokenizer.chatTemplate = try source.file.string("tokenizer.chat_template")
      return tokenizer
    }
    try source.check(source.configuration)
    let model = try Model(source.configuration)
    try source.read(ParameterLayout(source.configuration).entries, into: model.parameters)
    return (model, tokenizer)
  }

  /// Writes a model folder; a model folder that is already at `url` is replaced.
  ///
  /// - Parameters:
  ///   - sideFiles: the small files of the folder that the model descends from; nil for those that
  ///     are made of the tokenizer.
  ///   - card: the text of `README.md`.
  /// - Throws: `FileError` as `ModelFolder.write` does.
  public static func write(
    _ model: Model, tokenizer: Tokenizer, sideFiles: SideFiles? = nil, card: String, to url: URL
  ) throws {
    try ModelFolder.write(
      model.parameters, configuration: model.configuration,
      sideFiles: sideFiles
        ?? SideFiles(tokenizer, contextLength: model.configuration.contextLength),
      card: card, to: url)
  }
}

extension GGUF {
  /// The spellings of the tokens that have a role, by the role's name in `tokenizer_config.json`.
  ///
  /// - Throws: `GGUFError` for a value of another type.
  fileprivate func namedTokens() throws -> [String: String] {
    let tokens = try strings("tokenizer.ggml.tokens") ?? []
    var names: [String: String] = [:]
    for (key, name) in [
      ("bos", "bos_token"), ("eos", "eos_token"), ("unknown", "unk_token"),
      ("padding", "pad_token"),
    ] {
      guard let id = try integer("tokenizer.ggml.\(key)_token_id"), tokens.indices.contains(id)
      else { continue }
      names[name] = tokens[id]
    }
    return names
  }
}
