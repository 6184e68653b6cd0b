import Randomness
import Testing

@testable import Corpora

/// Documents of hierarchies, families, identities and syllogisms.
@Suite struct TheoryDocumentTests {
  enum Topic: CaseIterable {
    case hierarchy, family, identities

    func theory(factCount: Int, isShort: Bool, using random: inout RandomGenerator) -> Theory {
      var words = WordSampler(capacity: 2 * factCount)
      switch self {
      case .hierarchy: return .hierarchy(factCount: factCount, words: &words, using: &random)
      case .family: return .family(factCount: factCount, words: &words, using: &random)
      case .identities:
        return .identities(
          factCount: factCount, isShort: isShort, words: &words, using: &random)
      }
    }
  }

  private static func verbs(_ theory: Theory) -> Set<String> {
    Set(
      theory.facts.compactMap { if case .verb(let verb) = $0.relation { verb } else { nil } })
  }

  @Test(arguments: Topic.allCases)
  func conclusionsOfATheoryFollowFromTheirPremisesAndAreAll(_ topic: Topic) {
    var random = RandomGenerator(seed: 20)
    for _ in 0..<60 {
      let theory = topic.theory(
        factCount: random.integer(in: 1...40), isShort: random.chance(0.5), using: &random)
      #expect(Set(theory.facts.map(\.normalised)).count == theory.facts.count)
      for conclusion in theory.conclusions {
        let premises = Set(conclusion.premises.map { theory.facts[$0].normalised })
        #expect(premises.count == conclusion.premises.count && premises.count >= 2)
        #expect(closure(premises).contains(conclusion.fact.normalised))
        // All of them are needed.
        for premise in premises {
          let rest = closure(premises.subtracting([premise]))
          #expect(!rest.contains(conclusion.fact.normalised))
        }
      }
      let told = Set(theory.facts.map(\.normalised))
      let concluded = Set(theory.conclusions.map(\.fact.normalised))
      #expect(closure(told) == told.union(concluded))
      #expect(closure(told).allSatisfy { $0.subject != $0.object })
    }
  }

  /// The first mention of a fact is not learned; what is learned follows from what was said so far.
  @Test(arguments: Topic.allCases, [false, true])
  func whatIsLearnedFollowsFromWhatWasSaid(_ topic: Topic, isShort: Bool) throws {
    var random = RandomGenerator(seed: 21)
    var conclusions = 0
    var sides: [Side: Int] = [:]
    let pool = Pool(facts: 1...40)
    for _ in 0..<100 {
      let theory = topic.theory(
        factCount: pool.factCount(using: &random), isShort: isShort, using: &random)
      let document = pool.document(
        of: theory, isShort: isShort, conclusions: 0.5, using: &random)
      let reader = Reader(verbs: Self.verbs(theory), isPlain: isShort)
      let facts = Set(theory.facts.map(\.normalised))
      var said: Set<Fact> = []
      var known: Set<Fact> = []
      for sentence in document.sentences {
        let reading = try #require(reader.read(sentence.text), "\(sentence.text)")
        #expect(!isShort || reading.preamble.isEmpty)
        sides[reading.side, default: 0] += 1
        // A plain document says of a category's own in other words than of what it inherits.
        #expect(!facts.contains(reading.fact) || !Reader.inherited.contains(reading.pattern))
        if sentence.isLearned {
          #expect(known.contains(reading.fact))
          if !facts.contains(reading.fact) { conclusions += 1 }
        } else {
          #expect(facts.contains(reading.fact))
          #expect(said.insert(reading.fact).inserted)
          known = closure(said)
        }
      }
    }
    #expect(topic == .identities ? conclusions == 0 : conclusions > 300)
    let all = Double(sides.values.reduce(0, +))
    #expect(abs(Double(sides[.forward, default: 0]) / all - 0.5) < 0.05)
  }

  /// Only the entity named last is the answer.
  @Test(arguments: Topic.allCases, [false, true])
  func theAnswerIsAnEntity(_ topic: Topic, isShort: Bool) {
    var random = RandomGenerator(seed: 22)
    let pool = Pool(facts: 1...20)
    for _ in 0..<40 {
      let theory = topic.theory(
        factCount: pool.factCount(using: &random), isShort: isShort, using: &random)
      let entities = Set(theory.facts.flatMap { [$0.subject, $0.object] })
      let document = pool.document(
        of: theory, isShort: isShort, conclusions: 0.5, using: &random)
      for sentence in document.sentences {
        #expect(entities.contains(String(sentence.answer.dropFirst().dropLast())))
      }
    }
  }

  @Test func shortSentencesAreShort() {
    for kind in [Mixture.Kind.families, .identities, .syllogisms] {
      for row in 0..<20 as Range<UInt64> {
        var stream = DocumentStream(
          seed: 1, row: row, mixture: .only(kind, plain: 1, facts: 1...10))
        for sentence in stream.next().sentences {
          // Premises of a syllogism come in twos; "The glon is yomp."
          let most = kind == .syllogisms ? 8 : kind == .identities ? 4 : 3
          #expect(sentence.text.split(separator: " ").count <= most)
        }
      }
    }
  }

  @Test(arguments: [false, true])
  func premisesOfASyllogismComeFirst(isShort: Bool) throws {
    var random = RandomGenerator(seed: 23)
    var conclusions: [Substring: Int] = [:]
    var learned = 0
    for _ in 0..<200 {
      let document = Syllogisms(pool: Pool(facts: 1...30), isShort: isShort)
        .document(using: &random)
      var said: Set<Substring> = []
      var moods: [Set<Substring>: Set<[Substring]>] = [:]
      for sentence in document.sentences {
        #expect(isShort || sentence.text.hasPrefix("The relationships between "))
        let body =
          isShort ? sentence.text[...] : try #require(sentence.text.split(separator: ":").last)
        let statements = body.split(separator: ".").map { $0.split(separator: " ") }
        #expect(
          statements.allSatisfy {
            $0.count == 4 && $0[2] == "are" && ["All", "Some", "No"].contains($0[0])
          })
        let terms = Set(statements.flatMap { [$0[1], $0[3]] })
        if !isShort {
          let header = try #require(sentence.text.split(separator: ":").first)
          let named = header.split { ", ".contains($0) }.dropFirst(3).dropLast()
          #expect(Set(named).subtracting(["and"]) == terms)
        }
        if statements.count == 2 {
          #expect(terms.count == 3)
          #expect(sentence.isLearned == !said.isDisjoint(with: terms))
          if sentence.isLearned {
            #expect(moods[terms] == Set(statements))
          }
          moods[terms] = Set(statements)
          said.formUnion(terms)
          continue
        }
        learned += 1
        #expect(statements.count == 1 && sentence.isLearned)
        let own = try #require(moods.first { $0.key.isSuperset(of: terms) }?.value)
        if own.contains(statements[0]) { continue }
        conclusions[statements[0][0], default: 0] += 1
        // The minor premise's subject, the major premise's object, and the weaker quantifier.
        let minor = try #require(own.first { one in own.contains { $0[1] == one[3] } })
        let major = try #require(own.first { $0[1] == minor[3] })
        let quantifier = minor[0] == "Some" ? "Some" : major[0]
        #expect(statements[0] == [quantifier, minor[1], "are", major[3]])
      }
    }
    #expect(learned > 500)
    let all = conclusions.values.reduce(0, +)
    #expect(conclusions.count == 3)
    #expect(conclusions.values.allSatisfy { abs(Double($0) / Double(all) - 1.0 / 3) < 0.08 })
  }
}
