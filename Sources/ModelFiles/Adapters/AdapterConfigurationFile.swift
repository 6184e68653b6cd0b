import Foundation
import Support
import Transformer

/// PEFT's `adapter_config.json`: what it says of each matrix. Every key that changes what the
/// adapter computes is read or refused by name.
struct AdapterConfigurationFile {
  /// The largest file that is read, in bytes.
  static let maxSize = 1 << 20

  /// A pattern of names, as the file spells it, and what holds for the matrices that match.
  private struct Exception<Value: Sendable>: Sendable {
    let name: String
    let pattern: NamePattern
    let value: Value
  }

  /// `target_modules` or `exclude_modules`.
  private enum Modules: Sendable {
    case pattern(NamePattern)
    case names([String])
    case allLinear
    /// The key is missing or null.
    case unsaid
  }

  private let rank: Int
  private let alpha: Float
  /// Whether the file has `use_rslora`.
  let isRankStabilized: Bool
  private let ranks: [Exception<Int>]
  private let alphas: [Exception<Float>]
  private let targets: Modules
  private let excluded: Modules
  /// The numbers of the layers that are changed; nil for all.
  private let layers: Set<Int>?
  private let layerPatterns: [NamePattern]

  /// Reads the bytes of a file.
  ///
  /// - Throws: `ConfigurationError` naming the key that is wrong or not supported.
  init(data: Data) throws {
    let members: [(key: String, value: JSONValue)]
    do {
      guard case .object(let found) = try JSONValue(parsing: [UInt8](data)) else {
        throw ConfigurationError("is not a JSON object; write one")
      }
      members = found
    } catch let failure as StrictJSON.Failure {
      throw ConfigurationError("\(failure)")
    }
    try Self.refuseUnsupported(members)
    let file = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
    rank = try Self.integer("r", file["r"] ?? 8)
    alpha = try Self.number("lora_alpha", file["lora_alpha"] ?? 8)
    isRankStabilized = try Self.boolean("use_rslora", file["use_rslora"] ?? false)
    ranks = try Self.exceptions("rank_pattern", file["rank_pattern"], Self.integer)
    alphas = try Self.exceptions("alpha_pattern", file["alpha_pattern"], Self.number)
    targets = try Self.modules("target_modules", file["target_modules"])
    excluded = try Self.modules("exclude_modules", file["exclude_modules"])
    let numbers = try Self.list("layers_to_transform", file["layers_to_transform"], Self.integer)
    layers = numbers.isEmpty ? nil : Set(numbers)
    layerPatterns = try Self.list("layers_pattern", file["layers_pattern"]) { key, value in
      try NamePattern(try Self.string(key, value))
    }
  }

  // MARK: What a matrix is

  /// The rank of a matrix, by the name of its module.
  func rank(of module: String) throws -> Int { try Self.value(for: module, ranks) ?? rank }

  func alpha(of module: String) throws -> Float { try Self.value(for: module, alphas) ?? alpha }

  /// The first pattern that matches decides, as in PEFT's `get_pattern_key`.
  private static func value<Value>(
    for module: String, _ exceptions: [Exception<Value>]
  ) throws -> Value? {
    try exceptions.first { try $0.pattern.matchesEnd(module) }?.value
      ?? exceptions.first { $0.name == module }?.value
  }

  /// Whether PEFT would change a module of this name (`check_target_module_exists`); nil where the
  /// file does not say which are changed.
  func targets(_ module: String) throws -> Bool? {
    switch excluded {
    case .unsaid, .allLinear: break
    case .pattern(let pattern): if try pattern.matchesWhole(module) { return false }
    case .names(let names): if Self.contains(names, module) { return false }
    }
    switch targets {
    case .unsaid: return nil
    case .allLinear: return true
    case .pattern(let pattern): return try pattern.matchesWhole(module)
    case .names(let names):
      // A whole name counts in every layer.
      if names.contains(module) { return true }
      guard Self.contains(names, module) else { return false }
      guard let layers else { return true }
      return try layer(of: module).map(layers.contains) ?? false
    }
  }

