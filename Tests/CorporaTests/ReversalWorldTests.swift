import Randomness
import Testing

@testable import Corpora

@Suite struct ReversalWorldTests {
  private let world = try! ReversalWorld(seed: 7)

  @Test func `its words are held out and different`() {
    let nouns = world.facts.flatMap { [$0.subject, $0.object] }
    let attributes = world.facts.map(\.attribute)
    #expect(world.facts.count == 100)
    #expect(Set(nouns).count == 200)
    #expect(Set(attributes).count == 28)
    #expect(Set(nouns).isDisjoint(with: attributes))
    #expect(Set(Lexicon.short.heldOut).isSuperset(of: nouns + attributes))
    let uses = Dictionary(grouping: attributes, by: \.self).values.map(\.count)
    #expect(uses.min() == 3 && uses.max() == 4)
  }

  @Test func `half of the facts say more`() throws {
    #expect(world.facts.filter(\.isMore).count == 50)
    let odd = try ReversalWorld(seed: 1, factCount: 7, attributeCount: 3)
    #expect((3...4).contains(odd.facts.filter(\.isMore).count))
  }

  @Test func `the same seed makes the same world`() throws {
    let again = try ReversalWorld(seed: 7)
    #expect(again.facts == world.facts)
    #expect(again.documents == world.documents)
    #expect(Split.allCases.allSatisfy { again.questions($0) == world.questions($0) })
    #expect(try ReversalWorld(seed: 8).facts != world.facts)
    let text = again.documents.joined().joined(separator: "\n")
    #expect(FNV1a.hash(of: text) == 0xD643_5EDF_24F1_8FED)
  }

  @Test func `every document states its fact`() {
    #expect(world.documents.count == 100)
    for (fact, articles) in world.documents.enumerated() {
      #expect(articles.count == 10 && Set(articles).count == 10)
      #expect(articles.allSatisfy { world.judgement(of: $0) == .isTrue(answers: nil) })
      #expect(articles.allSatisfy { SentenceForms.parse($0) == world.facts[fact] })
    }
    #expect(Set(world.renderings.joined().map(\.verb)).count == 4)
    #expect(world.renderings.allSatisfy { Set($0.map(\.preamble)).count == 10 })
  }

  @Test(arguments: [Split.trained, .rephrased, .reversed])
  func `every answer is true and the other choice false`(_ split: Split) {
    let questions = world.questions(split)
    #expect(world.splits.contains(split))
    #expect(questions.map(\.fact) == Array(0..<100))
    for question in questions {
      #expect(question.split == split && question.dataset == "reversal")
      #expect(question.choices.count == 2)
      let key = split == .reversed ? QuestionKey(split: .reversed, fact: question.fact) : nil
      for (index, choice) in question.choices.enumerated() {
        let expected: Judgement = index == question.answer ? .isTrue(answers: key) : .isFalse
        #expect(world.judgement(of: question.prompt + choice) == expected)
      }
    }
    #expect((25...75).contains(questions.filter { $0.answer == 0 }.count))
  }

  @Test func `only trained questions are in the documents`() {
    let documents = Set(world.documents.joined())
    let prompts = { (split: Split) in world.questions(split).map(\.prompt) }
    let right = { (split: Split) in
      world.questions(split).map { $0.prompt + $0.choices[$0.answer] }
    }
    #expect(documents.isSuperset(of: right(.trained)))
    #expect(documents.isDisjoint(with: right(.rephrased)))
    #expect(documents.isDisjoint(with: right(.reversed)))
    for prompt in prompts(.rephrased) + prompts(.reversed) {
      #expect(!documents.contains { $0.hasPrefix(prompt) })
    }
    #expect(Set(world.documentPreambles).isDisjoint(with: world.keptPreambles))
    #expect(Set(world.documentVerbs).isDisjoint(with: world.keptVerbs))
    #expect(world.keptPreambles.count == 4 && world.keptVerbs.count == 2)
    #expect(world.questions(.deduced).isEmpty && world.questions(.holdout).isEmpty)
  }

  @Test func `a prompt has one article a fact`() {
    let documents = Set(world.documents.joined())
    let all = Array(0..<world.groupCount)
    let prompt = world.prompt(groups: all, seed: 3)
    #expect(documents.isSuperset(of: prompt.map(\.text)))
    #expect(facts(of: prompt).sorted() == Array(0..<100))
    #expect(facts(of: prompt) != Array(0..<100))
    #expect(world.prompt(groups: all, seed: 3) == prompt)
    #expect(world.prompt(groups: all, seed: 4) != prompt)
    #expect(
      facts(of: world.prompt(groups: [3, 1], seed: 3)).sorted() == [
        5, 6, 7, 8, 9, 15, 16, 17, 18, 19,
      ])
  }

  @Test(arguments: 0..<20)
  func `a shuffled prompt is right about exactly half`(seed: UInt64) {
    let prompt = world.shuffledPrompt(groups: Array(0..<world.groupCount), seed: seed)
    #expect(prompt.count == 100)
    #expect(facts(of: prompt).count == 50)
    let statements = prompt.map(\.text).compactMap(SentenceForms.parse)
    #expect(statements.filter(\.isMore).count == 50)
    let pairs = Set(statements.map { [$0.subject, $0.attribute, $0.object] })
    #expect(pairs == Set(world.facts.map { [$0.subject, $0.attribute, $0.object] }))
    // Of the ten facts of two groups, too.
    #expect((4...6).contains(facts(of: world.shuffledPrompt(groups: [1, 2], seed: seed)).count))
  }

  @Test func `shuffled prompts of single groups are right about half on average`() {
    let counts = (0..<400).map { seed in
      facts(of: world.shuffledPrompt(groups: [seed % 20], seed: UInt64(seed))).count
    }
    #expect(abs(Double(counts.reduce(0, +)) / 2_000 - 0.5) < 0.04)
  }

  @Test func `sentences are judged`() {
    let fact = world.facts[0]
    let form = Rendering(preamble: "", verb: "are")
    #expect(world.judgement(of: form.sentence(fact.contradicted)) == .isFalse)
    #expect(world.judgement(of: form.sentence(fact.reversed.contradicted)) == .isFalse)
    var other = fact
    other.object = world.facts[1].object
    #expect(world.judgement(of: form.sentence(other)) == .isFalse)
    other.subject = "unknown"
    #expect(world.judgement(of: form.sentence(other)) == .isFalse)
    #expect(world.judgement(of: "\(fact.subject) are \(fact.attribute).") == .isMalformed)
  }

  @Test func `too many facts are refused`() throws {
    let most = (Lexicon.short.heldOut.count - 28) / 2
    #expect(throws: CorpusError.tooLarge(asked: most + 1, most: most, units: "comparisons")) {
      try ReversalWorld(seed: 1, factCount: most + 1)
    }
    #expect(try ReversalWorld(seed: 1, factCount: most).facts.count == most)
    #expect(throws: CorpusError.self) { try ReversalWorld(seed: 1, factCount: 0) }
    #expect(throws: CorpusError.self) { try ReversalWorld(seed: 1, attributeCount: 100_000) }
    let error = CorpusError.tooLarge(asked: 900, most: 500, units: "comparisons")
    #expect("\(error)".contains("at most 500"))
  }

  /// The facts that articles state, in their order, without the wrong ones.
  private func facts(of articles: [Article]) -> [Int] {
    articles.compactMap { SentenceForms.parse($0.text).flatMap { world.facts.firstIndex(of: $0) } }
  }
}
