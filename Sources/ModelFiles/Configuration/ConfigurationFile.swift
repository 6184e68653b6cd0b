import Foundation
import Support
import Transformer

/// `config.json` as transformers writes and reads it, for the families that Recto runs.
///
/// Keys that are missing have the values that transformers gives them, as the family's
/// `ConfigurationFormat` says; the five sizes of the model must be there. Keys that do not change
/// what the model computes are ignored.
public struct ConfigurationFile: Equatable, Sendable {
  /// The largest file that is read, in bytes.
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
      self = try StrictJSON.decode(Self.self, from: [UInt8](data))
    } catch let failure as StrictJSON.Failure {
      throw ConfigurationError("\(failure)")
    }
    try configuration.validate()
  }

  /// The bytes of the file: keys sorted, one a line.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

extension ConfigurationFile: Codable {
  /// A key of the file; those that differ between families are in `ConfigurationFormat.Keys`.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(_ name: String) { stringValue = name }

    static let architectures = Key("architectures")
    static let modelType = Key("model_type")
    static let ropeTheta = Key("rope_theta")
    static let ropeParameters = Key("rope_parameters")
    static let ropeScaling = Key("rope_scaling")
    static let tiesEmbeddings = Key("tie_word_embeddings")
    static let attentionBias = Key("attention_bias")
    static let feedForwardBias = Key("mlp_bias")
    static let attentionDropout = Key("attention_dropout")
    static let usesSlidingWindow = Key("use_sliding_window")
    static let slidingWindow = Key("sliding_window")
    static let layerTypes = Key("layer_types")
    static let quantization = Key("quantization_config")
    static let beginOfTextToken = Key("bos_token_id")
    static let endOfTextToken = Key("eos_token_id")
    static let type = Key("torch_dtype")
    static let usesCache = Key("use_cache")
    static let initializerRange = Key("initializer_range")
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

