import Study

/// All numbers of a study as one Markdown page: the tables of ``Report`` without its drawings.
///
/// It makes `docs/results.md` from `docs/study/results.json`.
public struct ResultsDocument: Sendable {
  private let page: Page
  private let results: Results

  public init(_ results: Results) {
    self.results = results
    page = Page(results)
  }

  /// The page, with a newline at the end.
  public func markdown() -> String {
    var parts = ["# Results"]
    let summary = page.summary
    parts.append(
      "Made by `swift run probe report RESULTS.json --format markdown` from the results of\n\n"
        + "    \(summary.command)")
    parts.append(
      (summary.items + summary.settings).map { "- \($0.term): \($0.text)." }
        .joined(separator: "\n"))
    parts += ["## At a glance", markdown(page.glance.glanceTable)]
    parts += page.glance.alarms.map { "**A control is not at chance:** \($0)." }
    for section in page.accuracies {
      parts += [
        "## Accuracy: \(section.dataset)",
        section.about.prefix(1).uppercased() + section.about.dropFirst(),
      ]
      if let note = section.promptNote { parts.append(note) }
      parts += (section.numbers + section.kinds).map(markdown)
    }
    if let finding = page.finding {
      parts += ["## Claims", finding.sum]
      for group in finding.groups {
        parts.append("### \(group.dataset)")
        if let remark = group.remark { parts.append(remark) }
        parts.append(
          Self.table(
            ["claim", "here", "numbers"],
            group.items.map { [$0.claim, $0.verdict, $0.evidence] }))
      }
    }
    if !page.generations.isEmpty {
      parts.append("## Generated sentences")
      parts += page.generations.map { markdown($0.generationTable) }
      parts.append(
        Self.table(
          ["dataset", "arm", "sentences", "true", "false", "malformed", "samples", "true samples"],
          results.augmentations.filter { $0.isUnjudged == nil }.map { own in
            [own.dataset, own.arm, NumberFormat.count(own.sentences)]
              + [own.isTrue, own.isFalse, own.isMalformed].map(NumberFormat.percent)
              + [NumberFormat.count(own.samples), NumberFormat.percent(own.samplesTrue)]
          }))
    }
    if !page.doses.isEmpty {
      parts.append("## Dose")
      parts += page.doses.map { markdown($0.doseTable) }
    }
    if !page.costs.isEmpty {
      parts.append("## Cost")
      for section in page.costs {
        parts.append(markdown(section.costTable))
        if let table = section.evenTable { parts.append(markdown(table)) }
      }
    }
    if !page.comparisons.isEmpty {
      parts.append("## Differences between arms")
      parts.append("On the same \(page.comparedOn).")
      parts += page.comparisons.flatMap(\.differences).map(markdown)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func markdown(_ table: Table) -> String {
    "**\(table.caption)**\n\n"
      + Self.table(table.head, table.rows.map { [$0.name] + $0.cells.map(\.text) })
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let rule = ["---"] + head.dropFirst().map { _ in "---:" }
    return ([head, rule] + rows).map { line in
      "| " + line.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }
}
