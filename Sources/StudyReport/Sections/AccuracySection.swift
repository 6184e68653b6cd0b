import Corpora
import Study

/// How often the arms were right: one chart per split, and the numbers.
struct AccuracySection {
  let dataset: String
  let anchor: String
  let about: String
  let promptNote: String?
  let charts: [String]
  /// One table per split.
  let numbers: [Table]
  /// One table for each split with several kinds of questions.
  let kinds: [Table]

  init(_ results: Results, _ dataset: String) {
    self.dataset = dataset
    let anchor = "accuracy-" + Markup.slug(dataset)
    self.anchor = anchor
    let own = results.run.documents.flatMap { $0.dataset == dataset ? $0 : nil }
    about = own?.about ?? Dataset(named: dataset)?.summary ?? ""
    let (facts, ofAll) = own == nil ? ("facts of a world", "worlds") : ("documents", "seeds")
    let arms = results.arms(dataset)
    promptNote = results.prompts.first { $0.dataset == dataset }.map { size in
      size.facts < size.ofFacts
        ? "One prompt holds \(NumberFormat.count(size.facts)) of the \(NumberFormat.count(size.ofFacts)) "
          + "\(facts), the question's own among them."
        : "All \(NumberFormat.count(size.ofFacts)) \(facts) stand in one prompt."
    }
    let splits = results.splits(dataset)
    charts = splits.enumerated().map { place, split in
      let rows = arms.compactMap { results.row(dataset, $0, split) }
      return BarChart(
        title: "\(dataset), \(split.rawValue): accuracy of each arm",
        heading: split.rawValue, chance: rows.first?.chance ?? 0,
        bars: rows.map { row in
          BarChart.Bar(
            name: row.arm, kind: FactLocation(arm: row.arm).kind, value: row.accuracy,
            interval: row.interval)
        }
      ).svg(
        id: "\(anchor)-\(Markup.slug(split.rawValue))"
          + (Split.allCases.contains(split) ? "" : "-\(place)"))
    }
    kinds = splits.compactMap { Self.tableOfKinds(results, dataset, $0, arms) }
    numbers = splits.map { split in
      let rows = arms.compactMap { results.row(dataset, $0, split) }
      let isRanked = rows.contains { $0.meanRank != nil }
      return Table(
        caption:
          "\(dataset), \(split.rawValue): chance \(NumberFormat.share(rows.first?.chance ?? 0)), "
          + "\(NumberFormat.count(Double(rows.first?.questions ?? 0))) questions in all \(ofAll)",
        head: ["arm", "accuracy", "95 % interval", "normalised", "prior-corrected"]
          + (isRanked ? ["mean rank", "exact match"] : []),
        rows: rows.map { row in
          Table.Row(
            name: row.arm,
            cells: [
              Table.Cell(NumberFormat.accuracy(row)), Table.Cell(NumberFormat.interval(row)),
              Table.Cell(NumberFormat.share(row.accuracyNormalized)),
              Table.Cell(NumberFormat.share(row.accuracyCorrected)),
            ]
              + (isRanked
                ? [
                  Table.Cell(row.meanRank.map { NumberFormat.fixed($0, 1) } ?? NumberFormat.dash),
                  Table.Cell(row.exactMatch.map(NumberFormat.share) ?? NumberFormat.dash),
                ] : []))
        })
    }
  }
}

extension AccuracySection {
  /// One column per kind of question; nil where the split has only one kind.
  private static func tableOfKinds(
    _ results: Results, _ dataset: String, _ split: Split, _ arms: [String]
  ) -> Table? {
    let own = results.kinds.filter { $0.dataset == dataset && $0.split == split }
    let names = own.map(\.kind).uniqued()
    guard !names.isEmpty else { return nil }
    func kind(_ arm: String, _ name: String) -> Results.Kind? {
      own.first { $0.arm == arm && $0.kind == name }
    }
    return Table(
      caption: "\(dataset), \(split.rawValue): accuracy by what is asked for "
        + "(and how many questions ask for it)",
      head: ["arm"]
        + names.map { name in "\(name) (\(own.first { $0.kind == name }?.questions ?? 0))" },
      rows: arms.filter { arm in own.contains { $0.arm == arm } }.map { arm in
        Table.Row(
          name: arm,
          cells: names.map { name in
            Table.Cell(
              kind(arm, name).map {
                NumberFormat.accuracy($0.accuracy, error: $0.hasError ? $0.stderr : nil)
              } ?? NumberFormat.dash)
          })
      })
  }
}

extension Results.Row {
  /// The 95 % interval; nil for a single world.
  fileprivate var interval: ClosedRange<Double>? {
    guard hasError, ci95.count == 2, ci95[0] <= ci95[1] else { return nil }
    return ci95[0]...ci95[1]
  }
}
