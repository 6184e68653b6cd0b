import Corpora
import Foundation
import ModelFiles
import Support
import TestSupport
import Testing

@testable import Study
@testable import StudyReport

@Suite struct ResultsTests {
  private static let outcomes = [
    HandMade.outcome("pretrained", seed: 1, right: [.trained: 1, .reversed: 1]),
    HandMade.outcome("pretrained", seed: 2, right: [.trained: 1, .reversed: 1]),
    HandMade.outcome(
      "fine-tuned", seed: 1, right: [.trained: 2, .reversed: 0], normalized: 0.25, corrected: 1,
      tokensTrained: 12_000, tokensWritten: 100, secondsTrain: 1, operationsTrain: 1e9,
      tokensPerQuery: 20, secondsPerQuery: 0.001, secondsPerQueryKept: 0.0005,
      operationsPerQuery: 100),
    HandMade.outcome(
      "fine-tuned", seed: 2, right: [.trained: 2, .reversed: 1.5], normalized: 0.75,
      corrected: 0.5, tokensTrained: 13_001, tokensWritten: 300, secondsTrain: 3,
      operationsTrain: 3e9, tokensPerQuery: 30, secondsPerQuery: 0.003,
      secondsPerQueryKept: 0.0015, operationsPerQuery: 200),
  ]

  @Test func `a row is the mean over worlds of the means over questions`() throws {
    let results = HandMade.results(Self.outcomes)
    #expect(results.rows.map(\.arm) == ["pretrained", "pretrained", "fine-tuned", "fine-tuned"])
    #expect(results.rows.map(\.split) == [.trained, .reversed, .trained, .reversed])
    let row = try #require(results.row("reversal", "fine-tuned", .reversed))
    // Worlds of 0 and 0.75.
    #expect(row.worlds == [0, 0.75])
    #expect(row.accuracy == 0.375)
    #expect(abs(row.stderr - 0.375) < 1e-12)
    // The interval is cut where accuracies end.
    #expect(row.ci95 == [0, 1])
    #expect(row.accuracyNormalized == 0.5)
    #expect(row.accuracyCorrected == 0.75)
    #expect(row.chance == 0.5)
    #expect(row.questions == 4)
    #expect(row.seeds == 2)
    #expect(row.tokensTrained == 12_500.5)
    #expect(row.secondsTrain == 2)
    #expect(row.tokensPerQuery == 25)
    #expect(row.secondsPerQuery == 0.002)
    let pretrained = try #require(results.row("reversal", "pretrained", .trained))
    #expect(pretrained.accuracy == 0.5 && pretrained.stderr == 0)
    // Both worlds are alike, so the interval is Wilson's for half of four questions.
    #expect(isClose(pretrained.ci95[0], 0.150039) && isClose(pretrained.ci95[1], 0.849961))
    #expect(results.row("reversal", "fine-tuned", .rephrased) == nil)
    #expect(results.row("reversal", "in-context", .reversed) == nil)
    #expect(results.row("family", "fine-tuned", .reversed) == nil)
  }

  @Test func `a cost is the mean over worlds`() throws {
    let cost = try #require(HandMade.results(Self.outcomes).cost("reversal", "fine-tuned"))
    #expect(cost.tokensTrained == 12_500.5 && cost.tokensWritten == 200)
    #expect(cost.secondsOnce == 2 && cost.operationsOnce == 2e9)
    #expect(cost.tokensPerQuery == 25 && cost.operationsPerQuery == 150)
    #expect(cost.secondsPerQuery == 0.002 && cost.secondsPerQueryKept == 0.001)
  }

  @Test func `datasets have separate rows, costs and comparisons`() throws {
    let results = HandMade.results(
      Self.outcomes + [HandMade.outcome("fine-tuned", dataset: .family, right: [.reversed: 2])])
    #expect(results.row("reversal", "fine-tuned", .reversed)?.accuracy == 0.375)
    #expect(results.row("family", "fine-tuned", .reversed)?.accuracy == 1)
    #expect(results.costs.map(\.dataset) == ["reversal", "reversal", "family"])
    #expect(Set(results.comparisons.map(\.dataset)) == ["reversal"])
  }

