import Corpora
import Study

/// A few questions with the answers of every arm.
struct ExampleSection {
  struct Example {
    let split: String
    let prompt: String
    let mainTable: Table
    /// The arms that are not among the main ones.
    let otherTable: Table?
  }

  let dataset: String
  let anchor: String
  let examples: [Example]

  private static let mainArms = Arm.main.map(\.name)

  /// Nil where there is no example.
  init?(_ results: Results, _ dataset: String) {
    let own = results.examples.filter { $0.dataset == dataset }
    let questions = own.map(Question.init).uniqued()
    guard !questions.isEmpty else { return nil }
    self.dataset = dataset
    anchor = "examples-" + Markup.slug(dataset)
    let order = results.arms(dataset)
    examples = questions.enumerated().map { number, question in
      let samples = own.filter { Question($0) == question }
        .sorted { (order.firstIndex(of: $0.arm) ?? 0) < (order.firstIndex(of: $1.arm) ?? 0) }
      let main = samples.filter { Self.mainArms.contains($0.arm) }
      let others = samples.filter { !Self.mainArms.contains($0.arm) }
      let name = "\(dataset), example \(number + 1)"
      return Example(
        split: question.split.rawValue, prompt: question.prompt,
        mainTable: Self.table(name, question, main.isEmpty ? others : main),
        otherTable: main.isEmpty || others.isEmpty
          ? nil : Self.tableOfArms(name + ", the other arms", question, others))
    }
  }

  /// One row per choice and one column per arm, with a last row that says whether the arm was
  /// right.
  private static func table(_ name: String, _ question: Question, _ samples: [Sample]) -> Table {
    var rows = question.choices.indices.map { number in
      let isRight = number == question.answer
      return Table.Row(
        name: question.choice(number), rowMark: isRight ? "✓" : nil,
        rowNote: isRight ? "the right answer" : nil, cells: samples.map { cell($0, number) })
    }
    rows.append(
      Table.Row(name: "answer", cells: samples.map { Table.Cell(verdict($0)) }, isSum: true))
    return Table(
      caption: "\(name): log-likelihood of each choice", head: ["choice"] + samples.map(\.arm),
      rows: rows)
  }

  /// The same table transposed, for many arms: one row per arm and one column per choice.
  private static func tableOfArms(
    _ name: String, _ question: Question, _ samples: [Sample]
  ) -> Table {
    let choices = question.choices.indices
    return Table(
      caption: "\(name): log-likelihood of each choice",
      head: ["arm"]
        + choices.map { ($0 == question.answer ? "✓ " : "") + question.choice($0) } + ["answer"],
      rows: samples.map { sample in
        Table.Row(
          name: sample.arm,
          cells: choices.map { cell(sample, $0) } + [Table.Cell(verdict(sample))])
      })
  }

  private static func cell(_ sample: Sample, _ choice: Int) -> Table.Cell {
    guard sample.logLikelihoods.indices.contains(choice) else {
      return Table.Cell(NumberFormat.dash)
    }
    let value = sample.logLikelihoods[choice]
    guard value == sample.logLikelihoods.max() else {
      return Table.Cell(NumberFormat.fixed(value, 2))
    }
    return Table.Cell(NumberFormat.fixed(value, 2), kind: "pick", mark: "●", note: "picked")
  }

  private static func verdict(_ sample: Sample) -> String {
    sample.score == 1 ? "right" : sample.score == 0 ? "wrong" : "tie"
  }

  /// Identifies the same question in the samples of several arms.
  private struct Question: Hashable {
    let seed: UInt64
    let split: Split
    let fact: Int
    let prompt: String
    let choices: [String]
    let answer: Int

    func choice(_ number: Int) -> String { String(choices[number].drop { $0 == " " }) }

    init(_ sample: Sample) {
      seed = sample.seed
      split = sample.split
      fact = sample.fact
      prompt = sample.prompt
      choices = sample.choices
      answer = sample.answer
    }
  }
}
