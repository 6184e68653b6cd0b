import Corpora
import Study

/// What the paper found, and whether this study agrees.
struct FindingSection {
  struct Group {
    let dataset: String
    let remark: String?
    let items: [Item]
  }

  struct Item {
    let verdict: String
    let sign: String
    let verdictKind: String
    let claim: String
    let evidence: String
  }

  let sum: String
  let groups: [Group]

  /// Nil where there is nothing to compare with the paper.
  init?(_ results: Results) {
    guard !results.findings.isEmpty else { return nil }
    groups = results.findings.map(\.dataset).uniqued().map { dataset in
      let findings = results.findings.filter { $0.dataset == dataset }
      return Group(
        dataset: dataset,
        remark: findings.allSatisfy(\.isInPaper)
          ? nil : "Not a dataset of the paper: the same directions are expected.",
        items: findings.map(Item.init))
    }
    sum = [
      ("Of its claims", results.findings.filter(\.isInPaper)),
      (
        "Of those expected of a dataset that it does not have",
        results.findings.filter { !$0.isInPaper }
      ),
    ].filter { !$0.1.isEmpty }
      .map { "\($0) \(Self.counts($1.map(Item.init)))." }.joined(separator: " ")
  }

  /// "15 agree and 4 differ".
  private static func counts(_ items: [Item]) -> String {
    NumberFormat.list(
      [
        ("agrees", "agree"), ("differs", "differ"), ("undecided", "undecided"),
        ("not run", "not run"),
      ]
      .compactMap { one, many in
        let count = items.count { $0.verdict == one }
        return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
      })
  }
}

extension FindingSection.Item {
  init(_ finding: Finding) {
    claim = finding.claim
    evidence = finding.evidence == "not run" ? "" : finding.evidence
    switch finding.agrees {
    case true?: (verdict, sign, verdictKind) = ("agrees", "✓", "agrees")
    case false?: (verdict, sign, verdictKind) = ("differs", "≠", "differs")
    case nil:
      // A single world decides nothing, although it has numbers.
      (verdict, sign, verdictKind) = (evidence.isEmpty ? "not run" : "undecided", "–", "open")
    }
  }
}
