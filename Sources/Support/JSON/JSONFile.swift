import Foundation

/// Reads the JSON files of recipes, runs and studies, whose keys are in snake_case. Errors name the
/// file and the key.
package enum JSONFile {
  /// The most bytes that are read of a file unless the caller gives another limit.
  package static let maxSize = 16 << 20

  /// - Parameter limit: the most bytes that are read.
  /// - Throws: `FileError` naming the file, the key that is wrong, and why.
  package static func read<Value: Decodable>(
    _ type: Value.Type, from url: URL, limit: Int = maxSize
  ) throws -> Value {
    try decode(type, from: InputFile.contents(of: url, limit: limit), of: url)
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], of url: URL
  ) throws -> Value {
    try FileError.naming(url) { try StrictJSON.decode(type, from: bytes, keys: .snakeCase) }
  }

  /// Reads a file that people write: a key that the value does not have is refused, since a
  /// misspelt key would otherwise be ignored without a word.
  ///
  /// - Parameter check: looks at the value before its keys are compared.
  /// - Throws: `FileError`, and what `check` throws.
  package static func read<Value: Codable>(
    _ type: Value.Type, from url: URL, check: (Value) throws -> Void
  ) throws -> Value {
    let bytes = try InputFile.contents(of: url, limit: maxSize)
    let value = try decode(type, from: bytes, of: url)
    try check(value)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let known = try JSONSerialization.jsonObject(with: encoder.encode(value))
    let given = try JSONSerialization.jsonObject(with: Data(bytes))
    if let key = unknownKey(given, known, at: "") {
      throw FileError(url, "\(key) is not known; correct its spelling, or remove it")
    }
    return value
  }

  /// The path of a key that only `given` has; a key whose value is null does not count.
  private static func unknownKey(_ given: Any, _ known: Any, at path: String) -> String? {
    if let given = given as? [String: Any], let known = known as? [String: Any] {
      for (key, value) in given.sorted(by: { $0.key < $1.key }) where !(value is NSNull) {
        let path = JSONScanner.path(path, key: key)
        guard let other = known[key] else { return path }
        if let found = unknownKey(value, other, at: path) { return found }
      }
    } else if let given = given as? [Any], let known = known as? [Any] {
      for (index, pair) in zip(given, known).enumerated() {
        let path = JSONScanner.path(path, index: index)
        if let found = unknownKey(pair.0, pair.1, at: path) { return found }
      }
    }
    return nil
  }
}