  @Test func `each arm is compared with those before it, on each split`() throws {
    let results = HandMade.results(Self.outcomes)
    #expect(results.comparisons.map(\.split) == [.trained, .reversed])
    #expect(results.comparisons.allSatisfy { $0.arm == "fine-tuned" && $0.minus == "pretrained" })
    #expect(results.comparisons.map(\.difference) == [0.5, -0.125])
    #expect(results.comparisons[0].ci95[0] < 0.5 && results.comparisons[0].ci95[1] > 0.5)
    let expected = PairedDifference([0, 0.75], minus: [0.5, 0.5]).interval
    #expect(expected.lowerBound < -1 && expected.upperBound > 1)
    #expect(results.comparisons[1].ci95 == [-1, 1])
  }

  @Test func `a single world has neither error nor comparison`() throws {
    let results = HandMade.results(Self.outcomes.filter { $0.seed == 2 })
    let row = try #require(results.row("reversal", "fine-tuned", .reversed))
    #expect(row.accuracy == 0.75 && row.stderr == 0 && row.ci95[0] < 0.75 && row.ci95[1] > 0.75)
    #expect(row.seeds == 1 && row.questions == 2)
    #expect(results.comparisons.isEmpty)
  }

  @Test func `curves are means over worlds, point by point`() throws {
    func curve(_ values: KeyValuePairs<Int, Double>) -> [CurvePoint] {
      values.map {
        CurvePoint(
          x: Double($0 * $0), place: $0, accuracies: ["trained": $1, "reversed": $1 / 2])
      }
    }
    // Fewer facts fit in the second world.
    let results = HandMade.results([
      HandMade.outcome(
        "fine-tuned", seed: 1, right: [.trained: 2], curve: curve([1: 0, 2: 0.5, 4: 1])),
      HandMade.outcome(
        "fine-tuned", seed: 2, right: [.trained: 2], curve: curve([1: 0.5, 3: 0.75])),
      HandMade.outcome("pretrained", seed: 1, right: [.trained: 2]),
    ])
    try #require(results.curves.count == 1)
    #expect(results.curves[0].dataset == "reversal" && results.curves[0].arm == "fine-tuned")
    let points = results.curves[0].points
    #expect(points.map(\.x) == [1, 4, 9, 16])
    #expect(points.map { $0.accuracies["trained"] } == [0.25, 0.5, 0.75, 1])
    #expect(points.map { $0.accuracies["reversed"] } == [0.125, 0.25, 0.375, 0.5])
  }

