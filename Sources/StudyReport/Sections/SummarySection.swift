import Corpora
import Foundation
import Study

/// What was done, in plain words, and with what.
struct SummarySection {
  struct Item {
    let term: String
    let text: String
  }

  let paragraphs: [String]
  let command: String
  let items: [Item]
  let settings: [Item]
  let splits: [Item]
  let arms: [Item]

  init(_ results: Results) {
    let run = results.run
    let datasets = results.datasets
    let arms = results.arms()
    let worlds = run.seeds.count
    let questions = datasets.reduce(0) { sum, dataset in
      let own = results.rows.filter { $0.dataset == dataset }
      return sum + own.filter { $0.arm == own.first?.arm }.reduce(0) { $0 + $1.questions }
    }
    paragraphs =
      run.documents.map { [Self.lead(about: $0, arms)] + results.userNotes }
      ?? [Self.lead(worlds, datasets.count, arms, NumberFormat.count(Double(questions)))]
    command = run.command.hasPrefix("swift run ") ? run.command : "swift run " + run.command
    items = [
      Item(
        term: "Model",
        text:
          "\(run.model)\(run.adapter.map { " with \($0)" } ?? ""), \(NumberFormat.count(Double(run.parameters))) parameters"
      ),
      Item(
        term: run.documents == nil ? "Worlds" : "Seeds",
        text: (run.documents == nil ? "\(worlds) a dataset, " : "\(worlds), ")
          + (worlds == 1 ? "number " : "numbers ") + Self.ranges(run.seeds)
          + (worlds == 1 && run.documents == nil ? "; one world alone gives no intervals" : "")),
      run.documents.map(Self.files) ?? Item(term: "Datasets", text: NumberFormat.list(datasets)),
      Item(term: "Date", text: Self.date(run.createdAt)),
      Item(
        term: "Time",
        text: "\(NumberFormat.duration(run.seconds)) on \(run.workers) "
          + (run.workers == 1 ? "core" : "cores") + ", "
          + "\(NumberFormat.count(Double(run.peakMemoryBytes) / 1_048_576)) MB of memory at most"),
      Item(term: "Processor", text: "\(run.blasCore), as OpenBLAS calls it"),
    ]
    let tuning = run.fineTuning
    let written = run.augmentation
    settings = [
      Item(
        term: "Fine-tuning",
        text: "\(tuning.epochs) epochs in batches of about \(tuning.tokensPerBatch) tokens, "
          + (tuning.splitting == .none ? "" : "\(tuning.splitting.rawValue) sentences, ")
          + String(format: "learning rate %g", tuning.learningRate)
          + (tuning.loraRank.map { ", low-rank adapter of rank \($0)" } ?? "")),
      Item(
        term: "Augmentation",
        text: written.chat.map { chat in
          "\(chat.answers) answer\(chat.answers == 1 ? "" : "s") to each of \(chat.requests.count) "
            + "requests about each document, "
            + String(format: "temperature %g", chat.temperature)
            + (written.teacherOrders == 0 ? "; their words are learned as they were sampled" : "")
        } ?? "\(written.sentencesPerFact) sentences a fact, "
          + String(format: "temperature %g", written.temperature)),
    ]
    splits = results.splits().map { Item(term: $0.rawValue, text: $0.meaning) }
    self.arms = arms.map { name in
      Item(term: name, text: Arm.named(name)?.summary ?? "")
    }
  }

  /// The introduction to a study of the user's documents.
  private static func lead(about own: UserDocuments.Summary, _ arms: [String]) -> String {
    """
    A language model can know a fact because it was trained on it, or because the fact stands in its \
    prompt. Are the two worth the same? Here a model meets \(NumberFormat.count(Double(own.documentCount))) \
    documents in \(arms.count == 1 ? "one way, called an arm" : "\(arms.count) ways, called arms"), and \
    answers \(NumberFormat.count(Double(own.questionCount))) questions about them. The choices are not shown to \
    the model: the one that it finds likeliest is its answer, and guessing is right as often as chance says.
    """
  }

  private static func files(_ own: UserDocuments.Summary) -> Item {
    Item(
      term: "Files",
      text: "documents in \(NumberFormat.list(own.documents)), "
        + "\(NumberFormat.count(Double(own.tokens))) tokens; questions in \(NumberFormat.list(own.questions)), about "
        + "\(own.factCount) facts")
  }

  private static func lead(
    _ worlds: Int, _ datasets: Int, _ arms: [String], _ questions: String
  ) -> String {
    let places = arms.map(FactLocation.init(arm:))
    let ways = [
      (FactLocation.prompt, "in its prompt"), (.weights, "in its weights"),
      (.inferences, "in its weights together with what it inferred itself while it read"),
    ].filter { places.contains($0.0) }.map(\.1)
    return """
      A language model can know a fact because it was trained on it, or because the fact stands in its \
      prompt. Are the two worth the same? Here a small transformer, which has only ever seen invented \
      words, meets \(worlds == 1 ? "a fresh world" : "\(worlds) fresh worlds") of invented facts\
      \(datasets == 1 ? "" : " in each of \(datasets) datasets"). It may know them in \
      \(arms.count == 1 ? "one way, called an arm" : "\(arms.count) ways, called arms")\
      \(ways.isEmpty ? "" : ", such as " + NumberFormat.list(ways)). \
      \(arms.count == 1 ? "The arm answers" : "Every arm answers the same") \(questions) questions. \
      Some repeat a fact; others ask for it from its other side, or for what follows from several. \
      The choices are not shown to the model: the one that it finds likeliest is its answer, and \
      guessing is right as often as chance says.
      """
  }

  /// "1 to 5", or a list where they are not consecutive.
  private static func ranges(_ seeds: [UInt64]) -> String {
    guard let first = seeds.first, let last = seeds.last else { return NumberFormat.dash }
    let isRow = zip(seeds, seeds.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 == 1 }
    return isRow && seeds.count > 2
      ? "\(first) to \(last)" : NumberFormat.list(seeds.map(String.init))
  }

  /// "2026-05-04 12:30 UTC" for "2026-05-04T12:30:59Z".
  private static func date(_ text: String) -> String {
    guard text.count == 20, text.hasSuffix("Z") else { return text }
    return text.prefix(16).replacing("T", with: " ") + " UTC"
  }
}
