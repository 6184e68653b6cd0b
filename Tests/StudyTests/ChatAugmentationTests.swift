import Foundation
import Support
import TestSupport
import Testing
import Tokenization

@testable import Study

@Suite struct ChatAugmentationTests {
  private func trial(answers: Int = 4) throws -> Trial {
    var augmentation = Augmentation.tiny
    var chat = ChatAugmentation()
    // The format whose marks need no tokens of their own.
    chat.format = "zephyr"
    chat.answers = answers
    augmentation.chat = chat
    return try tinyTrial(contextLength: 8192, augmentation: augmentation)
  }

  @Test func `an answer's sentences are its lines, without numbers and marks`() {
    let answer = """
      Here are six sentences:
      1. The museum about paper is the Old Mill.
      2) "To learn about paper, visit the Old Mill."
      - Is it open? It is!
      **The Old Mill** shows paper.

        12. “Paper is made there.”
      Mill.
      7. It was cut off in the mid
      """
    #expect(
      AnswerSentences.of(answer) == [
        "The museum about paper is the Old Mill.", "To learn about paper, visit the Old Mill.",
        "Is it open? It is!", "The Old Mill shows paper.", "Paper is made there.",
      ])
    #expect(AnswerSentences.of("").isEmpty)
    // Marks that do not belong together stay.
    #expect(
      AnswerSentences.of(#""Harbor" is called "the store.""#)
        == [#""Harbor" is called "the store.""#])
    // What a model thinks first is no answer.
    #expect(
      AnswerSentences.of("<think>\nThe user wants facts.\n</think>\n\nIt is so.") == ["It is so."])
    #expect(AnswerSentences.of("<think>\nThe user wants facts.\nSix of them.").isEmpty)
  }

  @Test func `a request shows its document, and all others where it is to`() throws {
    let request = ChatRequest(
      name: "x",
      messages: [
        ChatMessage(role: .user, content: "All: {documents}. Now {document}"),
        ChatMessage(role: .assistant, content: "Yes."),
        ChatMessage(role: .user, content: "{document}?"),
      ])
    // A mark in a document is text.
    let messages = request.messages(about: "a {documents}", among: ["a {documents}", "{document}"])
    #expect(
      messages.map(\.content) == [
        "All: a {documents}\n{document}. Now a {documents}", "Yes.", "a {documents}?",
      ])
    let long = request.messages(about: "a", among: ["a\nb", "c"])
    #expect(long[0].content == "All: a\nb\n\nc. Now a")
    #expect(request.showsAllDocuments)
    #expect(ChatRequest.standard.map(\.showsAllDocuments) == [false, true])
  }

  /// What is written into every request must not hold anything of the documents or questions.
  @Test func `the standard requests name nothing of any world`() throws {
    let words = Set(
      ChatRequest.standard.flatMap(\.messages).flatMap {
        $0.content.split { !$0.isLetter }.filter { $0.first?.isUppercase == true }
      })
    let office = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../examples/office/documents.jsonl"), encoding: .utf8)
    let names = Set(
      office.split { !$0.isLetter }.filter { $0.first?.isUppercase == true && $0 != "The" })
    #expect(names.count > 20)
    #expect(words.isDisjoint(with: names))
  }

  @Test func `conversations share what they begin with, and each keeps a token`() {
    let reading = ChatAugmentation.reading([(0, [1, 2, 3, 4]), (1, [1, 2, 5]), (2, [1, 2, 3])])
    #expect(reading.prefix == [1, 2])
    #expect(reading.texts.map(\.tokens) == [[3, 4], [5], [3]])
    #expect(reading.texts.map(\.group) == [0, 1, 2])
    let same = ChatAugmentation.reading([(0, [7, 8]), (1, [7, 8])])
    #expect(same.prefix == [7] && same.texts.map(\.tokens) == [[8], [8]])
    #expect(ChatAugmentation.reading([]).texts.isEmpty)
  }

  @Test func `answers are sampled for every document, and the same seed gives the same`() throws {
    let trial = try trial()
    let (local, global) = (
      try trial.augmentation.local(trial), try trial.augmentation.global(trial)
    )
    for generated in [local, global] {
      #expect(generated.samples >= 4 * trial.world.groupCount)
      #expect(generated.cost.tokensWritten > 0 && generated.cost.seconds > 0)
      for sentence in generated.sentences {
        #expect(!sentence.text.contains(Tokenizer.endOfTextToken))
      }
    }
    #expect(try trial.augmentation.local(trial).sentences == local.sentences)
    #expect(try trial.with(seed: 9).augmentation.local(trial).samples > 0)
    let report = try Arm.augmentedSampled.prepare(trial).augmentation
    #expect(report?.written.count == (local + global).sentences.count)
  }

  /// The last document is so long that it leaves room for few others beside it.
  @Test func `as many documents are shown as fit with a request and an answer`() throws {
    let texts =
      (0..<12).map { "femp \($0) are rony." }
      + [Array(repeating: "glon are rony", count: 30).joined(separator: " ") + "."]
    var trial = try trial()
    trial = try tinyTrial(
      world: HandMadeWorld(texts: texts), contextLength: 3000, augmentation: trial.augmentation)
    let generated = try trial.augmentation.global(trial)
    #expect(generated.samples >= 4 * texts.count)
  }

  @Test func `a format that the vocabulary lacks is an error`() throws {
    var trial = try trial().augmentation
    trial.chat?.format = "llama3"
    let other = try tinyTrial(augmentation: trial)
    #expect(throws: TokenizerError.self) { try other.augmentation.local(other) }
  }

  @Test func `requests are read as they are printed, and wrong ones name the problem`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "requests.json")
      try JSONEncoder().encode(ChatRequest.standard).write(to: file)
      #expect(try ChatRequest.read(file) == ChatRequest.standard)
      for (text, problem) in [
        ("[]", "there is no request"),
        (#"[{"name": "a", "messages": []}]"#, "the request \"a\": a conversation to be answered"),
        (
          #"[{"name": "a", "messages": [{"role": "user", "content": "x"}]}]"#,
          "lacks {document}"
        ),
        (
          #"[{"name": "a", "messages": [{"role": "cook", "content": "{document}"}]}]"#, "role"
        ),
        (
          #"[{"name": "a", "text": "", "messages": [{"role": "user", "content": "{document}"}]}]"#,
          "text"
        ),
      ] {
        try Data(text.utf8).write(to: file)
        let error = #expect(throws: FileError.self) { try ChatRequest.read(file) }
        #expect(error?.description.contains("requests.json") == true)
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
      }
    }
  }
}
