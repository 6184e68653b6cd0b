import Checkpoints
import Foundation

/// Reads the JSON files of recipes and runs: keys in snake_case, errors that name file and key.
enum JSONFile {
  /// - Throws: `CheckpointError` with the file, the key that is wrong and why.
  static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    var isFolder = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw CheckpointError(url, "is missing; check the path")
    }
    guard !isFolder.boolValue else {
      throw CheckpointError(url, "is a folder; name a JSON file")
    }
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw CheckpointError(url, "cannot be read; check the permissions")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: data)
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      // Foundation says the same of broken JSON and of a number that does not fit.
      let isJSON = (try? JSONSerialization.jsonObject(with: data)) != nil
      throw CheckpointError(
        url,
        isJSON
          ? "holds a number that its setting cannot have: a fraction, negative or too large"
          : "is not valid JSON; the file may be cut short")
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