  @Test func `examples are three questions of the first world, as every arm answered them`() {
    let right: KeyValuePairs<Split, Double> = [
      .trained: 2, .rephrased: 2, .reversed: 1, .deduced: 1, .holdout: 0,
    ]
    let results = HandMade.results(
      ([7, 8] as [UInt64]).flatMap { seed in
        ["pretrained", "in-context"].map {
          HandMade.outcome($0, dataset: .hierarchy, seed: seed, right: right)
        }
      })
    #expect(
      results.examples.map(\.split)
        == [.deduced, .deduced, .reversed, .reversed, .holdout, .holdout])
    #expect(
      results.examples.map(\.arm)
        == ["pretrained", "in-context", "pretrained", "in-context", "pretrained", "in-context"])
    #expect(results.examples.allSatisfy { $0.seed == 7 && $0.fact == 0 })
    #expect(HandMade.results([]).examples.isEmpty)
  }

  @Test func `kinds of questions are counted over all worlds where a split has several`() throws {
    // Two questions per world, and a third in the second world.
    var outcomes = ([1, 2] as [UInt64]).map {
      HandMade.outcome("in-context", dataset: .family, seed: $0, right: [.trained: 1, .deduced: 1])
    }
    for world in outcomes.indices {
      for place in outcomes[world].samples.indices {
        let sample = outcomes[world].samples[place]
        outcomes[world].samples[place].kind =
          sample.split == .trained ? "child" : sample.fact == 0 ? "sibling" : "grandchild"
      }
    }
    var more = outcomes[1].samples[2]
    more.score = 0
    outcomes[1].samples.append(more)
    let kinds = HandMade.results(outcomes).kinds
    #expect(kinds.map(\.split) == [.deduced, .deduced])
    #expect(kinds.map(\.kind) == ["grandchild", "sibling"])
    #expect(kinds.map(\.questions) == [2, 3])
    #expect(kinds.map(\.seeds) == [2, 2])
    #expect(kinds[0].accuracy == 0 && kinds[0].stderr == 0)
    // Residuals of the worlds: 1/3 and −1/3.
    #expect(isClose(kinds[1].accuracy, 2.0 / 3))
    #expect(isClose(kinds[1].stderr, (2 * 2.0 / 9).squareRoot() / 3))
    #expect(HandMade.results(Self.outcomes).kinds.isEmpty)
  }

  @Test func `the size of a prompt is that of in-context`() {
    let results = HandMade.results([
      HandMade.outcome("pretrained", right: [.trained: 1], factsPerPrompt: 99, facts: 12),
      HandMade.outcome("in-context", seed: 1, right: [.trained: 1], factsPerPrompt: 4, facts: 12),
      HandMade.outcome("in-context", seed: 2, right: [.trained: 1], factsPerPrompt: 6, facts: 14),
    ])
    #expect(results.prompts.map(\.facts) == [5])
    #expect(results.prompts.map(\.ofFacts) == [13])
    #expect(HandMade.results(Self.outcomes).prompts.isEmpty)
  }

  @Test func `the numbers of generated sentences are means over worlds`() throws {
    let trial = try tinyTrial()
    let facts = try #require(trial.world as? ReversalWorld).facts
    let stated = Rendering(preamble: "", verb: "are")
    let reports = [
      AugmentationReport(
        [stated.sentence(facts[0].reversed), stated.sentence(facts[1])], arm: "any", trial: trial),
      AugmentationReport(
        ["femp.", "glon.", "yomp.", stated.sentence(facts[0])], arm: "any", trial: trial),
    ]
    let results = HandMade.results(
      zip([1, 2], reports).map { seed, report in
        HandMade.outcome(
          "augmented-local", seed: seed, right: [.reversed: 1], augmentation: report)
      } + Self.outcomes)
    try #require(results.augmentations.count == 1)
    let mean = results.augmentations[0]
    #expect(mean.arm == "augmented-local" && mean.dataset == "reversal")
    #expect(mean.sentences == 3)
    #expect(mean.isTrue == 0.625)
    #expect(mean.isMalformed == 0.375)
    #expect(mean.isFalse == 0)
    // A quarter of the questions in the first world, none in the second.
    #expect(mean.coverage == ["reversed": 0.125])
    #expect(
      mean.text
        == "augmented-local wrote 3 different sentences a world: 62.5 % true, 0.0 % false, 37.5 % malformed; "
        + "they answer 12 % of the reversed questions.")
  }

  @Test func `points of the dose curve are not arms`() throws {
    let trial = try tinyTrial()
    var generated = GeneratedSentences(["femp."])
    generated.add(["glon."], count: 3, tokens: 2, group: 0)
    let report = AugmentationReport(generated, arm: "any", trial: trial)
    let points = [(8, 1, 1.0), (4, 1, 0), (8, 2, 2), (4, 2, 1)].map { dose, seed, right in
      HandMade.outcome(
        "augmented@\(dose)", seed: UInt64(seed), right: [.trained: 2, .reversed: right],
        tokensTrained: dose * 100, augmentation: report, dose: dose)
    }
    let results = HandMade.results(Self.outcomes + points)
    #expect(results.rows == HandMade.results(Self.outcomes).rows)
    #expect(results.doses.map(\.sentencesPerFact) == [4, 8])
    #expect(results.doses.map(\.tokensTrained) == [400, 800] && results.doses[0].seeds == 2)
    let split = results.doses[1].splits[1]
    #expect(split.split == .reversed && split.accuracy == 0.75 && isClose(split.stderr, 0.25))
    #expect(split.coverage == 0 && results.doses[1].splits[0].coverage == nil)
    let written = results.doses[0].augmentation
    #expect(written.sentences == 2 && written.samples == 4 && written.samplesMalformed == 1)
    let text = try results.text(.markdown)
    #expect(text.contains("| reversal | 8 | 0.750 ± 0.250 (0.00) | 0.00 | 0.00 | 800 | 0.0 |"))
  }

  /// The keys that the documentation promises, and newer ones.
  @Test func `the files have the promised keys`() throws {
    try withTemporaryFolder { folder in
      let trial = try tinyTrial()
      var outcomes = Self.outcomes
      outcomes[2].augmentation = AugmentationReport(["femp.", "glon."], arm: "any", trial: trial)
      let results = HandMade.results(outcomes)
      let url = folder.appendingPathComponent("deep/study")
      try results.write(outcomes, keepsAugmentations: true, to: url)
      let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
      #expect(
        Set(names) == ["results.json", "samples.jsonl", "report.html", "augmentations.jsonl"])
      let json = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: url.appendingPathComponent("results.json"))) as? [String: Any])
      #expect(
        Set(json.keys) == [
          "run", "rows", "kinds", "comparisons", "costs", "break_evens", "curves", "augmentations",
          "doses",
          "prompts", "findings", "examples",
        ])
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.count == 4)
      for row in rows {
        #expect(
          Set(row.keys) == [
            "dataset", "split", "arm", "accuracy", "stderr", "ci95", "chance", "questions",
            "seeds", "tokens_trained", "tokens_per_query", "seconds_train", "seconds_per_query",
            "accuracy_normalized", "accuracy_corrected", "worlds",
          ])
      }
      #expect(rows[3]["split"] as? String == "reversed")
      #expect(rows[3]["accuracy"] as? Double == 0.375)
      #expect(rows[3]["ci95"] as? [Double] == [0, 1])
      let run = try #require(json["run"] as? [String: Any])
      #expect(run["created_at"] as? String == "1970-01-01T00:00:00Z")
      #expect(run["command"] as? String == "probe --reversal")
      #expect(run["peak_memory_bytes"] as? Int == 1 << 20)
      #expect(run["seeds"] as? [Int] == [1, 2])
      let settings = try #require(run["fine_tuning"] as? [String: Any])
      #expect(settings["tokens_per_batch"] as? Int == 160)

      func lines(_ name: String) throws -> [[String: Any]] {
        try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
          .split(separator: "\n").map { line in
            try #require(
              try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
          }
      }
      let samples = try lines("samples.jsonl")
      #expect(samples.count == 16)
      for sample in samples {
        #expect(
          Set(sample.keys) == [
            "dataset", "arm", "seed", "split", "fact", "prompt", "choices", "answer",
            "log_likelihoods", "score", "score_normalized", "score_corrected", "is_greedy",
          ])
        #expect(sample["log_likelihoods"] as? [Double] == [-1, -2.5])
      }
      let sentences = try lines("augmentations.jsonl")
      #expect(sentences.map { $0["sentence"] as? String } == ["femp.", "glon."])
      #expect(sentences.allSatisfy { $0["judgement"] as? String == "malformed" })
      #expect(
        sentences.allSatisfy {
          Set($0.keys) == ["dataset", "arm", "seed", "sentence", "count", "judgement"]
        })
    }
  }

  @Test func `generated sentences are not kept unless asked for`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("study")
      try HandMade.results(Self.outcomes)
        .write(Self.outcomes, keepsAugmentations: false, to: url)
      #expect(
        try Set(FileManager.default.contentsOfDirectory(atPath: url.path))
          == ["results.json", "samples.jsonl", "report.html"])
    }
  }

  @Test func `a folder that exists is refused and left unchanged`() throws {
    try withTemporaryFolder { folder in
      let note = folder.appendingPathComponent("note.txt")
      try Data("mine".utf8).write(to: note)
      for url in [folder, note, note.appendingPathComponent("study")] {
        let early = #expect(throws: FileError.self) { try Results.checkDestination(url) }
        #expect(early?.path == url.path)
        #expect(throws: FileError.self) {
          try HandMade.results(Self.outcomes).write([], keepsAugmentations: false, to: url)
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
        try results.write(
          Self.outcomes, keepsAugmentations: false, to: folder.appendingPathComponent("study"))
      }
      let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty)
    }
  }
}
