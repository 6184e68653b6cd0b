import Corpora
import Study

/// How many generated sentences the weights need to answer what the prompt answers.
struct DoseSection {
  let dataset: String
  let anchor: String
  let chart: String
  let doseTable: Table

  /// Nil where the dose curve has fewer than two points.
  init?(_ results: Results, _ dataset: String) {
    let doses = results.doses.filter { $0.dataset == dataset }
    guard doses.count > 1, let first = doses.first, let last = doses.last else { return nil }
    self.dataset = dataset
    anchor = "dose-" + Markup.slug(dataset)
    let splits = Split.ordered(doses.flatMap(\.splits).map(\.split)).filter(\.isInferred)
    func points(_ split: Split, _ value: (Results.DoseSplit) -> Double?) -> [(x: Double, y: Double)]
    {
      doses.compactMap { dose in
        dose.splits.first { $0.split == split }.flatMap(value).map {
          (Double(dose.sentencesPerFact), $0)
        }
      }
    }
    let lines = splits.map { split in
      LineChart.Line(
        name: split.rawValue, kind: split.kind, marker: split.marker,
        points: points(split) { $0.accuracy })
    }
    let levels = splits.compactMap { split in
      results.row(dataset, Arm.inContext.name, split).map {
        (y: $0.accuracy, name: "\($0.arm) \(split.rawValue)")
      }
    }
    let ends = lines.map { line in
      "\(line.name) from \(NumberFormat.share(line.points.first?.y ?? 0)) to "
        + NumberFormat.share(line.points.last?.y ?? 0)
    }
    chart = LineChart(
      title: "\(dataset): accuracy of augmented against samples per fact",
      description: "From \(first.sentencesPerFact) to \(last.sentencesPerFact) samples per fact: "
        + ends.joined(separator: "; ") + ".",
      heading: Arm.augmented.name, xName: "samples per fact", yName: "accuracy",
      xKind: .logarithmic,
      yKind: .linear,
      xDomain: Double(first.sentencesPerFact)...Double(last.sentencesPerFact), yDomain: 0...1,
      lines: lines, levels: levels
    ).svg(id: anchor + "-accuracy")
    doseTable = Table(
      caption:
        "\(dataset): accuracy of augmented, and in brackets the share of the questions whose answer "
        + "it wrote",
      head: ["samples a fact"] + splits.map(\.rawValue)
        + ["different sentences", "of them true", "of samples true", "once s"],
      rows: doses.map { dose in
        Table.Row(
          name: "\(dose.sentencesPerFact)",
          cells: splits.map { split in
            guard let own = dose.splits.first(where: { $0.split == split }) else {
              return Table.Cell(NumberFormat.dash)
            }
            let covered = own.coverage.map { " (\(NumberFormat.percent($0)))" } ?? ""
            return Table.Cell(
              NumberFormat.accuracy(own.accuracy, error: own.stderr) + covered)
          } + [
            Table.Cell(NumberFormat.count(dose.augmentation.sentences)),
            Table.Cell(NumberFormat.percent(dose.augmentation.isTrue)),
            Table.Cell(NumberFormat.percent(dose.augmentation.samplesTrue)),
            Table.Cell(NumberFormat.fixed(dose.secondsOnce, 1)),
          ])
      })
  }
}
