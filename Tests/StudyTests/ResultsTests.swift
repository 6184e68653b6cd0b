import Checkpoints
import Corpora
import Foundation
import Testing

@testable import Study

@Suite struct ResultsTests {
  private static let outcomes = [
    HandMade.outcome("pretrained", seed: 1, right: [.trained: 1, .reversed: 1]),
    HandMade.outcome("pretrained", seed: 2, right: [.trained: 1, .reversed: 1]),
    HandMade.outcome(
      "fine-tuned", seed: 1, right: [.trained: 2, .reversed: 0], tokensTrained: 12_000,
      secondsTrain: 1, tokensPerQuery: 20, secondsPerQuery: 0.001),
    HandMade.outcome(
      "fine-tuned", seed: 2, right: [.trained: 2, .reversed: 1.5], tokensTrained: 13_001,
      secondsTrain: 3, tokensPerQuery: 30, secondsPerQuery: 0.003),
  ]

  @Test func `a row is the mean over worlds of the means over questions`() throws {
    let results = HandMade.results(Self.outcomes)
    #expect(results.rows.map(\.arm) == ["pretrained", "pretrained", "fine-tuned", "fine-tuned"])
    #expect(results.rows.map(\.split) == [.trained, .reversed, .trained, .reversed])
    let row = try #require(results.row("fine-tuned", .reversed))
    // Worlds of 0 and 0.75.
    #expect(row.accuracy == 0.375)
    #expect(abs(row.stderr - 0.375) < 1e-12)
    // The interval is cut where accuracies end.
    #expect(row.ci95 == [0, 1])
    #expect(row.chance == 0.5)
    #expect(row.questions == 4)
    #expect(row.seeds == 2)
    #expect(row.tokensTrained == 12_500.5)
    #expect(row.secondsTrain == 2)
    #expect(row.tokensPerQuery == 25)
    #expect(row.secondsPerQuery == 0.002)
    let pretrained = try #require(results.row("pretrained", .trained))
    #expect(pretrained.accuracy == 0.5 && pretrained.stderr == 0)
    #expect(pretrained.ci95 == [0.5, 0.5])
    #expect(results.row("fine-tuned", .rephrased) == nil)
    #expect(results.row("in-context", .reversed) == nil)
  }

  @Test func `what was written is the mean over worlds`() throws {
    let bench = try tinyBench()
    let world = try tinyWorld()
    let told = Rendering(preamble: "", verb: "are")
    let reports = [
      AugmentationReport(
        [told.sentence(world.facts[0].reversed), told.sentence(world.facts[1])], arm: "any",
        bench: bench),
      AugmentationReport(
        ["femp.", "glon.", "yomp.", told.sentence(world.facts[0])], arm: "any", bench: bench),
    ]
    let results = HandMade.results(
      zip([1, 2], reports).map { seed, report in
        HandMade.outcome(
          "augmented-local", seed: seed, right: [.reversed: 1], augmentation: report)
      } + Self.outcomes)
    #expect(results.augmentations.count == 1)
    let mean = results.augmentations[0]
    #expect(mean.arm == "augmented-local")
    #expect(mean.sentences == 3)
    #expect(mean.isTrue == 0.625)
    #expect(mean.isMalformed == 0.375)
    #expect(mean.isFalse == 0)
    // A quarter of the questions in the first world, none in the second.
    #expect(mean.coverage == ["reversed": 0.125])
    #expect(
      results.augmentationLines == [
        "augmented-local wrote 3 sentences a world: 62.5 % true, 0.0 % false, 37.5 % malformed; "
          + "they answer 12 % of the reversed questions."
      ])
  }

  @Test func `the table is as it was`() {
    let lines = HandMade.results(Self.outcomes).table.split(separator: "\n")
    #expect(
      lines.first
        == "arm               trained       reversed  tokens trained  train s  tokens/query  ms/query"
    )
    #expect(lines[1] == String(repeating: "─", count: lines[0].count))
    #expect(
      lines[2...] == [
        "pretrained  0.500 ± 0.000  0.500 ± 0.000               –        –            20      1.00",
        "fine-tuned  1.000 ± 0.000  0.375 ± 0.375          12,501      2.0            25      2.00",
        "chance              0.500          0.500",
      ])
  }

  /// The keys that DESIGN.md and the documentation promise.
  @Test func `results_json has the promised keys`() throws {
    try withTemporaryFolder { folder in
      let results = HandMade.results(Self.outcomes)
      let url = folder.appendingPathComponent("deep/study")
      try results.write(Self.outcomes, to: url)
      let json = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: url.appendingPathComponent("results.json"))) as? [String: Any])
      #expect(Set(json.keys) == ["run", "rows", "augmentations"])
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.count == 4)
      for row in rows {
        #expect(
          Set(row.keys) == [
            "dataset", "split", "arm", "accuracy", "stderr", "ci95", "chance", "questions",
            "seeds", "tokens_trained", "tokens_per_query", "seconds_train", "seconds_per_query",
          ])
      }
      #expect(rows[3]["split"] as? String == "reversed")
      #expect(rows[3]["accuracy"] as? Double == 0.375)
      #expect(rows[3]["ci95"] as? [Double] == [0, 1])
      let run = try #require(json["run"] as? [String: Any])
      #expect(run["created_at"] as? String == "1970-01-01T00:00:00Z")
      #expect(run["command"] as? String == "probe --reversal")
      #expect(run["peak_memory_bytes"] as? Int == 1 << 20)

      let lines = try String(
        contentsOf: url.appendingPathComponent("samples.jsonl"), encoding: .utf8
      ).split(separator: "\n")
      #expect(lines.count == 16)
      for line in lines {
        let sample = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(
          Set(sample.keys) == [
            "dataset", "arm", "seed", "split", "fact", "prompt", "choices", "answer",
            "log_likelihoods", "score",
          ])
        #expect(sample["log_likelihoods"] as? [Double] == [-1, -2.5])
      }
    }
  }

  @Test func `a folder that exists is refused and left as it is`() throws {
    try withTemporaryFolder { folder in
      let note = folder.appendingPathComponent("note.txt")
      try Data("mine".utf8).write(to: note)
      for url in [folder, note, note.appendingPathComponent("study")] {
        let early = #expect(throws: CheckpointError.self) { try Results.checkDestination(url) }
        #expect(early?.path == url.path)
        #expect(throws: CheckpointError.self) {
          try HandMade.results(Self.outcomes).write([], to: url)
        }
      }
      try Results.checkDestination(folder.appendingPathComponent("new/study"))
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path) == ["note.txt"])
      #expect(try Data(contentsOf: note) == Data("mine".utf8))
    }
  }

  @Test func `results that cannot be written leave nothing behind`() throws {
    try withTemporaryFolder { folder in
      var results = HandMade.results(Self.outcomes)
      results.rows[0].accuracy = .nan
      #expect(throws: (any Error).self) {
        try results.write(Self.outcomes, to: folder.appendingPathComponent("study"))
      }
      let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty)
    }
  }
}
