import Foundation

/// Reads files of one JSON value a line, or of one array, strictly: the first line that is wrong
/// ends the reading, and the error names it.
public enum JSONLines {
  /// The most bytes that are read of a file.
  public static let maxFileSize = 1 << 30
  /// The most bytes that are read of a line.
  public static let maxLineSize = 16 << 20

  /// The values of the lines, in order, or of the whole file if it is one array. Blank lines are
  /// skipped.
  ///
  /// - Parameter make: makes a value of a line or of an element; what it throws becomes the problem
  ///   of the line, or of the file.
  /// - Throws: `LineError`.
  package static func read<Value>(
    _ url: URL, _ make: (JSONValue) throws -> Value
  ) throws -> [Value] {
    var bytes = try contents(of: url)[...]
    // Some editors begin a file with a byte order mark.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0D, 0x0A].contains(byte) }
    let start = bytes.drop(while: isSpace)
    if start.first == UInt8(ascii: "["), let last = start.last(where: { !isSpace($0) }),
      last == UInt8(ascii: "]"), let elements = try? JSONValue(parsing: Array(start)).elements
    {
      do {
        return try elements.enumerated().map { index, element in
          try LineProblem.naming("[\(index)]") { try make(element) }
        }
      } catch {
        throw LineError(url, "\(error)")
      }
    }
    var values: [Value] = []
    var number = 0
    while !bytes.isEmpty {
      number += 1
      let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
      bytes = bytes[line.endIndex...].dropFirst()
      if line.allSatisfy(isSpace) { continue }
      do {
        let value = try value(of: line)
        if case .array = value { throw LineProblem("is not a JSON object; write one") }
        values.append(try make(value))
      } catch {
        throw LineError(url, line: number, "\(error)")
      }
    }
    return values
  }

  private static func value(of line: ArraySlice<UInt8>) throws -> JSONValue {
    try check(line)
    let trimmed = line.reversed().drop { [0x20, 0x09, 0x0D].contains($0) }
    let hint =
      trimmed.first == UInt8(ascii: ",")
      ? "end no line with a comma, or put all lines between [ and ]"
      : "write one whole JSON object on each line"
    return try JSONValue(parsing: Array(line), syntaxHint: hint)
  }

  private static func contents(of url: URL) throws -> [UInt8] {
    do {
      return try InputFile.contents(of: url, limit: maxFileSize)
    } catch let error as FileError {
      throw LineError(url, error.problem)
    }
  }

  private static func check(_ line: ArraySlice<UInt8>) throws {
    guard line.count <= maxLineSize else {
      throw LineProblem(
        "has \(line.count) bytes; at most \(maxLineSize) are read of one line; split it")
    }
    guard String(validating: line, as: UTF8.self) != nil else {
      throw LineProblem("is not UTF-8; save the file in that encoding")
    }
  }
}
