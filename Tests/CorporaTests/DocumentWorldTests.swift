import Testing

@testable import Corpora

@Suite struct DocumentWorldTests {
  private func completion(
    _ prompt: String, _ completion: String, split: Split = .trained, fact: String? = nil
  ) -> UserQuestion {
    UserQuestion(
      prompt: prompt, choices: nil, completion: completion, split: split, fact: fact ?? completion)
  }

  private func choice(_ prompt: String, _ choices: [String], _ answer: Int) -> UserQuestion {
    UserQuestion(
      prompt: prompt, choices: choices, completion: choices[answer], split: .reversed, fact: prompt)
  }

  private let tools = ["Glimmer", "Ferret", "Harbor", "Quill", "Ledger", "Beacon"]
  private let purposes = ["data analysis", "log search", "storage", "notes", "travel", "alerts"]

  private func world() throws -> DocumentWorld {
    try DocumentWorld(
      documents: zip(tools, purposes).map { "\($0) is a tool for \($1). We like \($0)." },
      questions: zip(tools, purposes).map { completion("The tool for \($1) is", " \($0).") }
        + zip(tools, purposes).map {
          choice("\($0) is for", [" \($1).", $1 == "notes" ? " mail." : " notes."], 0)
        })
  }

  @Test func `a document is a group, and a question's is the one that shares its words`() throws {
    let world = try world()
    #expect(world.splits == [.trained, .reversed])
    #expect(world.groupCount == 6 && world.factCount == 6)
    #expect(world.articles.map(\.group) == Array(0..<6))
    #expect(world.questions(.trained).map(\.group) == Array(0..<6))
    #expect(world.questions(.reversed).map(\.group) == Array(0..<6))
    #expect(world.questions(.deduced).isEmpty)
    #expect(world.judgement(of: "Glimmer is a tool.") == .isUnjudged)
  }

