import Foundation

/// Reads files of one JSON object a line, strictly: the first line that is wrong ends the reading, and
/// the error names it.
public enum JSONLines {
  /// Bytes of a file and of one line at most.
  public static let maxFileSize = 1 << 30
  public static let maxLineSize = 16 << 20

  /// What every line makes, in order. Blank lines are passed over, and so are keys that `Line` does
  /// not ask for.
  ///
  /// - Parameter value: makes something of a line; what it throws is told as the line's problem.
  /// - Throws: `LineError`.
  public static func read<Line: Decodable, Value>(
    _ url: URL, as type: Line.Type, _ value: (Line) throws -> Value
  ) throws -> [Value] {
    let decoder = JSONDecoder()
    var rest = try contents(of: url)[...]
    // A byte order mark, as some editors begin files with.
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    var values: [Value] = []
    var number = 0
    while !rest.isEmpty {
      number += 1
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
      guard line.count <= maxLineSize else {
        throw LineError(
          url, line: number,
          "has \(line.count) bytes, more than the \(maxLineSize) that are read of one line; split it"
        )
      }
      do {
        values.append(try value(decode(type, line, decoder)))
      } catch {
        throw LineError(url, line: number, "\(error)")
      }
    }
    return values
  }

  private static func contents(of url: URL) throws -> Data {
    // Links are followed; pipes and devices, which may never end, are not read.
    let path = url.resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
      throw LineError(url, "is missing; check the path")
    }
    let type = attributes[.type] as? FileAttributeType
    guard type == .typeRegular else {
      throw LineError(
        url, type == .typeDirectory ? "is a folder; name a file" : "is not a regular file")
    }
    let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
    guard size <= maxFileSize else {
      throw LineError(
        url, "has \(size) bytes, more than the \(maxFileSize) that are read; split the file")
    }
    guard let data = try? Data(contentsOf: url) else {
      throw LineError(url, "cannot be read; check the permissions")
    }
    return data
  }

  private static func decode<Line: Decodable>(
    _ type: Line.Type, _ line: Data, _ decoder: JSONDecoder
  ) throws -> Line {
    guard String(validating: line, as: UTF8.self) != nil else {
      throw LineProblem("is not UTF-8; save the file in that encoding")
    }
    do {
      try JSONScanner.check([UInt8](line))
    } catch {
      throw LineProblem("is not valid JSON (\(error)); each line has to be one whole object")
    }
    do {
      return try decoder.decode(type, from: line)
    } catch DecodingError.dataCorrupted {
      // JSON it is, so what is left is a number that no key's type holds.
      throw LineProblem("holds a number that is too large")
    } catch DecodingError.keyNotFound(let key, _) {
      throw LineProblem("lacks \"\(key.stringValue)\"")
    } catch DecodingError.typeMismatch(let wanted, let context),
      DecodingError.valueNotFound(let wanted, let context)
    {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
        .joined(separator: ".").replacingOccurrences(of: ".[", with: "[")
      throw LineProblem(
        path.isEmpty
          ? "is no JSON object" : "\"\(path)\" is not what it has to be, \(name(of: wanted))")
    }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Int.Type: "a whole number"
    case is Double.Type, is Float.Type: "a number"
    case is Bool.Type: "true or false"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}

/// What is wrong with a line, for `JSONLines.read` to say where.
public struct LineProblem: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// A file of lines, or one of its lines, that cannot be read: where, what is wrong, and the mend where it
/// is known.
public struct LineError: Error, CustomStringConvertible, Equatable {
  public let path: String
  /// Counted from 1; nil where the whole file is meant.
  public let line: Int?
  public let problem: String

  public init(_ url: URL, line: Int? = nil, _ problem: String) {
    path = url.path
    self.line = line
    self.problem = problem
  }

  /// "docs.jsonl:12: …", or "docs.jsonl: …"
  public var description: String {
    path + (line.map { ":\($0): line " } ?? ": ") + problem
  }
}
