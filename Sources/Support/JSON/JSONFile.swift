import Foundation

/// Reads the JSON files of recipes, runs and studies: keys in snake_case, errors that name file and key.
package enum JSONFile {
  /// Bytes of the largest file that is read where nothing else is said.
  package static let largest = 16 << 20

  /// - Parameter limit: the bytes of the largest file that is read.
  /// - Throws: `FileError` with the file, the key that is wrong and why.
  package static func read<Value: Decodable>(
    _ type: Value.Type, from url: URL, limit: Int = largest
  ) throws -> Value {
    try decode(type, from: data(of: url, limit: limit), of: url)
  }

  /// The file's bytes, which are JSON.
  private static func data(of url: URL, limit: Int = largest) throws -> Data {
    let bytes = try InputFile.contents(of: url, limit: limit)
    do {
      try JSONScanner.check(bytes)
    } catch {
      throw FileError(url, "is not valid JSON (\(error)); the file may be cut short")
    }
    return Data(bytes)
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data, of url: URL
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: data)
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw FileError(
        url, "holds a number that its setting cannot have: a fraction, negative or too large")
    } catch let error as DecodingError {
      throw FileError(url, explain(error))
    } catch {
      throw FileError(url, "\(error)")
    }
  }

  /// The same for a file that people write: a misspelt key would count for nothing, so one that the value does not have
  /// is refused.
  ///
  /// - Parameter check: looks at what was read before its keys are.
  /// - Throws: also what `check` throws.
  package static func read<Value: Codable>(
    _ type: Value.Type, from url: URL, check: (Value) throws -> Void
  ) throws -> Value {
    let data = try data(of: url)
    let value = try decode(type, from: data, of: url)
    try check(value)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let known = try JSONSerialization.jsonObject(with: encoder.encode(value))
    let given = try JSONSerialization.jsonObject(with: data)
    if let key = unknownKey(given, known, at: "") {
      throw FileError(url, "\(quoted(key)) is not known; correct its spelling, or remove it")
    }
    return value
  }

  /// Where a key stands that only the first has; null counts for none.
  private static func unknownKey(_ given: Any, _ known: Any, at place: String) -> String? {
    if let given = given as? [String: Any], let known = known as? [String: Any] {
      for (key, value) in given.sorted(by: { $0.key < $1.key }) where !(value is NSNull) {
        let place = place.isEmpty ? key : place + "." + key
        guard let other = known[key] else { return place }
        if let found = unknownKey(value, other, at: place) { return found }
      }
    } else if let given = given as? [Any], let known = known as? [Any] {
      for (index, pair) in zip(given, known).enumerated() {
        if let found = unknownKey(pair.0, pair.1, at: place + "[\(index)]") { return found }
      }
    }
    return nil
  }

  private static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "\(name(context.codingPath + [key])) is missing; add it"
    case .valueNotFound(_, let context):
      "\(name(context.codingPath)) is null; give it a value"
    case .typeMismatch(let type, let context):
      "\(name(context.codingPath)) is not of the type \(type); correct it"
    case .dataCorrupted(let context):
      "\(name(context.codingPath)) cannot be read: \(context.debugDescription)"
    @unknown default:
      "\(error)"
    }
  }

  /// A key as the file spells it: `stages[0].row_length`.
  private static func name(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the whole" }
    return path.reduce("") { text, key in
      if let index = key.intValue { return text + "[\(index)]" }
      let key = key.stringValue.reduce("") { name, letter in
        letter.isUppercase ? name + "_" + letter.lowercased() : name + String(letter)
      }
      return text.isEmpty ? key : text + "." + key
    }
  }
}
