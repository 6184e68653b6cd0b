import Corpora
import Foundation

/// What Lampinen et al. 2025 (arXiv 2505.00661) found, beside what this study found.
///
/// Their figures have no numbers in the text, so directions are compared: whether one arm or split
/// is above another by the paired bootstrap, and above chance by an interval. An accuracy of 0.95
/// is near the ceiling; two arms are about equally good where their means differ by less than 0.05.
public struct Finding: Codable, Sendable {
  /// The dataset that it is about.
  public var dataset: String
  /// What they found, in a sentence.
  public var claim: String
  /// Whether this study agrees; nil where the arms or splits for the claim were not run.
  public var agrees: Bool?
  /// This study's numbers.
  public var evidence: String

  /// Whether the paper has this dataset; of another one its directions are expected.
  package var isInPaper: Bool { Dataset(named: dataset)?.isInPaper ?? false }

  static func all(_ results: Results) -> [Finding] {
    Dataset.all.filter { dataset in results.rows.contains { $0.dataset == dataset.name } }
      .flatMap { dataset in
        (dataset.claims + Claim.ofEveryDataset).map {
          Evaluation(results: results, dataset: dataset.name, claim: $0).finding
        }
      }
  }
}

/// One claim put to the numbers of a study.
private struct Evaluation {
  let results: Results
  let dataset: String
  let claim: Claim

  /// From this accuracy on, an arm is near the ceiling.
  static let ceiling = 0.95
  /// Means that differ by less are about equal.
  static let margin = 0.05

  var finding: Finding {
    switch claim.test {
    case .nearCeiling(let arm, let split):
      test(arm, split) { $0.accuracy >= Self.ceiling }
    case .notAboveChance(let arm, let split):
      test(arm, split) { $0.ci95[0] <= $0.chance || $0.accuracy < $0.chance + Self.margin }
    case .atChance(let arm, let split):
      test(arm, split) { $0.isAtChance }
    case .aboveChance(let arm, let split):
      // Of one world the interval is over its questions; then their number decides too.
      test(arm, split) { $0.ci95[0] > $0.chance && ($0.seeds > 1 || !$0.isAtChance) }
    case .above(let better, let worse, let split):
      compare((better, split), (worse, split)) { $0.isAbove }
    case .notFarBelow(let arm, let other, let split):
      compare((arm, split), (other, split)) { $0.mean > -Self.margin }
    case .harder(let arm, let harder, let easier):
      compare((arm, harder), (arm, easier)) { $0.isBelow }
    case .cheaper(let arm): cheaper(arm)
    }
  }

  private func finding(_ agrees: Bool?, _ evidence: String) -> Finding {
    Finding(dataset: dataset, claim: claim.sentence, agrees: agrees, evidence: evidence)
  }

  private var notRun: Finding { finding(nil, "not run") }

  private func test(
    _ arm: String, _ split: Split, _ agrees: (Results.Row) -> Bool
  ) -> Finding {
    guard let row = results.row(dataset, arm, split) else { return notRun }
    return finding(agrees(row), row.text + String(format: ", chance %.3f", row.chance))
  }

  private func compare(
    _ a: (arm: String, split: Split), _ b: (arm: String, split: Split),
    _ agrees: (PairedDifference) -> Bool
  ) -> Finding {
    guard let first = results.row(dataset, a.arm, a.split),
      let second = results.row(dataset, b.arm, b.split), first.seeds == second.seeds
    else { return notRun }
    let (mean, interval) = results.difference(first, second)
    let difference = PairedDifference(mean: mean, interval: interval)
    return finding(
      first.seeds > 1 ? agrees(difference) : nil,
      "\(first.text) against \(second.text); difference "
        + String(
          format: "%+.3f [%+.3f, %+.3f]", difference.mean, difference.interval.lowerBound,
          difference.interval.upperBound
        ).replacing("-", with: "−"))
  }

  private func cheaper(_ arm: String) -> Finding {
    guard
      let even = results.breakEvens.first(where: { $0.dataset == dataset && $0.arm == arm })
    else { return notRun }
    guard let queries = even.queries else {
      return finding(false, "reading is never more expensive")
    }
    return finding(true, String(format: "from %.0f queries on", queries.rounded(.up)))
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
