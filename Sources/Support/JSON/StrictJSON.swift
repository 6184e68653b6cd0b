import Foundation

/// Decodes JSON strictly, and says in one sentence what is wrong with it.
///
/// The text must be UTF-8, nested within bounds, and no object may hold a key twice
/// (`JSONScanner.check`). Only then does Foundation's decoder see it.
package enum StrictJSON {
  /// How a file spells the names of a type's properties.
  package enum Keys {
    /// As the type's coding keys do.
    case asDeclared
    /// In snake_case, where the type has camelCase.
    case snakeCase
  }

  /// What is wrong with a text, and the way out.
  package struct Failure: Error, CustomStringConvertible, Equatable {
    /// A statement about the text ("is not valid JSON …") or about one of its keys
    /// ("stages[0].row_length is missing").
    package let problem: String
    package let hint: String

    package var description: String { "\(problem); \(hint)" }
  }

  /// - Parameter keys: how the text spells the keys of `type`; errors spell them the same way.
  /// - Throws: `Failure`; also what the value's own `init(from:)` throws.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], keys: Keys = .asDeclared
  ) throws -> Value {
    do {
      try JSONScanner.check(bytes)
    } catch {
      throw Failure(problem: "is not valid JSON (\(error))", hint: "the file may be cut short")
    }
    let decoder = JSONDecoder()
    if keys == .snakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      if isUnfitNumber(error), let failure = unfitNumber(type, bytes, decoder) { throw failure }
      throw explain(error, keys)
    }
  }

  private static func explain(_ error: DecodingError, _ keys: Keys) -> Failure {
    switch error {
    case .keyNotFound(let key, let context):
      return Failure(
        problem: "\(name(context.codingPath + [key], keys)) is missing", hint: "add it")
    case .typeMismatch(let type, let context) where context.codingPath.isEmpty,
      .valueNotFound(let type, let context) where context.codingPath.isEmpty:
      return Failure(problem: "is not \(kind(of: type))", hint: "write one")
    case .typeMismatch(let type, let context):
      return Failure(
        problem: "\(name(context.codingPath, keys)) must be \(kind(of: type))", hint: "correct it")
    case .valueNotFound(let type, let context):
      return Failure(
        problem: "\(name(context.codingPath, keys)) is missing or null",
        hint: "it must be \(kind(of: type))")
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      return Failure(problem: "holds a number that does not fit its key", hint: unfitHint)
    case .dataCorrupted(let context):
      return Failure(
        problem: "\(name(context.codingPath, keys)) cannot be read: \(context.debugDescription)",
        hint: "correct it")
    @unknown default:
      return Failure(problem: "cannot be read: \(error)", hint: "correct it")
    }
  }

  /// A type of Swift in words that a reader of the file knows.
  private static func kind(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    default: "\(type)".hasPrefix("Array<") ? "a list" : "a JSON object"
    }
  }

  /// A key's path as the file spells it: `stages[0].row_length`.
  private static func name(_ path: [any CodingKey], _ keys: Keys) -> String {
    path.reduce("") { text, key in
      // A key of a dictionary may be a number too; an index is spelt "Index 3".
      if let index = key.intValue, key.stringValue != String(index) {
        return JSONScanner.path(text, index: index)
      }
      guard keys == .snakeCase else { return JSONScanner.path(text, key: key.stringValue) }
      let spelling = key.stringValue.reduce("") { name, letter in
        letter.isUppercase ? name + "_" + letter.lowercased() : name + String(letter)
      }
      return JSONScanner.path(text, key: spelling)
    }
  }

  private static let unfitHint = "it may have to be whole, not negative or smaller"
  /// Longer texts are not searched for the number that does not fit.
  private static let maxSearchedSize = 64 << 20

  /// Whether a number does not fit the type of its key. Foundation's decoder does not say which.
  private static func isUnfitNumber(_ error: any Error) -> Bool {
    guard case DecodingError.dataCorrupted(let context) = error else { return false }
    return context.codingPath.isEmpty
  }

  /// Finds a number that does not fit the type of its key, in a text that has one: when numbers
  /// are set to 1 from the first on, it is the one after which the decoder's complaint ends.
  private static func unfitNumber<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8], _ decoder: JSONDecoder
  ) -> Failure? {
    guard bytes.count <= maxSearchedSize, let numbers = try? JSONScanner.numbers(bytes) else {
      return nil
    }
    /// Whether the complaint stays with the first `count` numbers set to 1.
    func isUnfit(replacing count: Int) -> Bool {
      var bytes = bytes
      for number in numbers.prefix(count) {
        for place in number.range { bytes[place] = UInt8(ascii: " ") }
        bytes[number.range.lowerBound] = UInt8(ascii: "1")
      }
      do {
        _ = try decoder.decode(type, from: Data(bytes))
        return false
      } catch {
        return isUnfitNumber(error)
      }
    }
    var (unfit, fit) = (0, numbers.count)
    guard !isUnfit(replacing: fit) else { return nil }
    while fit - unfit > 1 {
      let middle = (unfit + fit) / 2
      if isUnfit(replacing: middle) { unfit = middle } else { fit = middle }
    }
    guard unfit < numbers.count else { return nil }
    let number = numbers[unfit]
    let literal = String(decoding: bytes[number.range].prefix(30), as: UTF8.self)
    return Failure(
      problem:
        "\(number.path.isEmpty ? "the number" : number.path) is \(literal), which does not fit",
      hint: unfitHint)
  }
}
