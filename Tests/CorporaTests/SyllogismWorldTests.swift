import Testing

@testable import Corpora

@Suite struct SyllogismWorldTests {
  private let world = try! SyllogismWorld(seed: 7, exampleCount: 69)

  /// All ways to fill the eight regions of a Venn diagram of three terms, with no term empty. A
  /// statement follows from premises if it holds in every one in which they hold.
  private static let populations = (0..<256).filter { population in
    (0..<3).allSatisfy { term in (0..<8).contains { has(population, $0) && $0 >> term & 1 == 1 } }
  }

  private static func has(_ population: Int, _ region: Int) -> Bool {
    population >> region & 1 == 1
  }

  private static func holds(_ fact: Fact, _ terms: [String], _ population: Int) -> Bool {
    guard let subject = terms.firstIndex(of: fact.subject),
      let object = terms.firstIndex(of: fact.object)
    else { return false }
    let regions = (0..<8).filter { has(population, $0) && $0 >> subject & 1 == 1 }
    switch fact.relation {
    case .kind: return regions.allSatisfy { $0 >> object & 1 == 1 }
    case .some: return regions.contains { $0 >> object & 1 == 1 }
    default: return !regions.contains { $0 >> object & 1 == 1 }
    }
  }

  private static func follows(_ fact: Fact, from premises: [Fact], _ terms: [String]) -> Bool {
    let possible = populations.filter { population in
      premises.allSatisfy { holds($0, terms, population) }
    }
    return !possible.isEmpty && possible.allSatisfy { holds(fact, terms, $0) }
  }

