import ArgumentParser
import Corpora
import Foundation
import Study

/// The options of `probe` that say which facts are compared: worlds of datasets, or the user's own.
struct ComparedFacts: ParsableArguments {
  @Flag(help: "Comparisons and their reversals: \"femp are more rony than glon.\"")
  var reversal = false

  @Flag(help: "Two premises and their conclusion: \"All glon are yomp. All troff are glon.\"")
  var syllogism = false

  @Flag(help: "Trees of categories with inherited properties: \"gruds belong to the abmes.\"")
  var hierarchy = false

  @Flag(help: "Family trees: parents and spouses stated, siblings and grandparents asked for too.")
  var family = false

  @Flag(help: "Names and descriptions: \"femp glon is the author of yomp troff.\"")
  var celebrities = false

  @Flag(help: "All five datasets.")
  var all = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of your own documents, JSON lines: {\"text\": …} or {\"prompt\": …, \"completion\": …}.",
      valueName: "file"), completion: .file(extensions: ["jsonl"]))
  var documents: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Files of questions about the documents, JSON lines: {"prompt": …, "choices": […], "answer": 0, \
      "split": "reversed"}, or {"prompt": …, "completion": …}, whose wrong choices are the other \
      questions' completions. The split of questions that name none is SPLIT, or else the file's name.
      """, valueName: "[split=]file"), completion: .file(extensions: ["jsonl"]))
  var questions: [String] = []

  @Option(
    help: """
      The size of a world: comparisons, syllogisms, categories, families or people. (default: \
      \(Dataset.allCases.map { "\($0.standardSize) \($0.unit)" }.joined(separator: ", ")))
      """)
  var size: Int?

  func validate() throws {
    try check("--size", size, in: 1...1_000_000)
  }

  /// The datasets to run.
  ///
  /// - Parameter otherwise: the datasets to run where neither a dataset nor a file is named.
  /// - Throws: `ValidationError` where `otherwise` is needed and is empty.
  func datasets(otherwise: [Dataset]) throws -> [Dataset] {
    let flags: [(Dataset, Bool)] = [
      (.reversal, reversal), (.syllogism, syllogism), (.hierarchy, hierarchy), (.family, family),
      (.celebrities, celebrities),
    ]
    let chosen = flags.filter { all || $0.1 }.map(\.0)
    if !chosen.isEmpty || !documents.isEmpty || !questions.isEmpty { return chosen }
    guard !otherwise.isEmpty else {
      throw ValidationError(
        "Say which comparison to run: "
          + Dataset.allCases.map { "--\($0.rawValue)" }.joined(separator: ", ")
          + ", or --all; or name your own --documents and --questions.")
    }
    return otherwise
  }

  /// The files of questions.
  ///
  /// - Throws: `ValidationError` where they do not go together with the other options.
  func questionSources(_ datasets: [Dataset]) throws -> [UserDocuments.QuestionSource] {
    guard !documents.isEmpty || !questions.isEmpty else { return [] }
    guard datasets.isEmpty, size == nil else {
      throw ValidationError(
        "--documents already contains the facts; leave "
          + (datasets.first.map { "--\(all ? "all" : $0.rawValue)" } ?? "--size") + " out.")
    }
    guard !documents.isEmpty else {
      throw ValidationError("--questions needs the documents they are about; name --documents.")
    }
    guard !questions.isEmpty else {
      throw ValidationError("--documents needs questions about them; name --questions.")
    }
    return questions.map { argument in
      // A path with an equals sign can be written as ./PATH.
      guard let equals = argument.firstIndex(of: "="),
        !argument[..<equals].contains("/"),
        let split = Split(own: String(argument[..<equals]))
      else { return .init(URL(fileURLWithPath: argument)) }
      return .init(
        URL(fileURLWithPath: String(argument[argument.index(after: equals)...])), split: split)
    }
  }
}