    /// The scaling of the frequencies; nil for none.
    func scaling(_ key: Key, defaultKind: String) throws -> RopeScaling? {
      let kind = kind ?? olderKind ?? defaultKind
      guard ["default", "llama3"].contains(kind) else {
        throw ConfigurationError(
          "\(key.stringValue) has the type \(quoted(kind)); only \"default\" and \"llama3\" are "
            + "supported")
      }
      let share = turnedShare ?? 1
      guard share == 1 else {
        throw ConfigurationError(
          "\(key.stringValue).partial_rotary_factor is \(share); only 1 is supported")
      }
      guard fullAttention == nil else {
        throw ConfigurationError(
          "\(key.stringValue) holds \"full_attention\"; only one set for all layers is supported")
      }
      guard kind == "llama3" else { return nil }
      func needed<Value>(_ value: Value?, _ name: CodingKeys) throws -> Value {
        guard let value else {
          throw ConfigurationError("\(key.stringValue).\(name.rawValue) is missing; add it")
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

  /// - Throws: `ConfigurationError` for a model that cannot be run, `DecodingError` for a value of
  ///   another type than it should have.
  public init(from decoder: any Decoder) throws {
    let file = try decoder.container(keyedBy: Key.self)
    let family = try Self.family(file)
    try Self.refuseUnsupported(file, family.format)
    _ = try ForeignSettings(from: decoder)
    let rope = try file.decodeIfPresent(Rope.self, forKey: .ropeParameters)
    let scaling =
      try rope?.scaling(.ropeParameters, defaultKind: "default")
      ?? file.decodeIfPresent(Rope.self, forKey: .ropeScaling)?
      .scaling(.ropeScaling, defaultKind: "missing")
    let (format, keys) = (family.format, family.format.keys)
    let hiddenSize = try Self.size(keys.hiddenSize, file)
    let headCount = try Self.size(keys.headCount, file)
    let headSize = try Self.number(Int.self, Key(keys.headSize), file) ?? format.headSize
    guard headSize != nil || headCount < 1 || hiddenSize % headCount == 0 else {
      throw ConfigurationError(
        "\(keys.hiddenSize) (\(hiddenSize)) is not a multiple of \(keys.headCount) (\(headCount)) "
          + "and \(keys.headSize) is missing; add it")
    }
    configuration = Configuration(
      family: family,
      vocabularySize: try Self.size(keys.vocabularySize, file),
      hiddenSize: hiddenSize,
      intermediateSize: try Self.size(keys.intermediateSize, file),
      layerCount: try Self.size(keys.layerCount, file),
      headCount: headCount,
      keyValueHeadCount: try Self.number(Int.self, Key(keys.keyValueHeadCount), file),
      headSize: headSize,
      contextLength: try Self.number(Int.self, Key(keys.contextLength), file)
        ?? format.contextLength,
      ropeTheta: try rope?.theta
        ?? Self.number(Double.self, .ropeTheta, file) ?? 10_000,
      ropeScaling: scaling,
      normEpsilon: try Self.number(Double.self, Key(keys.normEpsilon), file)
        ?? format.normEpsilon,
      tiesEmbeddings: try file.decodeIfPresent(Bool.self, forKey: .tiesEmbeddings) ?? false,
      endOfTextToken: try file.decodeIfPresent(Tokens.self, forKey: .endOfTextToken)?.first
        ?? Self.number(Int.self, .beginOfTextToken, file) ?? format.endOfTextToken)
  }

  /// A number that may be missing.
  ///
  /// - Throws: `ConfigurationError` naming the key, if the number does not fit the type: the error
  ///   that Foundation throws then is no `DecodingError` and names no key.
  private static func number<Number: Decodable, Name: CodingKey>(
    _ type: Number.Type, _ key: Name, _ file: KeyedDecodingContainer<Name>
  ) throws -> Number? {
    do {
      return try file.decodeIfPresent(type, forKey: key)
    } catch let error as DecodingError {
      throw error
    } catch {
      throw ConfigurationError(
        "\(key.stringValue) is too large or not \(type == Int.self ? "a whole" : "a") number; "
          + "correct it")
    }
  }

  /// A whole number that must be there.
  private static func size(_ key: String, _ file: KeyedDecodingContainer<Key>) throws -> Int {
    guard let value = try number(Int.self, Key(key), file) else {
      throw ConfigurationError("\(key) is missing; add it")
    }
    return value
  }

  /// The family by its name in `architectures`, or by `model_type` if no name is given.
  private static func family(_ file: KeyedDecodingContainer<Key>) throws -> ModelFamily {
    let names = ModelFamily.all.map(\.architecture).joined(separator: ", ")
    let type = try file.decodeIfPresent(String.self, forKey: .modelType)
    let window = try number(Int.self, .slidingWindow, file)
    guard let name = try file.decodeIfPresent([String].self, forKey: .architectures)?.first else {
      guard let found = ModelFamily.all.first(where: { $0.modelType == type }) else {
        throw ConfigurationError(
          "architectures is missing and model_type is \(quoted(type ?? "missing"))"
            + UnsupportedModels.explanation(of: type ?? "", slidingWindow: window)
            + "; supported are "
            + names)
      }
      return found
    }
    guard let family = ModelFamily.named(name) else {
      throw ConfigurationError(
        "architectures names \(quoted(name))"
          + UnsupportedModels.explanation(of: name, slidingWindow: window)
          + ", which is not supported; supported are \(names)")
    }
    guard type == nil || type == family.modelType else {
      throw ConfigurationError(
        "model_type is \(quoted(type ?? "")), but architectures names \(name); correct one of them")
    }
    return family
  }

  /// Refuses settings that change the computation into one that Recto does not do.
  private static func refuseUnsupported(
    _ file: KeyedDecodingContainer<Key>, _ format: ConfigurationFormat
  ) throws {
    let keys = format.keys
    let activation =
      try file.decodeIfPresent(String.self, forKey: Key(keys.activation)) ?? format.activation
    guard activation == format.activation else {
      throw ConfigurationError(
        "\(keys.activation) is \(quoted(activation)); only \(quoted(format.activation)) is "
          + "supported")
    }
    for (key, feature) in [
      (Key.attentionBias, "biases of attention, other than Qwen2ForCausalLM's own,"),
      (.feedForwardBias, "biases of the feed-forward layers"),
      (.usesSlidingWindow, "sliding windows of attention"),
    ] where try file.decodeIfPresent(Bool.self, forKey: key) == true {
      throw ConfigurationError(
        "\(key.stringValue) is true, but \(feature) are not supported; only false is")
    }
    let window = try number(Int.self, .slidingWindow, file)
    let context = try number(Int.self, Key(keys.contextLength), file) ?? format.contextLength
    if format.usesAnySlidingWindow, let window, window < context {
      throw ConfigurationError(
        "sliding_window is \(window) (mistral sliding window); only attention to all tokens before "
          + "is supported, which is null")
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
    let (format, keys) = (c.family.format, c.family.format.keys)
    try file.encode([c.family.architecture], forKey: .architectures)
    try file.encode(c.family.modelType, forKey: .modelType)
    for (key, size) in [
      (keys.vocabularySize, c.vocabularySize), (keys.hiddenSize, c.hiddenSize),
      (keys.intermediateSize, c.intermediateSize), (keys.layerCount, c.layerCount),
      (keys.headCount, c.headCount), (keys.keyValueHeadCount, c.keyValueHeadCount),
      (keys.headSize, c.headSize), (keys.contextLength, c.contextLength),
    ] {
      try file.encode(size, forKey: Key(key))
    }
    try file.encode(c.ropeTheta, forKey: .ropeTheta)
    if let scaling = c.ropeScaling { try file.encode(Rope(scaling), forKey: .ropeScaling) }
    try file.encode(c.normEpsilon, forKey: Key(keys.normEpsilon))
    try file.encode(c.tiesEmbeddings, forKey: .tiesEmbeddings)
    try file.encode(format.activation, forKey: Key(keys.activation))
    try file.encode(false, forKey: .attentionBias)
    try file.encode(0.0, forKey: .attentionDropout)
    try file.encode(c.endOfTextToken, forKey: .beginOfTextToken)
    try file.encode(c.endOfTextToken, forKey: .endOfTextToken)
    try file.encode("float32", forKey: .type)
    try file.encode(true, forKey: .usesCache)
    try file.encode(0.02, forKey: .initializerRange)
    for key in format.absentFeatures { try file.encode(false, forKey: Key(key)) }
  }
}