  /// "All glon are yomp."
  private func fact(_ text: String) throws -> Fact {
    let words = text.dropLast().split(separator: " ").map(String.init)
    try #require(words.count == 4 && words[2] == "are" && text.last == ".")
    let relation = try #require(
      ["All": Relation.kind, "Some": .some, "No": Relation.none][words[0]])
    return Fact(relation, words[1], words[3])
  }

  /// The terms of "The relationships between glon, troff and yomp are:", and what is stated after.
  private func parts(_ text: String) throws -> (terms: [String], facts: [Fact]) {
    let start = "The relationships between "
    try #require(text.hasPrefix(start))
    let halves = text.dropFirst(start.count).split(separator: ":", omittingEmptySubsequences: false)
    try #require(halves.count == 2 && halves[0].hasSuffix(" are"))
    let terms = halves[0].dropLast(4).split { ", ".contains($0) }.map(String.init)
      .filter { $0 != "and" }
    return (terms, try Reader.sentences(String(halves[1])).map(fact))
  }

  /// The premises of each example, as its articles state them.
  private func premises() throws -> [Set<Fact>] {
    var result: [Set<Fact>] = Array(repeating: [], count: world.groupCount)
    for article in world.articles {
      let (_, facts) = try parts(article.text)
      #expect(facts.count == 2)
      result[article.group].formUnion(facts)
    }
    return result
  }

  @Test func `the moods are equally frequent`() {
    for mood in Syllogism.Mood.allCases {
      #expect(world.examples.filter { $0.mood == mood }.count == 23)
    }
    // And not in turn.
    #expect(
      world.examples.prefix(9).map(\.mood)
        != Array(repeating: Syllogism.Mood.allCases, count: 3).flatMap { $0 })
  }

  @Test func `conclusions follow and are never stated`() throws {
    for (example, premises) in zip(world.examples, try premises()) {
      let terms = [example.minor, example.middle, example.major]
      #expect(premises == [example.minorPremise, example.majorPremise])
      #expect(Self.follows(example.conclusion, from: Array(premises), terms))
      // Of both premises, not of one.
      for premise in premises { #expect(!Self.follows(example.conclusion, from: [premise], terms)) }
    }
  }

  @Test func `headers name the three terms in any order`() throws {
    var firsts: [String: Int] = [:]
    var minorFirst = 0
    for article in world.articles {
      let (terms, facts) = try parts(article.text)
      let example = world.examples[article.group]
      #expect(Set(terms) == [example.minor, example.middle, example.major] && terms.count == 3)
      firsts[
        terms[0] == example.minor ? "minor" : terms[0] == example.middle ? "middle" : "major",
        default: 0] += 1
      if facts[0] == example.minorPremise { minorFirst += 1 }
    }
    #expect(world.articles.count == 690)
    #expect(firsts.values.allSatisfy { (180...280).contains($0) })
    #expect((290...400).contains(minorFirst))
  }

  @Test(arguments: [Split.trained, .rephrased, .deduced])
  func `questions offer all six statements`(_ split: Split) throws {
    let articles = Set(world.articles.map(\.text))
    let premises = try premises()
    for question in world.questions(split) {
      let example = world.examples[question.fact]
      #expect(question.group == question.fact)
      let facts = try question.choices.map { try fact(String($0.dropFirst())) }
      #expect(Set(facts.map(\.relation)).count == 3)
      #expect(Set(facts.map { [$0.subject, $0.object] }).count == 2)
      #expect(Set(facts.map { Set([$0.subject, $0.object]) }).count == 1)
      let right = facts[question.answer]
      let (terms, _) = try parts(question.prompt)
      let word = question.choices[question.answer].split(separator: " ")[0]
      #expect(question.kind == word.lowercased())
      switch split {
      case .deduced:
        #expect(right == example.conclusion && !premises[question.fact].contains(right))
      default: #expect(premises[question.fact].contains(right))
      }
      let beginning = question.prompt + question.choices[question.answer]
      #expect((split == .trained) == articles.contains { $0.hasPrefix(beginning) })
      #expect(split == .trained || Set(terms) == [right.subject, right.object])
    }
    // Each quantifier is right as often, so that the form alone is right once in six.
    let rights = try world.questions(split).map {
      try fact(String($0.choices[$0.answer].dropFirst())).relation
    }
    for relation in [Relation.kind, .some, .none] {
      #expect(rights.filter { $0 == relation }.count == 23)
    }
    // The header gives the direction away no more than chance.
    let firsts = try world.questions(split).filter {
      let right = try fact(String($0.choices[$0.answer].dropFirst()))
      let terms = try parts($0.prompt).terms
      return try #require(terms.firstIndex(of: right.subject))
        < (try #require(terms.firstIndex(of: right.object)))
    }
    #expect((20...49).contains(firsts.count))
  }

  @Test(arguments: [Split.trained, .rephrased, .deduced])
  func `statements are judged by what follows`(_ split: Split) throws {
    for question in world.questions(split) {
      let example = world.examples[question.fact]
      let premises = [example.minorPremise, example.majorPremise]
      for (place, choice) in question.choices.enumerated() {
        let isTrue = Self.follows(
          try fact(String(choice.dropFirst())), from: premises,
          [example.minor, example.middle, example.major])
        let isAnswer = place == question.answer
        #expect(isTrue || !isAnswer)
        let key =
          split == .deduced && isAnswer ? QuestionKey(split: .deduced, fact: question.fact) : nil
        let expected: Judgement = isTrue ? .isTrue(answers: key) : .isFalse
        #expect(world.judgement(of: question.prompt + choice) == expected)
        #expect(world.judgement(of: String(choice.dropFirst())) == expected)
      }
    }
  }

  @Test func `many statements are true together`() {
    let (first, second) = (world.examples[0], world.examples[1])
    let all = [first.minorPremise, first.majorPremise, first.conclusion].map(Syllogism.sentence)
    #expect(
      world.judgement(of: all.joined(separator: " "))
        == .isTrue(answers: QuestionKey(split: .deduced, fact: 0)))
    let wrong = Syllogism.sentence(Fact(.kind, first.minor, second.major))
    #expect(world.judgement(of: all[0] + " " + wrong) == .isFalse)
    #expect(world.judgement(of: all[0] + " All.") == .isMalformed)
    #expect(world.judgement(of: "All \(first.minor) were \(first.middle).") == .isMalformed)
  }

  /// The accuracy of a reader who believes a shuffled prompt and its conclusions.
  @Test func `a shuffled prompt is no help`() throws {
    var right: [Split: Int] = [:]
    var count: [Split: Int] = [:]
    for seed in 0..<60 as Range<UInt64> {
      let prompt = world.shuffledPrompt(groups: Array(0..<world.groupCount), seed: seed)
      var claims: [[Fact]] = Array(repeating: [], count: world.groupCount)
      for article in prompt {
        let premises = try parts(article.text).facts
        let inner = try #require(
          Set([premises[0].subject, premises[0].object])
            .intersection([premises[1].subject, premises[1].object]).first)
        let minor = try #require(premises.first { $0.object == inner })
        let major = try #require(premises.first { $0.subject == inner })
        let relation =
          minor.relation == .some ? Relation.some : major.relation == .none ? Relation.none : .kind
        claims[article.group] = premises + [Fact(relation, minor.subject, major.object)]
      }
      for split in world.splits {
        for question in world.questions(split) {
          let answer = try fact(String(question.choices[question.answer].dropFirst()))
          count[split, default: 0] += 1
          if claims[question.group].contains(answer) { right[split, default: 0] += 1 }
        }
      }
    }
    for split in world.splits {
      let share = Double(right[split, default: 0]) / Double(try #require(count[split]))
      #expect(abs(share - 1.0 / 6) < 0.02)
    }
  }
}
