import Support

/// The settings of a model's `config.json`.
///
/// It notes which keys were read, so that none that means something is passed over: see
/// `KnownSettings`.
public final class SettingsReader {
  private let values: [String: JSONValue]
  /// What stands before the names of keys in errors: "rope_scaling.".
  private let path: String
  public private(set) var readKeys: Set<String> = []

  package init(_ values: [(key: String, value: JSONValue)], path: String = "") {
    self.values = Dictionary(values, uniquingKeysWith: { first, _ in first })
    self.path = path
  }

  /// All keys of the file that are not null.
  package var keys: [String] { values.keys.filter { value($0) != nil } }

  /// What a key holds, without noting that it was read; nil if it is missing or null.
  package func value(_ key: String) -> JSONValue? {
    guard let value = values[key] else { return nil }
    if case .null = value { return nil }
    return value
  }

  package func read(_ key: String) -> JSONValue? {
    readKeys.insert(key)
    return value(key)
  }

  /// Notes that a key was read.
  package func skip(_ keys: String...) { readKeys.formUnion(keys) }

  /// The key as errors name it.
  package func name(_ key: String) -> String { path + key }

  private func mismatch(_ key: String, _ kind: String) -> ConfigurationError {
    ConfigurationError("\(name(key)) must be \(kind); correct it")
  }

  // A key that is missing or null is nil; one that holds something else throws
  // `ConfigurationError`.

  package func integer(_ key: String) throws -> Int? {
    switch read(key) {
    case nil: return nil
    case .integer(let number)?: return number
    case .number?:
      throw ConfigurationError("\(name(key)) is too large or not a whole number; correct it")
    default: throw mismatch(key, "a whole number")
    }
  }

  package func number(_ key: String) throws -> Double? {
    switch read(key) {
    case nil: return nil
    case .integer(let number)?: return Double(number)
    case .number(let number)? where number.isFinite: return number
    case .number?: throw ConfigurationError("\(name(key)) is too large; correct it")
    default: throw mismatch(key, "a number")
    }
  }

  package func flag(_ key: String) throws -> Bool? {
    switch read(key) {
    case nil: return nil
    case .boolean(let flag)?: return flag
    default: throw mismatch(key, "true or false")
    }
  }

  package func text(_ key: String) throws -> String? {
    switch read(key) {
    case nil: return nil
    case .string(let text)?: return text
    default: throw mismatch(key, "a string")
    }
  }

  package func texts(_ key: String) throws -> [String]? {
    switch read(key) {
    case nil: return nil
    case .array(let values)?:
      return try values.map {
        guard case .string(let text) = $0 else { throw mismatch(key, "a list of strings") }
        return text
      }
    default: throw mismatch(key, "a list of strings")
    }
  }

  /// The first of one or several whole numbers; nil for none.
  package func firstInteger(_ key: String) throws -> Int? {
    guard case .array(let values)? = value(key) else { return try integer(key) }
    readKeys.insert(key)
    let numbers = try values.map {
      guard case .integer(let number) = $0 else { throw mismatch(key, "a list of whole numbers") }
      return number
    }
    return numbers.first
  }

  /// The settings of an object; nil also for an empty one.
  package func settings(_ key: String) throws -> SettingsReader? {
    switch read(key) {
    case nil: return nil
    case .object(let members)?:
      return members.isEmpty ? nil : SettingsReader(members, path: name(key) + ".")
    default: throw mismatch(key, "a JSON object")
    }
  }

  /// - Throws: `ConfigurationError` naming the key if it is missing.
  package func needed<Value>(_ key: String, _ value: Value?) throws -> Value {
    guard let value else { throw ConfigurationError("\(name(key)) is missing; add it") }
    return value
  }
}
