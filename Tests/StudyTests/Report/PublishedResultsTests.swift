import Corpora
import Foundation
import Testing

@testable import Study
@testable import StudyReport

/// The published tables equal `docs/study/results.json`.
@Suite struct PublishedResultsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func results() throws -> Results {
    try Results.read(Self.root.appending(path: "docs/study"))
  }

  private func lines(of file: String) throws -> [String] {
    try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The whole file is compared, so that it has neither more nor less than the command's output.
  @Test func `docs/results.md is what probe report makes from the results`() throws {
    let made = ResultsDocument(try results()).markdown()
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let present = try lines(of: "docs/results.md")
    #expect(present.count == made.count)
    for (number, (found, expected)) in zip(present, made).enumerated() where found != expected {
      Issue.record(
        "docs/results.md:\(number + 1) should be: \(expected); make it with probe report")
      return
    }
  }

  @Test func `the README's table is the study's`() throws {
    let results = try results()
    let arms = ["fine-tuned", "in-context", "augmented", "in-context-shuffled"]
    let head = "| dataset | questions | \(arms.joined(separator: " | ")) | chance |"
    let table = try lines(of: "README.md").drop { $0 != head }.prefix { $0.hasPrefix("|") }
    let asked: [(String, Split)] = [
      ("reversal", .reversed), ("syllogism", .deduced), ("hierarchy", .deduced),
      ("family", .deduced), ("celebrities", .reversed),
    ]
    let expected = try asked.map { dataset, split in
      let rows = try arms.map { try #require(results.row(dataset, $0, split)) }
      let cells =
        [dataset, split.rawValue] + rows.map(NumberFormat.accuracy)
        + [NumberFormat.share(rows[0].chance)]
      return "| " + cells.joined(separator: " | ") + " |"
    }
    #expect(Array(table.dropFirst(2)) == expected)
  }

  @Test func `the page and the table can be made from the published results, too`() throws {
    let results = try results()
    #expect(try results.text(.table).contains("agrees with the paper"))
    #expect(try Report(results).html().contains("</html>"))
  }
}
