import Corpora
import Foundation

extension Results {
  /// The table that `probe` prints: an arm a line, accuracy ± standard error of each split.
  public var table: String {
    let splits = rows.map(\.split).uniqued()
    let arms = rows.map(\.arm).uniqued()
    var lines = [
      ["arm"] + splits.map(\.rawValue)
        + ["tokens trained", "train s", "tokens/query", "ms/query"]
    ]
    for arm in arms {
      guard let any = rows.first(where: { $0.arm == arm }) else { continue }
      let accuracies = splits.map { split in
        row(arm, split).map { row in
          // Of one world alone there is no error to give.
          row.seeds > 1
            ? String(format: "%.3f ± %.3f", row.accuracy, row.stderr)
            : String(format: "%.3f", row.accuracy)
        } ?? "–"
      }
      lines.append(
        [arm] + accuracies + [
          any.tokensTrained > 0 ? Self.grouped(any.tokensTrained) : "–",
          any.tokensTrained > 0 ? String(format: "%.1f", any.secondsTrain) : "–",
          Self.grouped(any.tokensPerQuery), String(format: "%.2f", 1000 * any.secondsPerQuery),
        ])
    }
    let chances = splits.map { split in
      rows.first { $0.split == split }.map { String(format: "%.3f", $0.chance) } ?? "–"
    }
    lines.append(["chance"] + chances + ["", "", "", ""])
    return Self.aligned(lines)
  }

  /// What the model wrote for the augmented arms, a line each.
  public var augmentationLines: [String] {
    augmentations.map { a in
      let covered = a.coverage.sorted { $0.key < $1.key }
        .map { String(format: "%.0f %% of the %@ questions", 100 * $0.value, $0.key) }
      return String(
        format: "%@ wrote %.0f sentences a world: %.1f %% true, %.1f %% false, %.1f %% malformed",
        a.arm, a.sentences, 100 * a.isTrue, 100 * a.isFalse, 100 * a.isMalformed)
        + (covered.isEmpty ? "." : "; they answer " + covered.joined(separator: " and ") + ".")
    }
  }

  private static func grouped(_ value: Double) -> String {
    var digits = String(Int(value.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  /// First column to the left, the others to the right, a rule under the head.
  private static func aligned(_ lines: [[String]]) -> String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { line in
      zip(line, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ").replacing(/\ +$/, with: "")
    }
    text.insert(String(repeating: "─", count: widths.reduce(-2) { $0 + $1 + 2 }), at: 1)
    return text.joined(separator: "\n")
  }
}
