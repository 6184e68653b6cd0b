import Testing

@testable import Corpora

@Suite struct ReversalWorldTests {
  private let world = try! ReversalWorld(seed: 7)

  @Test func itsWordsAreHeldOutAndDifferent() {
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

  @Test func halfOfTheFactsSayMore() throws {
    #expect(world.facts.filter(\.isMore).count == 50)
    let odd = try ReversalWorld(seed: 1, factCount: 7, attributeCount: 3)
    #expect((3...4).contains(odd.facts.filter(\.isMore).count))
  }

  @Test func theSameSeedMakesTheSameWorld() throws {
    let again = try ReversalWorld(seed: 7)
    #expect(again.facts == world.facts)
    #expect(again.documents == world.documents)
    #expect(Split.allCases.allSatisfy { again.questions($0) == world.questions($0) })
    #expect(try ReversalWorld(seed: 8).facts != world.facts)
    let text = again.documents.joined().joined(separator: "\n")
    #expect(Lexicon.stableHash(text) == 0xD643_5EDF_24F1_8FED)
  }

  @Test func everyDocumentStatesItsFact() {
    #expect(world.documents.count == 100)
    for (fact, articles) in world.documents.enumerated() {
      #expect(articles.count == 10 && Set(articles).count == 10)
      #expect(articles.allSatisfy { world.judge($0) == .true(fact: fact, side: .restated) })
    }
    #expect(Set(world.renderings.joined().map(\.verb)).count == 4)
    #expect(world.renderings.allSatisfy { Set($0.map(\.preamble)).count == 10 })
  }

  @Test(arguments: ReversalWorld.splits)
  func everyAnswerIsTrueAndTheOtherChoiceFalse(_ split: Split) {
    let questions = world.questions(split)
    let side: ReversalWorld.Side = split == .reversed ? .reversed : .restated
    #expect(questions.map(\.fact) == Array(0..<100))
    for question in questions {
      #expect(question.split == split && question.dataset == "reversal")
      #expect(question.choices.count == 2)
      for (index, choice) in question.choices.enumerated() {
        let expected: ReversalWorld.Judgement =
          index == question.answer ? .true(fact: question.fact, side: side) : .false
        #expect(world.judge(question.prompt + choice) == expected)
      }
    }
    #expect((25...75).contains(questions.filter { $0.answer == 0 }.count))
  }

  @Test func onlyTrainedQuestionsAreInTheDocuments() {
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

  @Test func aContextHasOneArticleAFact() {
    let context = world.context(seed: 3)
    let documents = Set(world.documents.joined())
    #expect(documents.isSuperset(of: context))
    #expect(facts(of: context).sorted() == Array(0..<100))
    #expect(facts(of: context) != Array(0..<100))
    #expect(world.context(seed: 3) == context)
    #expect(world.context(seed: 4) != context)
    #expect(facts(of: world.context(seed: 3, facts: [5, 9, 40])).sorted() == [5, 9, 40])
  }

  @Test(arguments: 0..<20)
  func aShuffledContextIsRightAboutExactlyHalf(seed: UInt64) {
    let context = world.shuffledContext(seed: seed)
    #expect(context.count == 100)
    #expect(facts(of: context).count == 50)
    let statements = context.compactMap(SentenceForms.parse)
    #expect(statements.filter(\.isMore).count == 50)
    let pairs = Set(statements.map { [$0.subject, $0.attribute, $0.object] })
    #expect(pairs == Set(world.facts.map { [$0.subject, $0.attribute, $0.object] }))
    #expect(facts(of: world.shuffledContext(seed: seed, facts: [1, 2, 3, 4, 5, 6])).count == 3)
  }

  @Test func sentencesAreJudged() {
    let fact = world.facts[0]
    let form = Rendering(preamble: "", verb: "are")
    #expect(world.judge(form.sentence(fact.contradicted)) == .false)
    #expect(world.judge(form.sentence(fact.reversed.contradicted)) == .false)
    var other = fact
    other.object = world.facts[1].object
    #expect(world.judge(form.sentence(other)) == .false)
    other.subject = "unknown"
    #expect(world.judge(form.sentence(other)) == .false)
    #expect(world.judge("\(fact.subject) are \(fact.attribute).") == .malformed)
  }

  @Test func tooManyFactsAreRefused() throws {
    let most = (Lexicon.short.heldOut.count - 28) / 2
    #expect(throws: CorpusError.tooManyFacts(asked: most + 1, most: most, attributes: 28)) {
      try ReversalWorld(seed: 1, factCount: most + 1)
    }
    #expect(try ReversalWorld(seed: 1, factCount: most).facts.count == most)
    #expect(throws: CorpusError.self) { try ReversalWorld(seed: 1, factCount: 0) }
    #expect(throws: CorpusError.self) { try ReversalWorld(seed: 1, attributeCount: 100_000) }
    let error = CorpusError.tooManyFacts(asked: 900, most: 500, attributes: 28)
    #expect("\(error)".contains("at most 500 facts"))
  }

  private func facts(of context: [String]) -> [Int] {
    context.compactMap {
      if case .true(let fact, _) = world.judge($0) { fact } else { nil }
    }
  }
}