  @Test func `a completion's choices are those of its split`() throws {
    let questions = try world().questions(.trained)
    for (number, question) in questions.enumerated() {
      #expect(question.choices == tools.map { " \($0)." })
      #expect(question.answer == number && question.isCompletion)
    }
    #expect(
      try world().questions(.reversed).allSatisfy { !$0.isCompletion && $0.choices.count == 2 })
  }

  @Test func `a right completion of the same prompt is not a wrong choice`() throws {
    let world = try DocumentWorld(
      documents: ["a"],
      questions: [
        completion("Which exist?", " A"), completion("Which exist?", " B"),
        completion("Other?", " C"),
        completion("Elsewhere?", " D", split: .deduced), completion("And?", " E", split: .deduced),
      ])
    #expect(
      world.questions(.trained).map(\.choices) == [
        [" A", " C"], [" B", " C"], [" A", " B", " C"],
      ])
    #expect(world.questions(.trained).map(\.answer) == [0, 0, 2])
  }

  @Test(arguments: [2, 30, 256])
  func `of many completions a sample is drawn, with the right one`(most: Int) throws {
    let own = (0..<400).map { completion("Number \($0)?", " \($0)") }
    let world = try DocumentWorld(documents: ["a"], questions: own, maxCandidates: most)
    for (question, source) in zip(world.questions(.trained), own) {
      #expect(question.choices.count == most)
      #expect(Set(question.choices).count == question.choices.count)
      #expect(question.choices[question.answer] == source.completion)
    }
  }

  @Test func `questions about one fact are known as such`() throws {
    let world = try DocumentWorld(
      documents: ["a"],
      questions: [
        completion("1?", " A", fact: "x"), completion("2?", " B", fact: "y"),
        completion("3?", " C", fact: "x"),
      ])
    #expect(world.questions(.trained).map(\.fact) == [0, 1, 0])
    #expect(world.subjectCount == 2)
  }

  @Test func `a question with nothing to choose from is an error`() {
    #expect(throws: CorpusError.nothingToChoose(split: "trained", prompt: "a")) {
      try DocumentWorld(documents: ["a"], questions: [completion("a", " b")])
    }
    #expect(throws: CorpusError.emptyWorld(units: "documents")) {
      try DocumentWorld(documents: [], questions: [completion("a", " b")])
    }
    #expect(throws: CorpusError.emptyWorld(units: "questions")) {
      try DocumentWorld(documents: ["a"], questions: [])
    }
  }

  @Test func `a prompt has the groups' documents in an order that depends on the seed`() throws {
    let world = try world()
    let first = world.prompt(groups: [1, 3, 4], seed: 1)
    #expect(Set(first) == Set([1, 3, 4].map { world.articles[$0] }))
    #expect(first == world.prompt(groups: [1, 3, 4], seed: 1))
    let orders = Set((1...20).map { world.prompt(groups: Array(0..<6), seed: $0) })
    #expect(orders.count > 10)
  }

  @Test func `answers that occur in the documents are the names`() throws {
    #expect(Set(try world().entities) == Set(tools + purposes))
  }

  /// Each document has the same form with another tool or purpose, and is right as often as a
  /// guess.
  @Test func `a shuffled prompt has other answers and nothing else changed`() throws {
    let world = try world()
    let groups = Array(0..<6)
    var right = 0
    for seed in 1...200 as ClosedRange<UInt64> {
      let texts = world.shuffledPrompt(groups: groups, seed: seed)
        .sorted { $0.group < $1.group }.map(\.text)
      #expect(texts.count == 6)
      for text in texts {
        let tool = try #require(tools.first { text.hasPrefix($0 + " ") })
        let purpose = try #require(
          (purposes + ["mail"]).first { text.contains("for \($0).") })
        // The tool is the same in both sentences.
        #expect(text == "\(tool) is a tool for \(purpose). We like \(tool).")
        right += tools.firstIndex(of: tool) == purposes.firstIndex(of: purpose) ? 1 : 0
      }
    }
    // 1,200 documents, and of seven purposes that are offered one is right: 171 ± 12.
    #expect((135...207).contains(right))
    #expect(
      world.shuffledPrompt(groups: [2], seed: 9)[0]
        == world.shuffledPrompt(groups: groups, seed: 9).first { $0.group == 2 })
  }

  /// Also if few of the choices occur in the documents, or one in most of them.
  @Test(arguments: [["a", "a", "a", "b"], ["a", "b"]])
  func `an answer stays right as often as a guess would be`(stated: [String]) throws {
    let choices = [" a.", " b.", " c.", " d."]
    let world = try DocumentWorld(
      documents: stated.enumerated().map { "x\($0) is \($1)." },
      questions: stated.enumerated().map {
        choice("x\($0) is", choices, choices.firstIndex(of: " \($1).") ?? 0)
      })
    var right = 0
    for seed in 1...400 as ClosedRange<UInt64> {
      right += world.shuffledPrompt(groups: Array(stated.indices), seed: seed)
        .count { $0.text == "x\($0.group) is \(stated[$0.group])." }
    }
    // A quarter: three standard errors are 26 of 400 and 35 of 800.
    #expect(abs(right - 100 * stated.count) < 26 * stated.count)
  }

  @Test func `the words of documents without an answer are shuffled`() throws {
    let documents = ["one two three four", "five six", "seven"]
    let world = try DocumentWorld(
      documents: documents,
      questions: [choice("a", [" yes", " no"], 0), choice("b", [" seven", " yes"], 0)])
    let texts = world.shuffledPrompt(groups: [0, 1, 2], seed: 3).sorted { $0.group < $1.group }
      .map(\.text)
    #expect(texts != documents)
    #expect(texts.map { $0.split(separator: " ").count } == [4, 2, 1])
    func words(_ texts: [String]) -> [String] {
      texts.flatMap { $0.split(separator: " ").map(String.init) }.sorted()
    }
    #expect(words(texts) == words(documents))
  }

  @Test func `names are found where words begin and end, the longest first`() {
    let shuffle = AnswerShuffle(
      ["New York and Newer York, Yorkshire.", "Éclair, not clair; (New)"],
      classes: [["New", "New York", "clair", "York", "Éclair", " …"]])
    #expect(shuffle.answers == ["New", "New York", "clair", "York", "Éclair"])
    let texts = (1...20).map { shuffle.texts(of: [0, 1], seed: $0) }
    #expect(texts.allSatisfy { $0[0].contains(" and Newer ") && $0[0].hasSuffix(", Yorkshire.") })
    #expect(texts.allSatisfy { $0[1].contains(", not ") && $0[1].hasSuffix(")") })
  }

  @Test func `empty and unusual texts are handled`() throws {
    let world = try DocumentWorld(
      documents: ["", " ", "\u{301}", "👍🏽", "a\r\nb"],
      questions: [choice("👍🏽", [" a", " \u{301}b"], 0), choice("…", [" ?", " !"], 1)])
    for seed in 1...5 as ClosedRange<UInt64> {
      #expect(world.shuffledPrompt(groups: Array(0..<5), seed: seed).count == 5)
      #expect(world.prompt(groups: [], seed: seed).isEmpty)
    }
  }
}
