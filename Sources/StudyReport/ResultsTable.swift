import Corpora
import Foundation
import Study

extension Results {
  /// How the results are printed.
  public enum Format: String, CaseIterable, Sendable {
    case table, markdown, json
  }

  /// The results as text to read, or as JSON.
  public func text(_ format: Format) throws -> String {
    switch format {
    case .json: String(decoding: try json(), as: UTF8.self)
    case .table, .markdown: sections(format).joined(separator: "\n\n")
    }
  }

  /// One section per dataset, then the findings.
  private func sections(_ format: Format) -> [String] {
    var sections: [String] = []
    for dataset in rows.map(\.dataset).uniqued() {
      var lines = [heading(dataset, format), "", table(dataset, format)]
      let written = augmentations.filter { $0.dataset == dataset }.map(\.text)
      if !written.isEmpty { lines += [""] + written.map { format == .markdown ? "- " + $0 : $0 } }
      if dataset == run.documents?.dataset {
        lines += [""] + userNotes.map { format == .markdown ? "- " + $0 : $0 }
      }
      let found = findings.filter { $0.dataset == dataset && $0.agrees != nil }
      if !found.isEmpty {
        lines.append("")
        lines += found.map { finding in
          let mark = finding.agrees == true ? "agrees with" : "differs from"
          let source = finding.isInPaper ? "the paper" : "what is expected"
          return (format == .markdown ? "- " : "") + "\(mark) \(source): \(finding.claim): "
            + finding.evidence
        }
      }
      sections.append(lines.joined(separator: "\n"))
    }
    if !doses.isEmpty { sections.append(doseTable(format)) }
    let alarms = rows.filter { row in
      Arm.named(row.arm)?.isControl == true && !row.isAtChance
    }
    for row in alarms {
      sections.append(
        "Beware: the control \(row.text) on \(row.dataset) is not at chance, "
          + String(format: "%.3f.", row.chance))
    }
    for row in rows
    where row.split.isInferred && Arm.named(row.arm)?.isMisled == true {
      guard let plain = self.row(row.dataset, Arm.fineTuned.name, row.split) else { continue }
      let most = max(plain.accuracy, row.chance)
      if row.accuracy > most + max(0.05, 2.6 * max(row.stderr, plain.stderr)) {
        sections.append(
          "Beware: the control \(row.text) on \(row.dataset) infers more than fine-tuning or chance, "
            + String(format: "%.3f.", most))
      }
    }
    return sections
  }

  private func heading(_ dataset: String, _ format: Format) -> String {
    var text = dataset
    if let own = run.documents, own.dataset == dataset {
      text += ": \(own.documentCount) documents"
      if let size = prompts.first(where: { $0.dataset == dataset }) {
        text +=
          size.facts < size.ofFacts
          ? ", about \(Self.grouped(size.facts)) of them in a prompt" : ", all in the prompt"
      }
      text += own.questionCount == 1 ? "; 1 question" : "; \(own.questionCount) questions"
      text += ", \(run.seeds.count) seed\(run.seeds.count == 1 ? "" : "s")"
      return format == .markdown ? "### " + text : text
    }
    if let size = prompts.first(where: { $0.dataset == dataset }) {
      text += ": \(Self.grouped(size.ofFacts)) facts a world, "
      text +=
        size.facts < size.ofFacts
        ? "\(Self.grouped(size.facts)) of them in a prompt" : "all in the prompt"
    }
    text += ", \(run.seeds.count) world\(run.seeds.count == 1 ? "" : "s")"
    return format == .markdown ? "### " + text : text
  }

