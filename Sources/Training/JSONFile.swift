import Checkpoints
import Files
import Foundation

/// Reads the JSON files of recipes, runs and studies: keys in snake_case, errors that name file and key.
package enum JSONFile {
  /// - Parameter limit: the bytes of the largest file that is read.
  /// - Throws: `CheckpointError` with the file, the key that is wrong and why.
  package static func read<Value: Decodable>(
    _ type: Value.Type, from url: URL, limit: Int = 16 << 20
  ) throws -> Value {
    let bytes = try InputFile.contents(of: url, limit: limit)
    do {
      try JSONScanner.check(bytes)
    } catch {
      throw CheckpointError(url, "is not valid JSON (\(error)); the file may be cut short")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw CheckpointError(
        url, "holds a number that its setting cannot have: a fraction, negative or too large")
    } catch let error as DecodingError {
      throw CheckpointError(url, explain(error))
    } catch {
      throw CheckpointError(url, "\(error)")
    }
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