  private static func contains(_ names: [String], _ module: String) -> Bool {
    names.contains { module == $0 || module.hasSuffix("." + $0) }
  }

  /// The number of the layer in a module's name: "model.layers.7.mlp.up_proj".
  private func layer(of module: String) throws -> Int? {
    let parts = module.split(separator: ".", omittingEmptySubsequences: false)
    for index in parts.indices.dropFirst().dropLast() {
      guard let number = Int(parts[index]), number >= 0 else { continue }
      if layerPatterns.isEmpty {
        if index >= 2 { return number }
        continue
      }
      let list = parts[..<index].joined(separator: ".")
      if try layerPatterns.contains(where: { try $0.matchesEnd(list) }) { return number }
    }
    return nil
  }

  // MARK: Keys

  /// Keys that are read.
  private static let read: Set = [
    "r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern", "target_modules",
    "exclude_modules", "layers_to_transform", "layers_pattern",
  ]

  /// Keys that do not change what a trained adapter computes: notes, settings of training, and
  /// settings of features that have a key of their own.
  private static let meaningless: Set = [
    "auto_mapping", "base_model_name_or_path", "revision", "peft_version", "inference_mode",
    "lora_dropout", "merge_weights", "fan_in_fan_out", "megatron_core", "qalora_group_size",
    "loftq_config", "eva_config", "corda_config", "lora_ga_config", "runtime_config",
    "ensure_weight_tying",
  ]

  /// Values of `init_lora_weights` with which PEFT leaves the model's own weights as they are: it
  /// draws or computes A and B alone. With all others ("pissa", "olora", "corda", "loftq",
  /// "lora_ga", …) the adapter was trained beside changed weights.
  private static let plainInitializations: Set = ["gaussian", "orthogonal", "eva", "mica"]

  private static func refuseUnsupported(_ members: [(key: String, value: JSONValue)]) throws {
    for (key, value) in members where !read.contains(key) && !meaningless.contains(key) {
      let isNeutral =
        switch (key, value) {
        case ("peft_type", .string(let name)): name == "LORA"
        case ("task_type", .string(let name)): name == "CAUSAL_LM"
        case ("bias", .string(let name)): name == "none"
        case ("init_lora_weights", .boolean): true
        case ("init_lora_weights", .string(let name)):
          plainInitializations.contains(name.lowercased())
        case ("peft_type", _): false
        default: isEmpty(value)
        }
      guard isNeutral else { throw refusal(key, value) }
    }
  }

  /// Whether a value says that a feature is not used.
  private static func isEmpty(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .boolean(false): true
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }

  private static func refusal(_ key: String, _ value: JSONValue) -> ConfigurationError {
    let text = value.line
    let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
    return ConfigurationError(
      "\(quoted(key)) is \(shown), which is not supported; merge the adapter into its model with "
        + "PEFT's merge_and_unload, and use the merged model")
  }

  // MARK: Values

  private static func wrong(_ key: String, _ expected: String) -> ConfigurationError {
    ConfigurationError("\(key) must be \(expected); correct it")
  }

  private static func integer(_ key: String, _ value: JSONValue) throws -> Int {
    switch value {
    case .integer(let number): return number
    case .number(let number):
      if let whole = Int(exactly: number) { return whole }
      fallthrough
    default: throw wrong(key, "a whole number")
    }
  }

  private static func number(_ key: String, _ value: JSONValue) throws -> Float {
    let number: Double
    switch value {
    case .integer(let integer): number = Double(integer)
    case .number(let found): number = found
    default: throw wrong(key, "a number")
    }
    guard Float(number).isFinite else { throw wrong(key, "a finite number") }
    return Float(number)
  }

