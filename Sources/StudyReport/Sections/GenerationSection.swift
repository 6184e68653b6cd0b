import Corpora
import Study

/// The quality of the sentences that the model generated for its own training.
struct GenerationSection {
  let dataset: String
  let anchor: String
  let chart: String
  let generationTable: Table

  /// Nil where no arm generated any.
  init?(_ results: Results, _ dataset: String) {
    let order = results.arms(dataset)
    let written = results.augmentations.filter { $0.dataset == dataset }
      .sorted { (order.firstIndex(of: $0.arm) ?? 0) < (order.firstIndex(of: $1.arm) ?? 0) }
    // Sentences that cannot be judged have no chart.
    guard !written.isEmpty, written.allSatisfy({ $0.isUnjudged == nil }) else { return nil }
    self.dataset = dataset
    anchor = "writing-" + Markup.slug(dataset)
    chart = StackedBars(
      title: "\(dataset): how many of the sentences that the model wrote are true",
      parts: [
        .init(name: "true", kind: "is-true"), .init(name: "false", kind: "is-false"),
        .init(name: "malformed", kind: "is-malformed"),
      ],
      bars: written.map { own in
        StackedBars.Bar(name: own.arm, shares: [own.isTrue, own.isFalse, own.isMalformed])
      }
    ).svg(id: anchor + "-shares")
    let covered = Split.allCases.map(\.rawValue).filter { split in
      written.contains { $0.coverage[split] != nil }
    }
    generationTable = Table(
      caption: "\(dataset): sentences a world, and how many of the questions they answer",
      head: ["arm", "sentences"] + covered.map { "answers \($0)" },
      rows: written.map { own in
        Table.Row(
          name: own.arm,
          cells: [Table.Cell(NumberFormat.count(own.sentences))]
            + covered.map { split in
              Table.Cell(own.coverage[split].map(NumberFormat.percent) ?? NumberFormat.dash)
            })
      })
  }
}
