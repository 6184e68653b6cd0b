import Randomness
import Testing

@testable import Corpora

/// Documents of hierarchies, families, identities and syllogisms.
@Suite struct TheoryDocumentTests {
  enum Topic: CaseIterable {
    case hierarchy, parallelHierarchies, family, parallelFamilies, identities

    func theory(factCount: Int, isShort: Bool, using random: inout RandomGenerator) -> Theory {
      var words = WordSampler(capacity: 2 * factCount)
      switch self {
      case .hierarchy: return .hierarchy(factCount: factCount, words: &words, using: &random)
      case .parallelHierarchies:
        return .parallelHierarchies(
          factCount: factCount, areDeep: false, words: &words, using: &random)
      case .family: return .family(factCount: factCount, words: &words, using: &random)
      case .parallelFamilies:
        return .parallelFamilies(factCount: factCount, words: &words, using: &random)
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
  func `conclusions of a theory follow from their premises and are all`(_ topic: Topic) {
    var random = RandomGenerator(seed: 20)
    for _ in 0..<60 {
      let theory = topic.theory(
        factCount: random.integer(in: 1...40), isShort: random.chance(0.5), using: &random)
      #expect(Set(theory.facts.map(\.normalised)).count == theory.facts.count)
      for conclusion in theory.conclusions {
        let premises = Set(conclusion.premises.map { theory.facts[$0].normalised })
        #expect(premises.count == conclusion.premises.count && premises.count >= 2)
        #expect(closure(premises).contains(conclusion.fact.normalised))
        // They are a walk from the subject to the object.
        let stops = [conclusion.fact.subject] + conclusion.path + [conclusion.fact.object]
        let walk = zip(stops, stops.dropFirst()).map { Set([$0, $1]) }
        #expect(
          walk == conclusion.premises.map { [theory.facts[$0].subject, theory.facts[$0].object] })
        // All of them are needed.
        for premise in premises {
          let rest = closure(premises.subtracting([premise]))
          #expect(!rest.contains(conclusion.fact.normalised))
        }
      }
      let stated = Set(theory.facts.map(\.normalised))
      let concluded = Set(theory.conclusions.map(\.fact.normalised))
      #expect(closure(stated) == stated.union(concluded))
      #expect(closure(stated).allSatisfy { $0.subject != $0.object })
    }
  }

  /// What plain documents say of a conclusion that stops half-way.
  private static func halfWays(_ theory: Theory) -> Set<Fact> {
    var facts: Set<Fact> = []
    for conclusion in theory.conclusions {
      let fact = conclusion.fact
      for stop in conclusion.path {
        facts.insert(Fact(fact.relation, fact.subject, stop).normalised)
        facts.insert(Fact(fact.relation, stop, fact.object).normalised)
      }
    }
    return facts
  }

  /// The first mention of a fact is not learned; what is learned follows from what was said so far.
  @Test(arguments: Topic.allCases, [false, true])
  func `what is learned follows from what was said`(_ topic: Topic, isShort: Bool) throws {
    var random = RandomGenerator(seed: 21)
    var conclusions = 0
    var halfWays = 0
    var sides: [Side: Double] = [:]
    let plan = MentionPlan(facts: 1...40)
    for _ in 0..<200 {
      let theory = topic.theory(
        factCount: plan.factCount(using: &random), isShort: isShort, using: &random)
      let concludes = random.chance(0.5) && !theory.conclusions.isEmpty
      let document = plan.document(
        of: theory, isShort: isShort, concludes: concludes, halfWay: isShort ? 0.6 : 0, retold: 1,
        using: &random)
      let reader = Reader(verbs: Self.verbs(theory), isPlain: isShort)
      let facts = Set(theory.facts.map(\.normalised))
      let stops = isShort && concludes ? Self.halfWays(theory) : []
      let follows = Set(theory.conclusions.map(\.fact.normalised))
      var said: Set<Fact> = []
      var known: Set<Fact> = []
      for sentence in document.sentences {
        let reading = try #require(reader.read(sentence.text), "\(sentence.text)")
        #expect(!isShort || reading.preamble.isEmpty)
        // What is a category's own is said in other words than what it inherits.
        let isInherited = reading.isInherited
        #expect(!isInherited || follows.contains(reading.fact) || stops.contains(reading.fact))
        if reading.fact.relation.isHandedDown && !isInherited {
          #expect(facts.contains(reading.fact))
        }
        if !sentence.isLearned {
          #expect(facts.contains(reading.fact))
          #expect(said.insert(reading.fact).inserted)
          #expect(!concludes || reading.fact.relation.isSymmetric || reading.side == .forward)
          known = closure(said)
        } else if facts.contains(reading.fact) && !isInherited {
          if !reading.fact.relation.isSymmetric { sides[reading.side, default: 0] += 1 }
        } else if known.contains(reading.fact) && follows.contains(reading.fact) {
          conclusions += 1
        } else {
          #expect(stops.contains(reading.fact))
          halfWays += 1
        }
      }
    }
    #expect(topic == .identities ? conclusions == 0 : conclusions > 300)
    #expect(topic == .identities || !isShort ? halfWays == 0 : halfWays > 150)
    #expect(abs(sides[.forward, default: 0] / sides.values.reduce(0, +) - 0.5) < 0.05)
  }

  /// All facts come first, no conclusion is stated twice, and a fact is stated again after each.
  @Test(arguments: Topic.allCases.dropLast(), [false, true])
  func `what follows is said once and after all facts`(_ topic: Topic, isShort: Bool) throws {
    var random = RandomGenerator(seed: 24)
    for _ in 0..<60 {
      let theory = topic.theory(
        factCount: random.integer(in: 4...40), isShort: isShort, using: &random)
      if theory.conclusions.isEmpty { continue }
      let sentences = MentionPlan(facts: 4...40)
        .document(
          of: theory, isShort: isShort, concludes: true, halfWay: isShort ? 0.6 : 0, retold: 1,
          using: &random
        ).sentences
      let reader = Reader(verbs: Self.verbs(theory), isPlain: isShort)
      let facts = Set(theory.facts.map(\.normalised))
      let readings = try sentences.map { try #require(reader.read($0.text)).fact }
      let stated = readings.prefix { facts.contains($0) }
      #expect(Set(stated) == facts)
      let after = readings[stated.count...]
      let rest = after.filter { !facts.contains($0) }
      let all = Set(theory.conclusions.map(\.fact.normalised)).subtracting(facts)
      let conclusions = rest.filter { all.contains($0) }
      if isShort {
        #expect(rest.allSatisfy { all.contains($0) || Self.halfWays(theory).contains($0) })
      } else {
        #expect(Set(rest).count == rest.count && conclusions.count == rest.count)
        #expect(rest.count == min(all.count, 2 * facts.count))
        #expect(after.count == 2 * rest.count)
      }
    }
  }

  /// Each conclusion has as many rivals as there are other trees or families.
  @Test func `every conclusion has rivals where all are alike`() {
    var random = RandomGenerator(seed: 25)
    for topic in [Topic.parallelHierarchies, .parallelFamilies] {
      for _ in 0..<40 {
        let factCount = random.integer(in: 1...40)
        let theory = topic.theory(factCount: factCount, isShort: true, using: &random)
        var counts: [Relation: Int] = [:]
        for conclusion in theory.conclusions { counts[conclusion.fact.relation, default: 0] += 1 }
        #expect(!counts.isEmpty)
        for count in counts.values { #expect(count % max(2, factCount / 2) == 0) }
      }
    }
  }

  /// Two links to the head of a tree, and a fact about the head: nothing nearer is concluded.
  @Test func `deep trees ask for three steps only`() {
    var random = RandomGenerator(seed: 27)
    for _ in 0..<20 {
      var words = WordSampler(capacity: 200)
      var theory = Theory.parallelHierarchies(
        factCount: random.integer(in: 1...40), areDeep: true, words: &words, using: &random)
      theory.keepDeepConclusions()
      let trees = Set(theory.facts.filter { $0.relation.isHandedDown }.map(\.subject))
      #expect(theory.conclusions.count == trees.count && trees.count >= 2)
      for conclusion in theory.conclusions {
        #expect(conclusion.fact.relation.isHandedDown)
        #expect(
          conclusion.premises.map { theory.facts[$0].relation.isHandedDown } == [
            false, false, true,
          ])
        #expect(conclusion.path.last.map(trees.contains) == true)
      }
    }
  }

  /// In trees of all sorts three steps and more, in families grandparents.
  @Test(arguments: [Topic.hierarchy, .family])
  func `deep conclusions are those of most steps`(_ topic: Topic) {
    var random = RandomGenerator(seed: 28)
    var kept = 0
    for _ in 0..<20 {
      let whole = topic.theory(factCount: 30, isShort: false, using: &random)
      var deep = whole
      deep.keepDeepConclusions()
      #expect(deep.facts == whole.facts)
      let expected = whole.conclusions.filter {
        topic == .family ? $0.fact.relation == .grandparent : $0.path.count >= 2
      }
      #expect(deep.conclusions == expected)
      kept += deep.conclusions.count
    }
    #expect(kept > 20)
  }

  /// Only the entity named last is the answer.
  @Test(arguments: Topic.allCases, [false, true])
  func `the answer is an entity`(_ topic: Topic, isShort: Bool) {
    var random = RandomGenerator(seed: 22)
    let plan = MentionPlan(facts: 1...20)
    for _ in 0..<40 {
      let theory = topic.theory(
        factCount: plan.factCount(using: &random), isShort: isShort, using: &random)
      let entities = Set(theory.facts.flatMap { [$0.subject, $0.object] })
      let document = plan.document(
        of: theory, isShort: isShort, concludes: random.chance(0.5), halfWay: 0.5, retold: 0.5,
        using: &random)
      for sentence in document.sentences {
        #expect(entities.contains(String(sentence.answer.dropFirst().dropLast())))
      }
    }
  }

  @Test func `short sentences are short`() {
    for kind in [DocumentKind.families, .identities, .syllogisms] {
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
  func `premises of a syllogism come first`(isShort: Bool) throws {
    var random = RandomGenerator(seed: 23)
    var conclusions: [Substring: Int] = [:]
    var learned = 0
    for _ in 0..<200 {
      let document = Syllogisms(plan: MentionPlan(facts: 1...30), isShort: isShort)
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