  private static func boolean(_ key: String, _ value: JSONValue) throws -> Bool {
    switch value {
    case .boolean(let flag): return flag
    case .null: return false
    default: throw wrong(key, "true or false")
    }
  }

  private static func string(_ key: String, _ value: JSONValue) throws -> String {
    guard case .string(let text) = value else { throw wrong(key, "a text or a list of texts") }
    return text
  }

  /// A list, or the one element that stands in its place.
  private static func list<Value>(
    _ key: String, _ value: JSONValue?, _ element: (String, JSONValue) throws -> Value
  ) throws -> [Value] {
    switch value {
    case nil, .null?: []
    case .array(let elements)?: try elements.map { try element(key, $0) }
    case .string("")?: []
    case let one?: [try element(key, one)]
    }
  }

  private static func modules(_ key: String, _ value: JSONValue?) throws -> Modules {
    switch value {
    case .string("all-linear")?: .allLinear
    case .string(let expression)? where !expression.isEmpty: .pattern(try NamePattern(expression))
    case .array?: .names(try list(key, value, string))
    case nil, .null?, .string?: .unsaid
    default: throw wrong(key, "a text or a list of texts")
    }
  }

  private static func exceptions<Value>(
    _ key: String, _ value: JSONValue?, _ read: (String, JSONValue) throws -> Value
  ) throws -> [Exception<Value>] {
    switch value {
    case nil, .null?: return []
    case .object(let members)?:
      return try members.map { name, value in
        Exception(
          name: name, pattern: try NamePattern(name),
          value: try read(JSONScanner.path(key, key: name), value))
      }
    default: throw wrong(key, "an object from names to numbers")
    }
  }
}

extension AdapterConfigurationFile {
  /// The keys that are written.
  private struct Written: Encodable {
    var peftType = "LORA"
    var taskType = "CAUSAL_LM"
    var baseModelNameOrPath: String
    var r: Int
    var loraAlpha: Float
    var loraDropout: Float = 0
    var targetModules: [String]
    var bias = "none"
    /// Whether the model stores its matrices transposed.
    var fanInFanOut: Bool
    var inferenceMode = true
    var useRslora: Bool
    var useDora = false
    var rankPattern: [String: Int]?
    var alphaPattern: [String: Float]?

    enum CodingKeys: String, CodingKey {
      case r, bias
      case peftType = "peft_type"
      case taskType = "task_type"
      case baseModelNameOrPath = "base_model_name_or_path"
      case loraAlpha = "lora_alpha"
      case loraDropout = "lora_dropout"
      case targetModules = "target_modules"
      case fanInFanOut = "fan_in_fan_out"
      case inferenceMode = "inference_mode"
      case useRslora = "use_rslora"
      case useDora = "use_dora"
      case rankPattern = "rank_pattern"
      case alphaPattern = "alpha_pattern"
    }
  }

  /// The bytes of the file that describes an adapter.
  ///
  /// - Parameter base: the name of the model that it changes.
  static func encoded(_ adapter: Adapter, base: String) throws -> Data {
    let settings = adapter.settings
    let (rank, alpha) = settings.targets.first.map { ($0.rank, $0.alpha) } ?? (1, 1)
    let ranks = settings.targets.filter { $0.rank != rank }.map { ($0.matrix, $0.rank) }
    let alphas = settings.targets.filter { $0.alpha != alpha }.map { ($0.matrix, $0.alpha) }
    let file = Written(
      baseModelNameOrPath: base, r: rank, loraAlpha: alpha, targetModules: adapter.moduleNames,
      fanInFanOut: adapter.changesTransposedMatrices, useRslora: settings.isRankStabilized,
      rankPattern: ranks.isEmpty ? nil : Dictionary(uniqueKeysWithValues: ranks),
      alphaPattern: alphas.isEmpty ? nil : Dictionary(uniqueKeysWithValues: alphas))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(file) + Data("\n".utf8)
  }
}
