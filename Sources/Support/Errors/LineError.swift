import Foundation

/// What is wrong with a line, thrown where its file and number are not known; `JSONLines.read` adds
/// them.
public struct LineProblem: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }

  /// Says in which part of the line or file a problem is.
  package static func naming<Result>(
    _ part: String, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let problem as LineProblem {
      throw LineProblem("\(part) \(problem)")
    }
  }
}

/// A file of lines, or one of its lines, that cannot be read: where, what is wrong and, where it is
/// known, how to fix it.
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
  public var description: String { path + (line.map { ":\($0)" } ?? "") + ": " + problem }
}
