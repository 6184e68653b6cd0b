import Corpora
import Foundation

/// What Lampinen et al. 2025 (arXiv 2505.00661) found, beside what this study found.
///
/// Their figures have no numbers in the text, so directions are compared: the paired bootstrap
/// decides whether one arm or split is above another, an interval whether one is above chance. The
/// means alone decide what is near the ceiling (an accuracy of at least 0.95) and what is about as
/// good (at most 0.05 lower).
public struct Finding: Codable, Sendable {
  /// The dataset that it is about.
  public var dataset: String
  /// What they found, in a sentence.
  public var claim: String
  /// Whether this study agrees; nil where the arms or splits for the claim were not run.
  public var agrees: Bool?
  /// This study's numbers.
  public var evidence: String

  /// Whether the paper has this dataset; for another one the same directions are expected.
  package var isInPaper: Bool { dataset != Dataset.family.rawValue }

  static func all(_ results: Results) -> [Finding] {
    Dataset.allCases.filter { dataset in results.rows.contains { $0.dataset == dataset.rawValue } }
      .flatMap { dataset in
        Table(results: results, dataset: dataset.rawValue).findings(dataset)
      }
  }

  /// The numbers of one dataset, and the tests of claims on them.
  private struct Table {
    let results: Results
    let dataset: String

    func findings(_ dataset: Dataset) -> [Finding] {
      let main: [Finding]
      switch dataset {
      case .celebrities:
        main = [
          nearCeiling("in-context answers reversed questions near the ceiling", .reversed),
          notAbove(
            "fine-tuned is at chance or below on reversed questions", "fine-tuned", .reversed),
          notFarBelow(
            "augmented is about as good as in-context on reversed questions", "augmented",
            "in-context", .reversed),
        ]
      case .reversal:
        main = [
          above(
            "in-context is above fine-tuned on reversed questions", "in-context", "fine-tuned",
            .reversed),
          above(
            "augmented is above fine-tuned on reversed questions", "augmented", "fine-tuned",
            .reversed),
          notFarBelow(
            "augmented is as good as in-context on reversed questions, or better", "augmented",
            "in-context", .reversed),
        ]
      case .syllogism:
        main = [
          atChance("the pretrained model is at chance", "pretrained", .deduced),
          aboveChance("fine-tuned is above chance", "fine-tuned", .deduced),
          above(
            "in-context is much stronger than fine-tuned", "in-context", "fine-tuned", .deduced),
          above("augmented is better than fine-tuned", "augmented", "fine-tuned", .deduced),
        ]
      case .hierarchy:
        main = [
          above(
            "in-context is above fine-tuned on reversals", "in-context", "fine-tuned", .reversed),
          above(
            "in-context is above fine-tuned on deductions", "in-context", "fine-tuned", .deduced),
          aboveChance("fine-tuned alone is above chance on reversals", "fine-tuned", .reversed),
          notFarBelow(
            "augmented is as good as in-context on deductions, or better", "augmented",
            "in-context",
            .deduced),
          below(
            "category holdout stays harder than deduction for augmented", "augmented", .holdout,
            .deduced),
        ]
      case .family:
        // Not in the paper: the same directions, asked of another kind of world.
        main = [
          above(
            "in-context is above fine-tuned on reversals", "in-context", "fine-tuned", .reversed),
          above(
            "in-context is above fine-tuned on two-step questions", "in-context", "fine-tuned",
            .deduced),
          above(
            "augmented is above fine-tuned on two-step questions", "augmented", "fine-tuned",
            .deduced),
        ]
      }
      return main + [cheaper()]
    }

    private func finding(_ claim: String, _ agrees: Bool?, _ evidence: String) -> Finding {
      Finding(dataset: dataset, claim: claim, agrees: agrees, evidence: evidence)
    }

    private func nearCeiling(_ claim: String, _ split: Split) -> Finding {
      test(claim, "in-context", split) { $0.accuracy >= 0.95 }
    }

    private func notAbove(_ claim: String, _ arm: String, _ split: Split) -> Finding {
      test(claim, arm, split) { $0.ci95[0] <= $0.chance || $0.accuracy < $0.chance + 0.05 }
    }

    private func atChance(_ claim: String, _ arm: String, _ split: Split) -> Finding {
      test(claim, arm, split) { $0.isAtChance }
    }

    private func aboveChance(_ claim: String, _ arm: String, _ split: Split) -> Finding {
      // A single world has no interval; the number of its questions decides instead.
      test(claim, arm, split) { $0.ci95[0] > $0.chance && ($0.seeds > 1 || !$0.isAtChance) }
    }

    private func test(
      _ claim: String, _ arm: String, _ split: Split, _ agrees: (Results.Row) -> Bool
    ) -> Finding {
      guard let row = results.row(dataset, arm, split) else {
        return finding(claim, nil, "not run")
      }
      return finding(
        claim, agrees(row), row.text + String(format: ", chance %.3f", row.chance))
    }

    private func above(_ claim: String, _ a: String, _ b: String, _ split: Split) -> Finding {
      compare(claim, (a, split), (b, split)) { $0.isAbove }
    }

    private func below(_ claim: String, _ arm: String, _ a: Split, _ b: Split) -> Finding {
      compare(claim, (arm, a), (arm, b)) { $0.isBelow }
    }

    private func notFarBelow(_ claim: String, _ a: String, _ b: String, _ split: Split) -> Finding {
      compare(claim, (a, split), (b, split)) { $0.mean > -0.05 }
    }

    private func compare(
      _ claim: String, _ a: (arm: String, split: Split), _ b: (arm: String, split: Split),
      _ agrees: (PairedDifference) -> Bool
    ) -> Finding {
      guard let first = results.row(dataset, a.arm, a.split),
        let second = results.row(dataset, b.arm, b.split), first.seeds == second.seeds
      else { return finding(claim, nil, "not run") }
      let difference = PairedDifference(first.worlds, minus: second.worlds)
      return finding(
        claim, first.seeds > 1 ? agrees(difference) : nil,
        "\(first.text) against \(second.text); difference "
          + String(
            format: "%+.3f [%+.3f, %+.3f]", difference.mean, difference.interval.lowerBound,
            difference.interval.upperBound
          ).replacing("-", with: "−"))
    }

    private func cheaper() -> Finding {
      let claim = "over many queries augmented fine-tuning is cheaper than reading every time"
      guard
        let even = results.breakEvens.first(where: {
          $0.dataset == dataset && $0.arm == Arm.augmented.name
        })
      else { return finding(claim, nil, "not run") }
      guard let queries = even.queries else {
        return finding(claim, false, "reading is never more expensive")
      }
      return finding(claim, true, String(format: "from %.0f queries on", queries.rounded(.up)))
    }
  }
}

extension Results.Row {
  /// "in-context reversed 0.990 [0.981, 0.999]"
  package var text: String {
    let interval = hasError ? String(format: " [%.3f, %.3f]", ci95[0], ci95[1]) : ""
    return "\(arm) \(split.rawValue) " + String(format: "%.3f", accuracy) + interval
  }

  /// Whether the accuracy may be that of guessing, given the numbers of questions and worlds.
  public var isAtChance: Bool {
    let guessing = (chance * (1 - chance) / Double(max(1, facts ?? questions))).squareRoot()
    return abs(accuracy - chance) <= max(0.05, 2.6 * max(stderr, guessing))
  }
}
