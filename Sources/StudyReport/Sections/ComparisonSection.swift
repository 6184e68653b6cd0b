import Corpora
import Study

/// Each arm minus fine-tuned and minus in-context, on the same worlds.
struct ComparisonSection {
  let dataset: String
  let differences: [Table]

  /// Nil where nothing can be compared, as with a single world.
  init?(_ results: Results, _ dataset: String) {
    let own = results.comparisons.filter { $0.dataset == dataset }
    self.dataset = dataset
    let splits = results.splits(dataset)
    let arms = results.arms(dataset)
    differences = [Arm.fineTuned.name, Arm.inContext.name].compactMap { other in
      let rows = arms.filter { $0 != other }.compactMap { arm -> Table.Row? in
        let cells = splits.map { Self.difference(own, $0, arm, minus: other) }
        guard cells.contains(where: { $0 != nil }) else { return nil }
        return Table.Row(
          name: arm, cells: cells.map { $0.map(Self.cell) ?? Table.Cell(NumberFormat.dash) })
      }
      return rows.isEmpty
        ? nil
        : Table(
          caption: "\(dataset): accuracy minus that of \(other)",
          head: ["arm minus \(other)"] + splits.map(\.rawValue), rows: rows)
    }
    if differences.isEmpty { return nil }
  }

  private struct Difference {
    let mean: Double
    let lower: Double
    let upper: Double
  }

  /// A pair is stored once; in the opposite order its signs are changed.
  private static func difference(
    _ comparisons: [Results.Comparison], _ split: Split, _ arm: String, minus other: String
  ) -> Difference? {
    for comparison in comparisons where comparison.split == split && comparison.ci95.count == 2 {
      let (lower, upper) = (comparison.ci95[0], comparison.ci95[1])
      if comparison.arm == arm, comparison.minus == other {
        return Difference(mean: comparison.difference, lower: lower, upper: upper)
      }
      if comparison.arm == other, comparison.minus == arm {
        return Difference(mean: -comparison.difference, lower: -upper, upper: -lower)
      }
    }
    return nil
  }

  private static func cell(_ difference: Difference) -> Table.Cell {
    let text =
      "\(NumberFormat.signed(difference.mean)) "
      + "[\(NumberFormat.signed(difference.lower)), \(NumberFormat.signed(difference.upper))]"
    // Sums of the same numbers in another order may differ by a little.
    let nothing = 1e-9
    if difference.lower > nothing {
      return Table.Cell(text, kind: "pick", mark: "▲", note: "above")
    }
    if difference.upper < -nothing {
      return Table.Cell(text, kind: "pick", mark: "▼", note: "below")
    }
    return Table.Cell(text)
  }
}