  /// One line per arm: accuracy ± standard error on each split, with a bar, and what it costs.
  private func table(_ dataset: String, _ format: Format) -> String {
    let own = rows.filter { $0.dataset == dataset }
    let splits = own.map(\.split).uniqued()
    let isRanked = splits.map { split in
      own.contains { $0.split == split && $0.meanRank != nil }
    }
    func columns(_ split: (Int) -> String, _ more: (Int) -> [String]) -> [String] {
      splits.indices.flatMap { [split($0)] + (isRanked[$0] ? more($0) : []) }
    }
    var lines = [
      ["arm"] + columns({ splits[$0].rawValue }, { _ in ["rank", "exact"] })
        + ["tokens trained", "once s", "tokens/query", "ms/query"]
    ]
    for arm in own.map(\.arm).uniqued() {
      guard let cost = cost(dataset, arm) else { continue }
      let accuracies = columns { place in
        row(dataset, arm, splits[place]).map { row in
          let bar = format == .table ? Self.bar(row.accuracy) + " " : ""
          // A single world gives no error.
          return bar
            + (row.hasError
              ? String(format: "%.3f ± %.3f", row.accuracy, row.stderr)
              : String(format: "%.3f", row.accuracy))
        } ?? "–"
      } _: { place in
        let row = row(dataset, arm, splits[place])
        return [
          row?.meanRank.map { String(format: "%.1f", $0) } ?? "–",
          row?.exactMatch.map { String(format: "%.3f", $0) } ?? "–",
        ]
      }
      let trains = cost.tokensTrained > 0
      lines.append(
        [arm] + accuracies + [
          trains ? Self.grouped(cost.tokensTrained) : "–",
          trains ? String(format: "%.1f", cost.secondsOnce) : "–",
          Self.grouped(cost.tokensPerQuery), String(format: "%.2f", 1000 * cost.secondsPerQuery),
        ])
    }
    let chances = columns { place in
      own.first { $0.split == splits[place] }.map { String(format: "%.3f", $0.chance) } ?? "–"
    } _: { _ in
      ["", ""]
    }
    lines.append(["chance"] + chances + ["", "", "", ""])
    if format == .markdown {
      lines.insert(["---"] + lines[0].dropFirst().map { _ in "---:" }, at: 1)
      return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
    return Self.aligned(lines)
  }

  /// The dose curve: one line for each number of samples per fact.
  private func doseTable(_ format: Format) -> String {
    let splits = Split.ordered(doses.flatMap(\.splits).map(\.split)).filter(\.isInferred)
    var lines = [
      ["dataset", "samples a fact"] + splits.map { "\($0.rawValue) (covered)" }
        + ["true samples", "true sentences", "tokens trained", "once s"]
    ]
    for dose in doses {
      lines.append(
        [dose.dataset, "\(dose.sentencesPerFact)"]
          + splits.map { split in
            guard let own = dose.splits.first(where: { $0.split == split }) else { return "–" }
            return String(format: "%.3f", own.accuracy)
              + (dose.seeds > 1 ? String(format: " ± %.3f", own.stderr) : "")
              + (own.coverage.map { String(format: " (%.2f)", $0) } ?? "")
          } + [
            String(format: "%.2f", dose.augmentation.samplesTrue),
            String(format: "%.2f", dose.augmentation.isTrue),
            Self.grouped(dose.tokensTrained), String(format: "%.1f", dose.secondsOnce),
          ])
    }
    let title = "Dose: augmented, with so many samples of each kind for each fact"
    if format == .markdown {
      lines.insert(["---"] + lines[0].dropFirst().map { _ in "---:" }, at: 1)
      return "### " + title + "\n\n"
        + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
    return title + "\n\n" + Self.aligned(lines)
  }

  /// Five cells from 0 to 1, in eighths.
  private static func bar(_ share: Double) -> String {
    let eighths = Int((min(1, max(0, share)) * 40).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let bar = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    return bar.padding(toLength: 5, withPad: " ", startingAt: 0)
  }

  static func grouped(_ value: Double) -> String {
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

extension Results.Augmentation {
  /// A sentence about the generated sentences of an arm.
  public var text: String {
    if isUnjudged != nil {
      return String(
        format:
          "%@ wrote %.0f different sentences a seed; nothing here can say whether they are true.",
        arm, sentences)
    }
    let covered = coverage.sorted { $0.key < $1.key }
      .map { String(format: "%.0f %% of the %@ questions", 100 * $0.value, $0.key) }
    return String(
      format:
        "%@ wrote %.0f different sentences a world: %.1f %% true, %.1f %% false, %.1f %% malformed",
      arm, sentences, 100 * isTrue, 100 * isFalse, 100 * isMalformed)
      + (covered.isEmpty ? "." : "; they answer " + covered.joined(separator: " and ") + ".")
  }
}
