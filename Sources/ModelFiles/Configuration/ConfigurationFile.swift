import Foundation
import Support
import Transformer

/// `config.json` as transformers writes and reads it, for the architectures that Recto runs.
///
/// Keys that are missing have the values that transformers gives them (`configuration_llama.py`,
/// `configuration_qwen2.py`, `configuration_qwen3.py`); the five sizes of the model must be there. Keys that do not change what
/// the model computes are not looked at.
public struct ConfigurationFile: Equatable, Sendable {
  /// The largest file that is read.
  static let maxSize = 1 << 20

  public let configuration: Configuration

  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `ConfigurationError` naming the key and the value that cannot be run.
  public init(data: Data) throws {
    guard data.count <= Self.maxSize else {
      throw ConfigurationError("has \(data.count) bytes; at most \(Self.maxSize) are read")
    }
    do {
      // Foundation's parser is only given what is nested within bounds.
      try JSONScanner.check([UInt8](data))
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let failure as JSONScanner.Failure {
      throw ConfigurationError(
        "is not valid JSON at byte \(failure.position): \(failure.reason)")
    } catch let error as DecodingError {
      throw ConfigurationError(Self.explain(error))
    }
    try configuration.validate()
  }

  /// The bytes of the file: keys sorted, one a line.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  private static func explain(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, _): return "\(key.stringValue) is missing; add it"
    case .valueNotFound(_, let context): return "\(path(context)) is null; give it a value"
    case .typeMismatch(let type, let context):
      return context.codingPath.isEmpty
        ? "is not a JSON object" : "\(path(context)) is not of the type \(type); correct it"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "is not valid JSON: \(context.debugDescription)"
        : "\(path(context)) cannot be read: \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}

extension ConfigurationFile: Codable {
  private enum Key: String, CodingKey {
    case architectures
    case modelType = "model_type"
    case vocabularySize = "vocab_size"
    case hiddenSize = "hidden_size"
    case intermediateSize = "intermediate_size"
    case layerCount = "num_hidden_layers"
    case headCount = "num_attention_heads"
    case keyValueHeadCount = "num_key_value_heads"
    case headSize = "head_dim"
    case contextLength = "max_position_embeddings"
    case ropeTheta = "rope_theta"
    case ropeParameters = "rope_parameters"
    case ropeScaling = "rope_scaling"
    case normEpsilon = "rms_norm_eps"
    case tiesEmbeddings = "tie_word_embeddings"
    case activation = "hidden_act"
    case attentionBias = "attention_bias"
    case feedForwardBias = "mlp_bias"
    case attentionDropout = "attention_dropout"
    case usesSlidingWindow = "use_sliding_window"
    case slidingWindow = "sliding_window"
    case layerTypes = "layer_types"
    case quantization = "quantization_config"
    case beginOfTextToken = "bos_token_id"
    case endOfTextToken = "eos_token_id"
    case type = "torch_dtype"
    case usesCache = "use_cache"
    case initializerRange = "initializer_range"
  }

  /// `rope_parameters` or `rope_scaling`.
  private struct Rope: Codable {
    enum CodingKeys: String, CodingKey {
      case theta = "rope_theta"
      case kind = "rope_type"
      case olderKind = "type"
      case turnedShare = "partial_rotary_factor"
      case fullAttention = "full_attention"
      case factor
      case lowFrequencyFactor = "low_freq_factor"
      case highFrequencyFactor = "high_freq_factor"
      case originalContextLength = "original_max_position_embeddings"
    }

    /// Parameters for one kind of layer: their presence matters, not what they hold.
    struct OneKindOfLayer: Codable {}

    var theta: Double?
    var kind: String?
    var olderKind: String?
    var turnedShare: Double?
    var fullAttention: OneKindOfLayer?
    var factor: Double?
    var lowFrequencyFactor: Double?
    var highFrequencyFactor: Double?
    var originalContextLength: Int?

    init(from decoder: any Decoder) throws {
      let file = try decoder.container(keyedBy: CodingKeys.self)
      theta = try number(Double.self, .theta, file)
      kind = try file.decodeIfPresent(String.self, forKey: .kind)
      olderKind = try file.decodeIfPresent(String.self, forKey: .olderKind)
      turnedShare = try number(Double.self, .turnedShare, file)
      fullAttention = try file.decodeIfPresent(OneKindOfLayer.self, forKey: .fullAttention)
      factor = try number(Double.self, .factor, file)
      lowFrequencyFactor = try number(Double.self, .lowFrequencyFactor, file)
      highFrequencyFactor = try number(Double.self, .highFrequencyFactor, file)
      originalContextLength = try number(Int.self, .originalContextLength, file)
    }

    init(_ scaling: RopeScaling) {
      kind = "llama3"
      factor = scaling.factor
      lowFrequencyFactor = scaling.lowFrequencyFactor
      highFrequencyFactor = scaling.highFrequencyFactor
      originalContextLength = scaling.originalContextLength
    }

    /// What it says beyond the base of the frequencies.
    func scaling(_ key: Key, defaultKind: String) throws -> RopeScaling? {
      let kind = kind ?? olderKind ?? defaultKind
      guard ["default", "llama3"].contains(kind) else {
        throw ConfigurationError(
          "\(key.rawValue) has the type \(quoted(kind)); only \"default\" and \"llama3\" are supported"
        )
      }
      let share = turnedShare ?? 1
      guard share == 1 else {
        throw ConfigurationError(
          "\(key.rawValue).partial_rotary_factor is \(share); only 1 is supported")
      }
      guard fullAttention == nil else {
        throw ConfigurationError(
          "\(key.rawValue) holds \"full_attention\"; only one set for all layers is supported")
      }
      guard kind == "llama3" else { return nil }
      func needed<Value>(_ value: Value?, _ name: CodingKeys) throws -> Value {
        guard let value else {
          throw ConfigurationError("\(key.rawValue).\(name.rawValue) is missing; add it")
        }
        return value
      }
      return RopeScaling(
        factor: try needed(factor, .factor),
        lowFrequencyFactor: try needed(lowFrequencyFactor, .lowFrequencyFactor),
        highFrequencyFactor: try needed(highFrequencyFactor, .highFrequencyFactor),
        originalContextLength: try needed(originalContextLength, .originalContextLength))
    }
  }

  /// `eos_token_id`: one token, or several of which the first counts.
  private struct Tokens: Decodable {
    let first: Int?

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let token = try? container.decode(Int.self) {
        first = token
      } else {
        first = try container.decode([Int].self).first
      }
    }
  }

  /// - Throws: `ConfigurationError` for what cannot be run, `DecodingError` for what has not the type
  ///   it should.
  public init(from decoder: any Decoder) throws {
    let file = try decoder.container(keyedBy: Key.self)
    let architecture = try Self.architecture(file)
    try Self.refuseUnsupported(file, architecture)
    _ = try ForeignSettings(from: decoder)
    let rope = try file.decodeIfPresent(Rope.self, forKey: .ropeParameters)
    let scaling =
      try rope?.scaling(.ropeParameters, defaultKind: "default")
      ?? file.decodeIfPresent(Rope.self, forKey: .ropeScaling)?
      .scaling(.ropeScaling, defaultKind: "missing")
    let hiddenSize = try Self.size(.hiddenSize, file)
    let headCount = try Self.size(.headCount, file)
    let headSize =
      try Self.number(Int.self, .headSize, file) ?? (architecture == .qwen3 ? 128 : nil)
    guard headSize != nil || headCount < 1 || hiddenSize % headCount == 0 else {
      throw ConfigurationError(
        "hidden_size (\(hiddenSize)) is not a multiple of num_attention_heads (\(headCount)) and "
          + "head_dim is missing; add it")
    }
    configuration = Configuration(
      architecture: architecture,
      vocabularySize: try Self.size(.vocabularySize, file),
      hiddenSize: hiddenSize,
      intermediateSize: try Self.size(.intermediateSize, file),
      layerCount: try Self.size(.layerCount, file),
      headCount: headCount,
      keyValueHeadCount: try Self.number(Int.self, .keyValueHeadCount, file),
      headSize: headSize,
      contextLength: try Self.number(Int.self, .contextLength, file)
        ?? (architecture == .llama ? 2048 : 32768),
      ropeTheta: try rope?.theta
        ?? Self.number(Double.self, .ropeTheta, file) ?? 10_000,
      ropeScaling: scaling,
      normEpsilon: try Self.number(Double.self, .normEpsilon, file) ?? 1e-6,
      tiesEmbeddings: try file.decodeIfPresent(Bool.self, forKey: .tiesEmbeddings) ?? false,
      endOfTextToken: try file.decodeIfPresent(Tokens.self, forKey: .endOfTextToken)?.first
        ?? Self.number(Int.self, .beginOfTextToken, file)
        ?? (architecture == .llama ? 2 : 0))
  }

  /// A number that may be missing.
  ///
  /// - Throws: `ConfigurationError` naming the key: where a number does not fit the type, Foundation's
  ///   own error, which is no `DecodingError` here, would say that all of the file is not valid.
  private static func number<Number: Decodable, Name: CodingKey>(
    _ type: Number.Type, _ key: Name, _ file: KeyedDecodingContainer<Name>
  ) throws -> Number? {
    do {
      return try file.decodeIfPresent(type, forKey: key)
    } catch let error as DecodingError {
      throw error
    } catch {
      throw ConfigurationError(
        "\(key.stringValue) is too large or not \(type == Int.self ? "a whole" : "a") number; correct it"
      )
    }
  }

  /// A whole number that must be there.
  private static func size(_ key: Key, _ file: KeyedDecodingContainer<Key>) throws -> Int {
    guard let value = try number(Int.self, key, file) else {
      throw ConfigurationError("\(key.rawValue) is missing; add it")
    }
    return value
  }

  /// The architecture by its name, or by the model's type where no name is given.
  private static func architecture(
    _ file: KeyedDecodingContainer<Key>
  ) throws -> Configuration.Architecture {
    let supported = Configuration.Architecture.allCases
    let names = supported.map(\.rawValue).joined(separator: ", ")
    let type = try file.decodeIfPresent(String.self, forKey: .modelType)
    let window = try number(Int.self, .slidingWindow, file)
    guard let name = try file.decodeIfPresent([String].self, forKey: .architectures)?.first else {
      guard let found = supported.first(where: { $0.modelType == type }) else {
        throw ConfigurationError(
          "architectures is missing and model_type is \(quoted(type ?? "missing"))"
            + UnsupportedModels.explanation(of: type ?? "", slidingWindow: window)
            + "; supported are "
            + names)
      }
      return found
    }
    guard let architecture = Configuration.Architecture(rawValue: name) else {
      throw ConfigurationError(
        "architectures names \(quoted(name))"
          + UnsupportedModels.explanation(of: name, slidingWindow: window)
          + ", which is not supported; supported are \(names)")
    }
    guard type == nil || type == architecture.modelType else {
      throw ConfigurationError(
        "model_type is \(quoted(type ?? "")), but architectures names \(name); correct one of them")
    }
    return architecture
  }

  /// Refuses what changes the computation into one that Recto does not do.
  private static func refuseUnsupported(
    _ file: KeyedDecodingContainer<Key>, _ architecture: Configuration.Architecture
  ) throws {
    let activation = try file.decodeIfPresent(String.self, forKey: .activation) ?? "silu"
    guard activation == "silu" else {
      throw ConfigurationError("hidden_act is \(quoted(activation)); only \"silu\" is supported")
    }
    for (key, feature) in [
      (Key.attentionBias, "biases of attention, other than Qwen2ForCausalLM's own,"),
      (.feedForwardBias, "biases of the feed-forward layers"),
      (.usesSlidingWindow, "sliding windows of attention"),
    ] where try file.decodeIfPresent(Bool.self, forKey: key) == true {
      throw ConfigurationError(
        "\(key.rawValue) is true, but \(feature) are not supported; only false is")
    }
    // In Qwen's files the window only counts where it is said to be used.
    let window = try number(Int.self, .slidingWindow, file)
    let context = try number(Int.self, .contextLength, file) ?? 2048
    if architecture == .llama, let window, window < context {
      throw ConfigurationError(
        "sliding_window is \(window) (mistral sliding window); only attention to all tokens before is "
          + "supported, which is null")
    }
    let types = try file.decodeIfPresent([String].self, forKey: .layerTypes) ?? []
    if let type = types.first(where: { $0 != "full_attention" }) {
      throw ConfigurationError(
        "layer_types holds \(quoted(type)); only \"full_attention\" is supported")
    }
    if file.contains(.quantization), try !file.decodeNil(forKey: .quantization) {
      throw ConfigurationError(
        "quantization_config is set; only models that are not quantized are supported")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var file = encoder.container(keyedBy: Key.self)
    let c = configuration
    try file.encode([c.architecture.rawValue], forKey: .architectures)
    try file.encode(c.architecture.modelType, forKey: .modelType)
    try file.encode(c.vocabularySize, forKey: .vocabularySize)
    try file.encode(c.hiddenSize, forKey: .hiddenSize)
    try file.encode(c.intermediateSize, forKey: .intermediateSize)
    try file.encode(c.layerCount, forKey: .layerCount)
    try file.encode(c.headCount, forKey: .headCount)
    try file.encode(c.keyValueHeadCount, forKey: .keyValueHeadCount)
    try file.encode(c.headSize, forKey: .headSize)
    try file.encode(c.contextLength, forKey: .contextLength)
    try file.encode(c.ropeTheta, forKey: .ropeTheta)
    if let scaling = c.ropeScaling { try file.encode(Rope(scaling), forKey: .ropeScaling) }
    try file.encode(c.normEpsilon, forKey: .normEpsilon)
    try file.encode(c.tiesEmbeddings, forKey: .tiesEmbeddings)
    try file.encode("silu", forKey: .activation)
    try file.encode(false, forKey: .attentionBias)
    try file.encode(0.0, forKey: .attentionDropout)
    try file.encode(c.endOfTextToken, forKey: .beginOfTextToken)
    try file.encode(c.endOfTextToken, forKey: .endOfTextToken)
    try file.encode("float32", forKey: .type)
    try file.encode(true, forKey: .usesCache)
    try file.encode(0.02, forKey: .initializerRange)
    if c.architecture == .llama { try file.encode(false, forKey: .feedForwardBias) }
    if c.architecture != .llama { try file.encode(false, forKey: .usesSlidingWindow) }
  }
}
