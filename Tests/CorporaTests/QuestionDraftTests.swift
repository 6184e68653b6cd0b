import Foundation
import TestSupport
import Testing

@testable import Corpora

@Suite struct QuestionDraftTests {
  private func draft(
    _ texts: [String], _ change: (inout QuestionDraft.Settings) -> Void = { _ in }
  ) -> QuestionDraft {
    var settings = QuestionDraft.Settings()
    change(&settings)
    return QuestionDraft(texts.map { UserDocument(completion: $0) }, settings)
  }

  private func example() throws -> [UserDocument] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try DocumentFolder([root.appending(path: "examples/office/documents.jsonl")]).documents
  }

  /// What a draft has to keep to, whatever the documents are.
  private func check(_ draft: QuestionDraft, _ documents: [UserDocument]) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("q.jsonl")
      try Data(draft.questions.map { $0.line + "\n" }.joined().utf8).write(to: file)
      let read = try QuestionFile.read(file)
      #expect(read.count == draft.questions.count)
      for (question, read) in zip(draft.questions, read) {
        let text = documents[question.document].text.lowercased().replacing("**", with: "")
        let plain = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let right = question.choices[question.answer]
        #expect(plain.contains(right.lowercased()), "\(question)")
        #expect(read.completion == " " + right && read.prompt == question.prompt)
        #expect(read.split == question.split && read.fact == question.fact)
        #expect(read.choices?.count == question.choices.count)
        for (place, choice) in question.choices.enumerated() where place != question.answer {
          #expect(!plain.contains(choice.lowercased()), "\(question)")
        }
        let choices = question.choices.map { $0.lowercased() }
        for (place, choice) in choices.enumerated() {
          #expect(!choices.indices.contains { $0 != place && choices[$0].hasPrefix(choice) })
        }
        if question.split == .trained {
          #expect(plain.contains((question.prompt + " " + right).lowercased()), "\(question)")
        }
      }
    }
  }

  @Test func `the example gives questions of each of its facts`() throws {
    let documents = try example()
    let draft = QuestionDraft(documents)
    try check(draft, documents)
    // Twelve tools, each with its use and its owner.
    #expect(draft.questions.count { $0.split == .trained } == 24)
    #expect(draft.questions.count { $0.split == .reversed } == 24)
    #expect(Set(draft.questions.map(\.fact)).count == 12)
    let texts = draft.questions.map { "\($0.prompt) \($0.choices[$0.answer])" }
    for text in [
      "Harbor is our internal tool for file storage", "Harbor is owned by Chen Wei",
      "Our internal tool for file storage is Harbor",
      "\"____ is owned by Chen Wei.\" The name missing here is Harbor",
    ] {
      #expect(texts.contains(text), "\(text)")
    }
    #expect(draft.report.first?.hasPrefix("drafted 24 trained and 24 reversed questions") == true)
  }

  @Test func `a name's wrong choices stand where such names do`() throws {
    let rooms = ["Red Lamp", "Blue Door", "Old Mill", "Long Table", "White Gate", "Green Room"]
    let people = ["Ann Lee", "Bo Carter", "Cy Young", "Di Ford", "Ed Stone", "Flo Marsh"]
    let documents = zip(rooms, people).map { room, person in
      UserDocument(
        completion: "The \(room) has hired \(person) as its cook. "
          + "Guests of the \(room) like what \(person) makes. It smells of \(person).")
    }
    let draft = QuestionDraft(documents)
    try check(draft, documents)
    #expect(!draft.questions.isEmpty)
    for question in draft.questions {
      let kind = question.choices[question.answer]
      let same = people.contains(kind) ? people : rooms
      #expect(question.choices.allSatisfy(same.contains), "\(question)")
      // "Guests" are of all, and "It" is nothing by itself.
      #expect(rooms.contains(question.fact), "\(question)")
      #expect(!question.prompt.hasPrefix("It "))
    }
  }

  @Test func `the same seed gives the same file`() throws {
    let documents = try example()
    func lines(_ seed: UInt64) -> [String] {
      var settings = QuestionDraft.Settings()
      settings.seed = seed
      return QuestionDraft(documents, settings).questions.map(\.line)
    }
    #expect(lines(3) == lines(3))
    #expect(lines(3) != lines(4))
    let answers = Set(QuestionDraft(documents).questions.map(\.answer))
    #expect(answers == [0, 1, 2, 3])
  }

  /// Documents like those of a handbook, each about something else.
  private let handbook = [
    "# Leave\n\nEmployees of Brindle & Co get 27 days of paid leave\na year.",
    "Interns at the Cork office get 15 days of unpaid absence. It opened on 3 March 2019.",
    "Managers in Lisbon receive 32 days of vacation. The office moved there on 14 June 2021.",
    "- Contractors of **Halden Group** take 40 days of holidays.\n- Their badge is blue.",
    "The Oslo branch grants 20 days of sabbatical. The branch was founded on 9 May 1998.",
    "```\nHidden Name is 99 days.\n```\n| Table Name | 88 days |\n",
  ]

  @Test func `numbers keep their units, and wrong choices are like the right one`() throws {
    let documents = handbook.map { UserDocument(completion: $0) }
    let draft = QuestionDraft(documents)
    try check(draft, documents)
    let leave = try #require(draft.questions.first { $0.prompt.hasSuffix("Brindle & Co get") })
    #expect(leave.prompt == "Employees of Brindle & Co get")
    #expect(leave.choices[leave.answer] == "27 days")
    #expect(leave.choices.allSatisfy { $0.hasSuffix(" days") })
    for question in draft.questions {
      #expect(!question.line.contains("88 days") && !question.line.contains("99 days"))
    }
  }

  @Test func `a name that many documents hold is not asked for`() {
    let texts = (0..<20).map { "The tool Gadget\($0)x is kept by Ada Lovelace." }
    #expect(!draft(texts).questions.contains { $0.choices[$0.answer] == "Ada Lovelace" })
  }

  @Test func `sentences are turned around where they say what something is`() throws {
    let texts = ["Lisbon", "Oslo", "Cork", "Porto", "Delft"].enumerated().map {
      "The seat of the \(["wine", "fish", "wool", "cork", "tile"][$0]) guild is \($1)."
    }
    let reversed = draft(texts) { $0.choices = 3 }.questions.filter { $0.split == .reversed }
    let first = try #require(reversed.first)
    #expect(first.prompt == "Lisbon is")
    #expect(first.choices[first.answer] == "the seat of the wine guild")
  }

  @Test func `too few phrases of a kind are reported`() {
    let draft = draft(Array(handbook.prefix(3)))
    #expect(draft.questions.isEmpty)
    #expect(draft.lacking.contains { $0.kind == "numbers and dates" && $0.count > 0 })
    #expect(draft.report.contains { $0.contains("too few other documents hold") })
    #expect(self.draft(Array(handbook.prefix(3))) { $0.choices = 2 }.questions.count > 0)
  }

  @Test(arguments: [1, 2, 3]) func `a document gives no more than is asked for`(limit: Int) throws {
    let text = try example().map(\.text).joined(separator: " ")
    let others = ["Falcon", "Heron", "Osprey", "Kestrel"].map {
      "\($0) is kept by \($0.reversed()) Smith. The team uses \($0) for \($0.lowercased()) talk."
    }
    let draft = draft([text] + others) { $0.perDocument = limit }
    for split in [Split.trained, .reversed] {
      for document in 0..<5 {
        #expect(draft.questions.count { $0.split == split && $0.document == document } <= limit)
      }
    }
  }

  @Test(arguments: ["", "   ", "words", "It is so. They are there.", "首都は東京です。", "# Only\n"])
  func `texts without facts give nothing`(text: String) {
    let draft = draft([text, text])
    #expect(draft.questions.isEmpty && draft.documentsWithout == 2)
    #expect(draft.report.count == 2)
  }

  @Test func `no documents give no questions`() {
    #expect(draft([]).questions.isEmpty)
  }
}
