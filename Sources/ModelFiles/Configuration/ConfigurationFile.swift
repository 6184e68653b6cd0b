import Foundation
import Kernels
import Support
import Transformer

/// `config.json` as transformers writes and reads it, for the families that Recto runs.
///
/// Keys that are missing have the values that transformers gives them, as the family says; the
/// sizes of the model must be there. Every other key is known not to change what the model computes
/// (`KnownSettings`), or the file is refused.
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
    let value: JSONValue
    do {
      value = try JSONValue(parsing: [UInt8](data))
    } catch let failure as StrictJSON.Failure {
      throw ConfigurationError("\(failure)")
    }
    guard case .object(let members) = value else {
      throw ConfigurationError("is not a JSON object; write one")
    }
    let file = SettingsReader(members)
    configuration = try Self.read(file)
    try KnownSettings.refuseOthers(file, Self.family(file))
    try configuration.validate()
  }

  private static func read(_ file: SettingsReader) throws -> Configuration {
    try KnownSettings.refuseQuantized(file)
    let family = try family(file)
    let (format, keys) = (family.format, family.format.keys)
    let hiddenSize = try size(keys.hiddenSize, file)
    let headCount = try size(keys.headCount, file)
    let headSize = try keys.headSize.flatMap { try file.integer($0) } ?? format.headSize
    guard headSize != nil || headCount < 1 || hiddenSize % headCount == 0 else {
      throw ConfigurationError(
        "\(keys.hiddenSize) (\(hiddenSize)) is not a multiple of \(keys.headCount) (\(headCount))"
          + (keys.headSize.map { " and \($0) is missing; add it" } ?? "; correct one of them"))
    }
    let width = try file.integer(keys.intermediateSize)
    let computedWidth = format.feedForwardFactor.map {
      hiddenSize.multipliedReportingOverflow(by: $0)
    }
    var c = Configuration(
      family: family,
      vocabularySize: try size(keys.vocabularySize, file),
      hiddenSize: hiddenSize,
      intermediateSize: try file.needed(
        keys.intermediateSize, width ?? computedWidth?.partialValue),
      layerCount: try size(keys.layerCount, file),
      headCount: headCount,
      keyValueHeadCount: try keys.keyValueHeadCount.flatMap { try file.integer($0) },
      headSize: headSize,
      contextLength: try file.integer(keys.contextLength) ?? format.contextLength,
      normEpsilon: try file.number(keys.normEpsilon) ?? format.normEpsilon,
      tiesEmbeddings: try file.flag("tie_word_embeddings") ?? format.tiesEmbeddings,
      endOfTextToken: try file.firstInteger("eos_token_id") ?? file.firstInteger("bos_token_id")
        ?? format.endOfTextToken)
    let activation = try file.text(keys.activation) ?? format.activation
    guard let function = Activation(named: activation) else {
      throw ConfigurationError(
        "\(keys.activation) is \(quoted(activation)); \(Activation.names) are supported")
    }
    c.activation = function
    try family.readSettings(file, &c)
    return c
  }

  /// A whole number that must be there.
  private static func size(_ key: String, _ file: SettingsReader) throws -> Int {
    try file.needed(key, file.integer(key))
  }

  /// The family by its name in `architectures`, or by `model_type` if no name is given.
  private static func family(_ file: SettingsReader) throws -> ModelFamily {
    let names = ModelFamily.all.map(\.architecture).joined(separator: ", ")
    let type = try file.text("model_type")
    let window: Int? =
      if case .integer(let window)? = file.value("sliding_window") { window } else { nil }
    guard let name = try file.texts("architectures")?.first else {
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

  /// The bytes of the file: keys sorted, one a line.
  public func encoded() throws -> Data {
    let c = configuration
    let (format, keys) = (c.family.format, c.family.format.keys)
    let activation =
      Activation(named: format.activation) == c.activation ? format.activation : c.activation.name
    var members: [(key: String, value: JSONValue)] = [
      ("architectures", [.string(c.family.architecture)]),
      ("model_type", .string(c.family.modelType)),
      (keys.vocabularySize, .integer(c.vocabularySize)), (keys.hiddenSize, .integer(c.hiddenSize)),
      (keys.intermediateSize, .integer(c.intermediateSize)),
      (keys.layerCount, .integer(c.layerCount)), (keys.headCount, .integer(c.headCount)),
      (keys.contextLength, .integer(c.contextLength)),
      (keys.normEpsilon, .number(c.normEpsilon)), (keys.activation, .string(activation)),
      ("tie_word_embeddings", .boolean(c.tiesEmbeddings)),
      ("bos_token_id", .integer(c.endOfTextToken)), ("eos_token_id", .integer(c.endOfTextToken)),
      ("torch_dtype", "float32"), ("use_cache", true), ("initializer_range", 0.02),
    ]
    if let key = keys.keyValueHeadCount { members.append((key, .integer(c.keyValueHeadCount))) }
    if let key = keys.headSize { members.append((key, .integer(c.headSize))) }
    members += KnownSettings.dropouts(of: c.family).map { ($0, 0.0) }
    members += c.family.settings(c)
    let sorted = members.sorted { $0.key < $1.key }
    return Data((JSONValue.object(sorted).text + "\n").utf8)
  }
}
