import Corpora
import Foundation

@testable import Study

/// Whether a number exists and equals another, except for rounding.
func isClose(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-6 } ?? false }

/// Outcomes and results with invented numbers.
enum HandMade {
  /// One arm on one world: two questions per split, of which the given number is answered right.
  static func outcome(
    _ arm: String, dataset: Dataset = .reversal, seed: UInt64 = 1,
    right: KeyValuePairs<Split, Double>, normalized: Double = 0, corrected: Double = 0,
    tokensTrained: Int = 0, tokensWritten: Int = 0, secondsTrain: Double = 0,
    operationsTrain: Double = 0, tokensPerQuery: Double = 20, secondsPerQuery: Double = 0.001,
    secondsPerQueryKept: Double = 0.001, operationsPerQuery: Double = 0,
    augmentation: AugmentationReport? = nil, curve: [CurvePoint] = [], factsPerPrompt: Double = 4,
    facts: Int = 4, dose: Int? = nil
  ) -> StudyRun.Outcome {
    let samples = right.flatMap { split, right in
      (0..<2).map { fact in
        Sample(
          dataset: dataset.name, arm: arm, seed: seed, split: split, fact: fact,
          prompt: "femp are", choices: [" more rony than glon.", " less rony than glon."],
          answer: fact, logLikelihoods: [-1, -2.5], score: min(1, max(0, right - Double(fact))),
          scoreNormalized: normalized, scoreCorrected: corrected)
      }
    }
    var cost = ArmCost()
    cost.once.tokensTrained = tokensTrained
    cost.once.tokensWritten = tokensWritten
    cost.once.seconds = secondsTrain
    cost.once.operations = operationsTrain
    cost.perQuery.tokens = tokensPerQuery
    cost.perQuery.seconds = secondsPerQuery
    cost.perQuery.secondsKept = secondsPerQueryKept
    cost.perQuery.operations = operationsPerQuery
    return StudyRun.Outcome(
      dataset: dataset.name, arm: arm, seed: seed, samples: samples,
      cost: cost, augmentation: augmentation, curve: curve, factsPerPrompt: factsPerPrompt,
      facts: facts,
      dose: dose)
  }

  static func results(_ outcomes: [StudyRun.Outcome]) -> Results {
    Results(
      run: .init(
        command: "probe --reversal", model: "models/recto", parameters: 1234,
        study: StudyRun(
          datasets: outcomes.map(\.dataset).uniqued().compactMap(Dataset.init(named:)),
          seeds: outcomes.map(\.seed).uniqued(),
          workerCount: 2),
        blasCore: "Haswell", seconds: 1.5, peakMemoryBytes: 1 << 20,
        createdAt: Date(timeIntervalSince1970: 0)),
      outcomes: outcomes)
  }

  /// One world for each number of right answers (0...2 of two questions) of an arm on one split.
  static func worlds(
    _ arm: String, _ dataset: Dataset, _ split: Split, _ right: [Double]
  ) -> [StudyRun.Outcome] {
    right.enumerated().map { number, right in
      outcome(arm, dataset: dataset, seed: UInt64(number + 1), right: [split: right])
    }
  }
}

extension GeneratedSentences {
  /// Each text as often as it is in the list.
  init(_ texts: [String]) {
    self.init()
    for text in texts { add([text], count: 1, tokens: 3, group: 0) }
  }
}

extension AugmentationReport {
  init(_ sentences: [String], arm: String, trial: Trial) {
    self.init(GeneratedSentences(sentences), arm: arm, trial: trial)
  }
}
