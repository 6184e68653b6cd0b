import Foundation

/// Reads files of one JSON object a line, strictly: the first line that is wrong ends the reading,
/// and the error names it.
public enum JSONLines {
  /// The most bytes that are read of a file.
  public static let maxFileSize = 1 << 30
  /// The most bytes that are read of a line.
  public static let maxLineSize = 16 << 20

  /// The values of the lines, in order. Blank lines are skipped, and so are keys that `Line` does
  /// not ask for.
  ///
  /// - Parameter value: makes a value of a line; what it throws becomes the line's problem.
  /// - Throws: `LineError`.
  public static func read<Line: Decodable, Value>(
    _ url: URL, as type: Line.Type, _ value: (Line) throws -> Value
  ) throws -> [Value] {
    var rest = try contents(of: url)[...]
    // Some editors begin a file with a byte order mark.
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    var values: [Value] = []
    var number = 0
    while !rest.isEmpty {
      number += 1
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
      do {
        values.append(try value(decode(type, line)))
      } catch {
        throw LineError(url, line: number, "\(error)")
      }
    }
    return values
  }

  private static func contents(of url: URL) throws -> [UInt8] {
    do {
      return try InputFile.contents(of: url, limit: maxFileSize)
    } catch let error as FileError {
      throw LineError(url, error.problem)
    }
  }

  private static func decode<Line: Decodable>(
    _ type: Line.Type, _ line: ArraySlice<UInt8>
  ) throws -> Line {
    guard line.count <= maxLineSize else {
      throw LineProblem(
        "has \(line.count) bytes; at most \(maxLineSize) are read of one line; split it")
    }
    guard String(validating: line, as: UTF8.self) != nil else {
      throw LineProblem("is not UTF-8; save the file in that encoding")
    }
    return try StrictJSON.decode(
      type, from: [UInt8](line), syntaxHint: "write one whole JSON object on each line")
  }
}
