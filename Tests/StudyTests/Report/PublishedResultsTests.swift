import Corpora
import Foundation
import Testing

@testable import Study
@testable import StudyReport

/// The tables of the README and of `docs/findings.md` are those of `docs/study/results.json`. What
/// fails here prints the line as it should be.
@Suite struct PublishedResultsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func results() throws -> Results {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      Results.self,
      from: Data(contentsOf: Self.root.appending(path: "docs/study/results.json")))
  }

  private func expect(_ lines: [[String]], in file: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
    let present = Set(text.split(separator: "\n").map(String.init))
    for line in lines {
      let line = "| " + line.joined(separator: " | ") + " |"
      #expect(present.contains(line), "\(file) lacks this line")
    }
  }

  private func accuracy(_ row: Results.Row?) throws -> String {
    try NumberFormat.accuracy(#require(row))
  }

  @Test func `the README's first table is the study's`() throws {
    let results = try results()
    let arms = ["pretrained", "fine-tuned", "in-context", "augmented", "in-context-shuffled"]
    try expect(
      results.datasets.flatMap { dataset in
        try results.splits(dataset).enumerated().map { place, split in
          [place == 0 ? dataset : "", split.rawValue]
            + (try arms.map { try accuracy(results.row(dataset, $0, split)) })
            + [NumberFormat.share(try #require(results.row(dataset, arms[0], split)).chance)]
        }
      }, in: "README.md")
  }

  @Test func `the tables of all arms are the study's`() throws {
    let results = try results()
    try expect(
      results.datasets.flatMap { dataset in
        try results.arms(dataset).map { arm in
          let cost = try #require(results.cost(dataset, arm))
          return [arm]
            + (try results.splits(dataset).map { try accuracy(results.row(dataset, arm, $0)) })
            + [
              cost.secondsOnce == 0 ? NumberFormat.dash : NumberFormat.fixed(cost.secondsOnce, 1),
              NumberFormat.fixed(1000 * cost.secondsPerQuery, 2),
            ]
        }
      }, in: "docs/findings.md")
  }

  @Test
  func `docs/findings.md has every claim, what was written, what it costs and what was asked`()
    throws
  {
    let results = try results()
    func percent(_ share: Double) -> String { NumberFormat.fixed(100 * share, 0) + " %" }
    let findings = results.findings.map { finding in
      [
        finding.dataset, finding.claim, finding.agrees == true ? "yes" : "**no**",
        finding.evidence.replacing("; ", with: "<br>"),
      ]
    }
    let written = results.augmentations.map { written in
      [
        written.dataset, written.arm, Results.grouped(written.sentences), percent(written.isTrue),
        percent(written.isFalse), percent(written.isMalformed),
        written.coverage.sorted { $0.key < $1.key }.map { "\(percent($0.value)) *\($0.key)*" }
          .joined(separator: ", "),
      ]
    }
    let costs = try results.datasets.map { dataset in
      let prompt = try #require(results.prompts.first { $0.dataset == dataset })
      func even(_ arm: String) throws -> Results.BreakEven {
        try #require(results.breakEvens.first { $0.dataset == dataset && $0.arm == arm })
      }
      return [dataset, Results.grouped(prompt.facts), Results.grouped(prompt.ofFacts)]
        + (try ["fine-tuned", "augmented"].map {
          Results.grouped(try #require(even($0).queries).rounded(.up))
        })
        + [Results.grouped(try #require(even("augmented").queriesKept).rounded(.up))]
    }
    let kinds = results.kinds.filter {
      $0.arm == "in-context" && [.deduced, .holdout].contains($0.split)
    }
    let asked = try kinds.map { kind in
      ["\(kind.dataset), \(kind.split.rawValue)", kind.kind, "\(kind.questions)"]
        + (try ["fine-tuned", "in-context", "augmented"].map { arm in
          let own = try #require(
            results.kinds.first {
              $0.arm == arm && $0.dataset == kind.dataset && $0.split == kind.split
                && $0.kind == kind.kind
            })
          return NumberFormat.accuracy(own.accuracy, error: own.stderr)
        })
    }
    #expect(findings.count == 23 && !written.isEmpty && costs.count == 5 && asked.count == 16)
    try expect(findings + written + costs + asked, in: "docs/findings.md")
  }
}
