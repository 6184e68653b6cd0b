import Corpora
import Foundation

@testable import Study

/// Outcomes and results with numbers that were made up.
enum HandMade {
  /// One arm on one world: two questions a split, of which a number is answered right.
  static func outcome(
    _ arm: String, seed: UInt64 = 1, right: KeyValuePairs<Split, Double>, tokensTrained: Int = 0,
    secondsTrain: Double = 0, tokensPerQuery: Double = 20, secondsPerQuery: Double = 0.001,
    augmentation: AugmentationReport? = nil
  ) -> StudyRun.Outcome {
    let samples = right.flatMap { split, right in
      (0..<2).map { fact in
        Sample(
          dataset: "reversal", arm: arm, seed: seed, split: split, fact: fact,
          prompt: "femp are", choices: [" more rony than glon.", " less rony than glon."],
          answer: fact, logLikelihoods: [-1, -2.5], score: min(1, max(0, right - Double(fact))))
      }
    }
    return StudyRun.Outcome(
      arm: arm, seed: seed, samples: samples, tokensTrained: tokensTrained,
      secondsTrain: secondsTrain, tokensPerQuery: tokensPerQuery,
      secondsPerQuery: secondsPerQuery, augmentation: augmentation)
  }

  static func results(_ outcomes: [StudyRun.Outcome]) -> Results {
    Results(
      run: .init(
        command: "probe --reversal", model: "models/recto", parameters: 1234, seeds: [1, 2],
        facts: 2, fineTuning: FineTuning(), augmentation: LocalAugmentation(), blasCore: "Haswell",
        workers: 2, seconds: 1.5,
        peakMemoryBytes: 1 << 20, createdAt: Date(timeIntervalSince1970: 0)),
      outcomes: outcomes)
  }

  /// Results of one row for each arm and accuracy on `reversed`, with its standard error; the
  /// fine-tuned arm has learned all that it was told.
  static func results(reversed: KeyValuePairs<String, Double>, stderr: Double = 0.01) -> Results {
    var results = results([])
    results.rows = reversed.map { row($0, .reversed, $1, stderr) }
    results.rows.append(row("fine-tuned", .trained, 0.99, stderr))
    return results
  }

  private static func row(
    _ arm: String, _ split: Split, _ accuracy: Double, _ stderr: Double
  ) -> Results.Row {
    Results.Row(
      dataset: "reversal", split: split, arm: arm, accuracy: accuracy, stderr: stderr,
      ci95: [accuracy, accuracy], chance: 0.5, questions: 300, seeds: 3, tokensTrained: 0,
      tokensPerQuery: 0, secondsTrain: 0, secondsPerQuery: 0)
  }
}
