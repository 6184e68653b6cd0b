import Corpora
import Foundation

extension Results {
  /// One sentence that says what the numbers show, made from the numbers; nil where the arms that it
  /// compares were not run.
  public var conclusion: String? {
    guard let inContext = row("in-context", .reversed), let tuned = row("fine-tuned", .reversed),
      let learned = row("fine-tuned", .trained)
    else { return nil }
    func percent(_ row: Row) -> String { String(format: "%.0f %%", 100 * row.accuracy) }
    var text =
      "Reading the facts in its prompt, the model answers \(percent(inContext)) of the reversed "
      + "questions; fine-tuned on them, it repeats \(percent(learned)) as they were told and "
      + "reverses \(percent(tuned)) "
    text += String(format: "(chance is %.0f %%)", 100 * tuned.chance)
    if let augmented = row("augmented-local", .reversed) {
      text +=
        "; trained also on what it inferred itself from each document, it reverses "
        + percent(augmented)
    }
    text += "."
    if Self.isAbove(inContext, tuned) {
      text +=
        Self.holdsChance(tuned)
        ? " What it can do with facts in its context, it cannot do with facts in its weights: "
          + "the reversal curse."
        : " Facts in its context serve it better than facts in its weights."
    } else {
      text += " No reversal curse shows here."
    }
    let controls = rows.filter {
      $0.split == .reversed && ["pretrained", "in-context-shuffled"].contains($0.arm)
        && !Self.holdsChance($0)
    }
    for control in controls {
      text += String(
        format: " Beware: the control %@ is at %.3f, not at chance.", control.arm,
        control.accuracy)
    }
    return text
  }

  private static func isAbove(_ a: Row, _ b: Row) -> Bool {
    a.accuracy - b.accuracy > 2 * (a.stderr * a.stderr + b.stderr * b.stderr).squareRoot() + 0.02
  }

  /// Whether an accuracy is chance's, as far as so many questions in so many worlds can tell.
  private static func holdsChance(_ row: Row) -> Bool {
    let guessing = (row.chance * (1 - row.chance) / Double(max(1, row.questions))).squareRoot()
    return abs(row.accuracy - row.chance) <= max(0.05, 2 * max(row.stderr, guessing))
  }
}
