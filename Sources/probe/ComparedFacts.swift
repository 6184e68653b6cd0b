import ArgumentParser
import Corpora
import Foundation

/// The options of `probe` that say which facts are compared: worlds of datasets, or the user's own.
struct ComparedFacts: ParsableArguments {
  @OptionGroup var chosen: DatasetFlags

  @OptionGroup var documents: DocumentOptions

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
      The maximum number of choices of a question that has a completion and no choices; of more \
      completions the wrong ones are drawn at random.
      """)
  var candidates = DocumentWorld.standardCandidates

  @Option(
    help: ArgumentHelp(
      """
      What stands between two documents in a prompt; \\n is a line end. (default: a space for models \
      that were pretrained with Recto, an empty line for others)
      """, valueName: "text"))
  var separator: String?

  @Option(
    help: """
      The size of each world. (default: \
      \(Dataset.all.map { $0.counted($0.standardSize) }.joined(separator: ", ")))
      """)
  var size: Int?

  /// `separator` with its line ends and tabs.
  var separatorText: String? {
    separator.map { $0.replacing("\\n", with: "\n").replacing("\\t", with: "\t") }
  }

  func validate() throws {
    if separator?.isEmpty == true {
      throw ValidationError("--separator is empty; write what stands between two documents.")
    }
    try check("--candidates", candidates, in: 2...100_000)
    try check("--size", size, in: 1...1_000_000)
  }

  /// The datasets to run.
  ///
  /// - Parameter otherwise: the datasets to run where neither a dataset nor a file is named.
  /// - Throws: `ValidationError` where `otherwise` is needed and is empty.
  func datasets(otherwise: [Dataset]) throws -> [Dataset] {
    if !chosen.datasets.isEmpty || !documents.isEmpty || !questions.isEmpty {
      return chosen.datasets
    }
    guard !otherwise.isEmpty else {
      throw ValidationError(
        "Say which comparison to run: \(DatasetFlags.list); "
          + "or name your own --documents and --questions.")
    }
    return otherwise
  }

  /// The user's files; nil where none are named.
  ///
  /// - Throws: `ValidationError` where they do not go together with the other options, `LineError`
  ///   of a file.
  func userFiles(_ datasets: [Dataset]) throws -> UserFiles? {
    guard !documents.isEmpty || !questions.isEmpty else { return nil }
    guard datasets.isEmpty, size == nil else {
      throw ValidationError(
        "--documents already contains the facts; leave "
          + (chosen.given ?? "--size") + " out.")
    }
    guard !documents.isEmpty else {
      throw ValidationError("--questions needs the documents they are about; name --documents.")
    }
    guard !questions.isEmpty else {
      throw ValidationError("--documents needs questions about them; name --questions.")
    }
    let sources = questions.map { argument -> UserFiles.QuestionSource in
      // A path with an equals sign can be written as ./PATH.
      guard let equals = argument.firstIndex(of: "="),
        !argument[..<equals].contains("/"),
        let split = Split(own: String(argument[..<equals]))
      else { return .init(URL(fileURLWithPath: argument)) }
      return .init(
        URL(fileURLWithPath: String(argument[argument.index(after: equals)...])), split: split)
    }
    return try UserFiles(documents: documents.urls, questions: sources)
  }
}
