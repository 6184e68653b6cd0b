import ArgumentParser
import Corpora
import Foundation
import Support

/// `probe questions`: drafts a file of questions from the user's documents.
struct Questions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "questions",
    abstract: "Draft questions about your own documents, for you to edit.",
    discussion: """
      Prints JSON lines that probe --questions reads. A question of the split "trained" is the \
      beginning of a sentence and goes on with a name, a number or a rare word; one of the split \
      "reversed" gives the rest of a sentence and asks for its beginning. The wrong choices are \
      phrases of the same kind from other documents.

      Patterns made for English find the questions, and no model reads the documents. So read \
      them, remove the poor ones, and write those whose answers follow from several documents \
      (split "deduced") by hand.

        probe questions --documents handbook/ --output questions.jsonl
      """)

  @OptionGroup var documents: DocumentOptions

  @Option(
    help: "The file to write to instead of standard output.",
    completion: .file(extensions: ["jsonl"]))
  var output: String?

  @Flag(help: "Replace the file of --output if it exists.")
  var force = false

  @Option(help: "The maximum number of questions of each split from one document.")
  var perDocument = QuestionDraft.Settings().perDocument

  @Option(help: "The number of choices of each question.")
  var choices = QuestionDraft.Settings().choices

  @Option(help: "The seed of the wrong choices and of the order of the choices.")
  var seed = QuestionDraft.Settings().seed

  @Flag(help: "Write nothing to standard error.")
  var quiet = false

  func validate() throws {
    try check("--per-document", perDocument, in: 1...1000)
    try check("--choices", choices, in: 2...100)
    guard output?.isEmpty != true else {
      throw ValidationError("--output is empty; name a file.")
    }
    guard !force || output != nil else { throw ValidationError("--force needs --output.") }
  }

  func run() throws {
    StandardStreams.prepare()
    guard !documents.isEmpty else {
      throw ValidationError("--documents is missing: name one or more files or folders.")
    }
    let destination = output.map { URL(fileURLWithPath: $0) }
    if let destination, !force, FileManager.default.fileExists(atPath: destination.path) {
      throw FileError(
        destination, "exists, perhaps with your changes; name another file, or add --force")
    }
    let display = ProbeDisplay(isQuiet: quiet)
    let read = try DocumentFolder(documents.urls)
    for line in read.report { display.say(line) }
    var settings = QuestionDraft.Settings()
    settings.perDocument = perDocument
    settings.choices = choices
    settings.seed = seed
    let draft = QuestionDraft(read.documents, settings)
    for line in draft.report { display.say(line) }
    guard !draft.questions.isEmpty else { throw NothingDrafted(hasPhrases: !draft.lacking.isEmpty) }
    let text = draft.questions.map { $0.line + "\n" }.joined()
    if let destination {
      try AtomicFile.write(Data(text.utf8), to: destination)
      display.say("The questions are in \(destination.relativePath)")
    } else {
      try StandardStreams.writeResult(text)
    }
  }
}

/// No document has a sentence that can be asked about.
private struct NothingDrafted: Error, CustomStringConvertible {
  let hasPhrases: Bool

  var description: String {
    "the documents gave no question: "
      + (hasPhrases
        ? "too few of them hold phrases that could be wrong choices; lower --choices, name more "
          + "documents, or write the questions by hand"
        : "no sentence goes on with a name, a number or a rare word that few documents hold; write "
          + "the questions by hand")
  }
}
