import Corpora
import Study

/// Every arm's accuracy where something has to be inferred, on one screen.
struct GlanceSection {
  let glanceTable: Table
  /// Controls that are not at chance.
  let alarms: [String]
  let hasAlarms: Bool

  init(_ results: Results) {
    var columns: [(dataset: String, split: Split)] = []
    for dataset in results.datasets {
      let splits = results.splits(dataset)
      let inferred = splits.filter(\.isInferred)
      columns += (inferred.isEmpty ? splits : inferred).map { (dataset, $0) }
    }
    var rows = results.arms().map { arm in
      Table.Row(
        name: arm,
        cells: columns.map { dataset, split in
          Table.Cell(
            results.row(dataset, arm, split).map { NumberFormat.share($0.accuracy) }
              ?? NumberFormat.dash)
        })
    }
    rows.append(
      Table.Row(
        name: "chance",
        cells: columns.map { dataset, split in
          let row = results.rows.first { $0.dataset == dataset && $0.split == split }
          return Table.Cell(row.map { NumberFormat.share($0.chance) } ?? NumberFormat.dash)
        }, isSum: true))
    glanceTable = Table(
      caption: "Accuracy where something has to be inferred",
      head: ["arm"] + columns.map { "\($0.dataset) \($0.split.rawValue)" }, rows: rows)
    let off = results.rows.filter { row in
      Arm.named(row.arm)?.isControl == true && !row.isAtChance
    }
    alarms = off.map { "\($0.arm) on \($0.dataset)" }.uniqued().map { name in
      name + ": "
        + off.filter { "\($0.arm) on \($0.dataset)" == name }.map { row in
          "\(row.split.rawValue) \(NumberFormat.accuracy(row)), chance \(NumberFormat.share(row.chance))"
        }.joined(separator: "; ")
    }
    hasAlarms = !alarms.isEmpty
  }
}
