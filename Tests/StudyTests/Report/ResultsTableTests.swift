import Corpora
import Foundation
import Testing

@testable import Study
@testable import StudyReport

@Suite struct ResultsTableTests {
  private static let outcomes = ([1, 2] as [UInt64]).flatMap { seed -> [StudyRun.Outcome] in
    [
      HandMade.outcome("pretrained", seed: seed, right: [.trained: 1, .reversed: 1]),
      HandMade.outcome(
        "in-context", seed: seed, right: [.trained: 2, .reversed: 2], tokensPerQuery: 1496,
        secondsPerQuery: 0.07155, factsPerPrompt: 2, facts: 4),
      HandMade.outcome(
        "fine-tuned", seed: seed, right: [.trained: 2, .reversed: seed == 1 ? 0 : 1.5],
        tokensTrained: 12_345_678, secondsTrain: 2, tokensPerQuery: 25, secondsPerQuery: 0.002),
    ]
  }

  @Test func `the table equals the expected text`() throws {
    let text = try HandMade.results(Self.outcomes).text(.table)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      lines.prefix(8) == [
        "reversal: 4 facts a world, 2 of them in a prompt, 2 worlds",
        "",
        "arm                     trained             reversed  tokens trained  once s  tokens/query  ms/query",
        String(repeating: "─", count: 100),
        "pretrained  ██▌   0.500 ± 0.000  ██▌   0.500 ± 0.000               –       –            20      1.00",
        "in-context  █████ 1.000 ± 0.000  █████ 1.000 ± 0.000               –       –         1,496     71.55",
        "fine-tuned  █████ 1.000 ± 0.000  █▉    0.375 ± 0.375      12,345,678     2.0            25      2.00",
        "chance                    0.500                0.500",
      ])
  }

  @Test func `markdown has the same numbers in cells and no bars`() throws {
    let text = try HandMade.results(Self.outcomes).text(.markdown)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      lines.prefix(8) == [
        "### reversal: 4 facts a world, 2 of them in a prompt, 2 worlds",
        "",
        "| arm | trained | reversed | tokens trained | once s | tokens/query | ms/query |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| pretrained | 0.500 ± 0.000 | 0.500 ± 0.000 | – | – | 20 | 1.00 |",
        "| in-context | 1.000 ± 0.000 | 1.000 ± 0.000 | – | – | 1,496 | 71.55 |",
        "| fine-tuned | 1.000 ± 0.000 | 0.375 ± 0.375 | 12,345,678 | 2.0 | 25 | 2.00 |",
        "| chance | 0.500 | 0.500 |  |  |  |  |",
      ])
    #expect(lines.dropFirst(9).allSatisfy { $0.isEmpty || $0.hasPrefix("- ") })
  }

  @Test func `JSON holds all results`() throws {
    let results = HandMade.results(Self.outcomes)
    let text = try results.text(.json)
    #expect(try Data(text.utf8) == results.json())
    #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
  }

  @Test func `a single world has no error`() throws {
    let text = try HandMade.results(Self.outcomes.filter { $0.seed == 2 }).text(.markdown)
    #expect(text.hasPrefix("### reversal: 4 facts a world, 2 of them in a prompt, 1 world\n"))
    #expect(text.contains("| fine-tuned | 1.000 | 0.750 |"))
    #expect(!text.contains("±"))
  }

  @Test func `each dataset has its own table`() throws {
    let outcomes =
      Self.outcomes + [
        HandMade.outcome(
          "in-context", dataset: .family, right: [.deduced: 1], factsPerPrompt: 4, facts: 4)
      ]
    let text = try HandMade.results(outcomes).text(.table)
    #expect(text.contains("\n\nfamily: 4 facts a world, all in the prompt, 2 worlds\n\narm  "))
    #expect(text.contains("\n\narm         "))
    // A split that was not asked has no column.
    let family = try #require(text.split(separator: "family: ").last)
    #expect(family.contains("deduced") && !family.contains("reversed  "))
  }

  @Test func `a finding is printed with its evidence, unless it was not run`() throws {
    let same =
      Self.outcomes.filter { $0.arm != "fine-tuned" }
      + [1, 2].map {
        HandMade.outcome("fine-tuned", seed: $0, right: [.trained: 2, .reversed: 1])
      }
    // Differences of 1 and 0.25 in two worlds leave doubt; equal differences leave little, even of
    // four questions.
    for (outcomes, mark, accuracy) in [
      (Self.outcomes, "differs from", "0.375"), (same, "agrees with", "0.500"),
    ] {
      let text = try HandMade.results(outcomes).text(.table)
      let stated =
        "\(mark) the paper: in-context is above fine-tuned on reversed questions: "
        + "in-context reversed 1.000 [0.510, 1.000] against fine-tuned reversed \(accuracy)"
      #expect(text.split(separator: "\n").contains { $0.hasPrefix(stated) })
      #expect(!text.contains("not run") && !text.contains("augmented"))
    }
  }

  @Test func `a control that is not at chance is reported`() throws {
    let fine = try HandMade.results(Self.outcomes).text(.table)
    #expect(!fine.contains("Beware"))
    let bad = (1...40).map {
      HandMade.outcome("in-context-shuffled", seed: $0, right: [.reversed: 2])
    }
    #expect(
      try HandMade.results(bad).text(.table).hasSuffix(
        "\n\nBeware: the control in-context-shuffled reversed 1.000 [0.954, 1.000] on reversal "
          + "is not at chance, 0.500."))
    // The same accuracy of an arm that is not a control gives no warning.
    let good = (1...40).map { HandMade.outcome("retrieval", seed: $0, right: [.reversed: 2]) }
    #expect(try !HandMade.results(good).text(.table).contains("Beware"))
  }

  @Test(arguments: [
    (0.0, "0"), (999.4, "999"), (999.5, "1,000"), (1_234_567, "1,234,567"), (100_000, "100,000"),
  ])
  func `thousands are separated`(value: Double, expected: String) {
    #expect(Results.grouped(value) == expected)
  }
}
