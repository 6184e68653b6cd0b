import Randomness
import Testing

@testable import Corpora

/// What holds for the worlds of every dataset.
@Suite struct WorldTests {
  static let worlds: [Dataset: any World] = Dictionary(
    uniqueKeysWithValues: Dataset.all.map { ($0, try! $0.world(seed: 7)) })

  private func world(_ dataset: Dataset) throws -> any World {
    try #require(Self.worlds[dataset])
  }

  /// Everything that a text says, in a form that is equal where the same is said.
  private func claims(of text: String, _ world: any World) throws -> [String] {
    if world is ReversalWorld {
      let statement = try #require(SentenceForms.parse(text))
      return ["\(statement.subject < statement.object ? statement : statement.reversed)"]
    }
    if world is SyllogismWorld {
      let statements = try #require(text.split(separator: ":").last)
      return Reader.sentences(String(statements))
    }
    let reader = Reader(verbs: try #require(world as? FactWorld).verbs)
    return try Reader.sentences(text).map { "\(try #require(reader.read($0)).fact)" }
  }

  private func claims(of articles: [Article], _ world: any World) throws -> [String] {
    try articles.flatMap { try claims(of: $0.text, world) }
  }

  @Test(arguments: Dataset.all)
  func `the same seed makes the same world`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    let again = try dataset.world(seed: 7)
    #expect(again.articles == world.articles)
    #expect(again.entities == world.entities)
    for split in Split.allCases { #expect(again.questions(split) == world.questions(split)) }
    #expect(again.prompt(groups: [0, 1], seed: 3) == world.prompt(groups: [0, 1], seed: 3))
    #expect(
      again.shuffledPrompt(groups: [0, 1], seed: 3)
        == world.shuffledPrompt(groups: [0, 1], seed: 3))

    let other = try dataset.world(seed: 8)
    #expect(Set(other.entities) != Set(world.entities))
    #expect(Set(other.articles).isDisjoint(with: world.articles))
  }

  @Test(arguments: Dataset.all)
  func `worlds have the size asked for`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    // Facts, groups, names.
    let expected: (Int, Int, Int) =
      switch dataset {
      case .reversal: (100, 20, 228)
      case .syllogism: (138, 69, 207)
      case .hierarchy: (world.factCount, 10, world.entities.count)
      case .family: (190, 10, 120)
      case .celebrities: (90, 18, 180)
      default: (world.factCount, world.groupCount, world.entities.count)
      }
    #expect(world.dataset == dataset.name)
    #expect((world.factCount, world.groupCount, world.entities.count) == expected)
    #expect(Set(try claims(of: world.articles, world)).count == world.factCount)
    #expect(Set(world.articles.map(\.group)) == Set(0..<world.groupCount))
    let small = try dataset.world(seed: 7, size: 1)
    #expect(small.groupCount == 1 && !small.articles.isEmpty)
  }

  @Test(arguments: Dataset.all)
  func `all names are held out and nothing else is nonsense`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    let held = Set(Lexicon.short.heldOut)
    let names = Set(world.entities.flatMap { $0.split(separator: " ").map(String.init) })
      .subtracting(Templates.words)
    #expect(names.isSubset(of: held))
    #expect(Set(world.entities).count == world.entities.count)
    let verbs = (world as? FactWorld)?.verbs ?? []
    #expect(verbs.isSubset(of: held))
    #expect(verbs.isDisjoint(with: names))
    let allowed = names.union(verbs).union(verbs.map { $0 + "ed" }).union(Templates.words)
    let texts = world.articles.map(\.text) + questionTexts(world)
    for word in Set(texts.flatMap { $0.lowercased().split { !$0.isLetter } }) {
      #expect(allowed.contains(String(word)))
    }
  }

  /// Results of earlier studies hold for these worlds. If a change is intended, the failure shows
  /// the new hash.
  @Test(arguments: Dataset.all)
  func `worlds are stable`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    let groups = Array(0..<world.groupCount)
    var texts = world.articles.map { "\($0.group) \($0.text)" }
    for split in world.splits {
      texts += world.questions(split).map {
        "\(split.rawValue) \($0.prompt)|\($0.choices)|\($0.answer) "
          + "\($0.fact) \($0.group) \($0.kind ?? "")"
      }
    }
    texts += world.prompt(groups: groups, seed: 3).map(\.text)
    texts += world.shuffledPrompt(groups: groups, seed: 3).map(\.text)
    texts += world.entities
    let hash = String(FNV1a.hash(of: texts.joined(separator: "\n")), radix: 16)
    let known = [
      "reversal": "14379f3e6ef5f0b4", "syllogism": "573d7a153a2317d4",
      "hierarchy": "2fe705c2b5da547b", "family": "6e259bdc109514b7",
      "celebrities": "854cc18f2df4d740",
    ]
    if let expected = known[dataset.name] { #expect(hash == expected) }
  }

  private func questionTexts(_ world: any World) -> [String] {
    world.splits.flatMap(world.questions).flatMap { question in
      question.choices.map { question.prompt + $0 }
    }
  }

  @Test(arguments: Dataset.all)
  func `articles state every fact ten times`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    var mentions: [String: Int] = [:]
    for claim in try claims(of: world.articles, world) { mentions[claim, default: 0] += 1 }
    #expect(mentions.count == world.factCount)
    #expect(mentions.values.allSatisfy { $0 == 10 })
  }

  @Test(arguments: Dataset.all)
  func `a prompt states the facts of its groups and no others`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    var all: [[String]] = []
    for group in 0..<world.groupCount {
      let own = Set(try claims(of: world.articles.filter { $0.group == group }, world))
      #expect(Set(try claims(of: world.prompt(groups: [group], seed: 1), world)) == own)
      all.append(own.sorted())
    }
    // No fact is of two groups.
    #expect(Set(all.joined()).count == all.joined().count)
    let some = [world.groupCount - 1, 0, world.groupCount / 2]
    let prompt = world.prompt(groups: some, seed: 2)
    #expect(Set(try claims(of: prompt, world)) == Set(some.flatMap { all[$0] }))
    #expect(Set(prompt).isSubset(of: world.articles))
    #expect(Set(prompt).count == prompt.count)
    #expect(prompt.allSatisfy { some.contains($0.group) })
    #expect(world.prompt(groups: some, seed: 3) != prompt)
    #expect(world.prompt(groups: [], seed: 2).isEmpty)
  }

  @Test(arguments: Dataset.all)
  func `every article is true and garbage malformed`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    let sentences = Set(
      world.articles.flatMap { world is SyllogismWorld ? [$0.text] : Reader.sentences($0.text) })
    #expect(sentences.allSatisfy { world.judgement(of: $0) == .isTrue(answers: nil) })
    for sentence in sentences.sorted().prefix(100) {
      #expect(world.judgement(of: " " + sentence) == .isTrue(answers: nil))
      // A sentence that breaks off.
      #expect(world.judgement(of: String(sentence.dropLast())) == .isMalformed)
    }
    let name = try #require(Lexicon.short.heldOut.first)
    for garbage in [
      "", " ", ".", "..", "\n", "again: \(name).", "\(name).", "\(name) \(name).",
      "Perhaps \(name) are \(name) or so.", "All.", "All \(name) are.", "All \(name) \(name) are.",
      "The relationships between \(name) and \(name) are:", "\(name) is the.", "é is the é of é.",
    ] {
      #expect(world.judgement(of: garbage) == .isMalformed)
    }
  }

  @Test(arguments: Dataset.all)
  func `questions are well formed`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    let choiceCount = dataset.choiceCount
    for split in Split.allCases {
      let questions = world.questions(split)
      #expect(questions.isEmpty == !world.splits.contains(split))
      #expect(questions.count <= FactWorld.questionLimit)
      if questions.isEmpty { continue }
      #expect(questions.count >= 50)
      #expect(Set(questions.map(\.fact)).count == questions.count)
      for question in questions {
        #expect(question.dataset == dataset.name && question.split == split)
        #expect(
          question.choices.count == choiceCount
            && question.choices.indices.contains(question.answer))
        #expect(Set(question.choices).count == choiceCount)
        #expect(question.choices.allSatisfy { $0.first == " " && $0.last == "." })
        #expect(question.prompt.last != " " && question.prompt.first != " ")
        #expect((0..<world.groupCount).contains(question.group))
      }
      // As many as by chance, within four standard deviations.
      let expected = Double(questions.count) / Double(choiceCount)
      let deviation = (expected * (1 - 1 / Double(choiceCount))).squareRoot()
      for place in 0..<choiceCount {
        let count = questions.filter { $0.answer == place }.count
        #expect(abs(Double(count) - expected) < 4 * deviation)
      }
    }
  }

  @Test(arguments: Dataset.all)
  func `a shuffled prompt is as long and not true`(_ dataset: Dataset) throws {
    let world = try world(dataset)
    let groups = [0, 1, 2]
    let own = Set(try claims(of: world.prompt(groups: groups, seed: 5), world))
    let wrong = try claims(of: world.shuffledPrompt(groups: groups, seed: 5), world)
    #expect(Set(wrong).count == own.count)
    #expect(!Set(wrong).isSubset(of: own))
    #expect(
      world.shuffledPrompt(groups: groups, seed: 6) != world.shuffledPrompt(groups: groups, seed: 5)
    )
    #expect(world.shuffledPrompt(groups: groups, seed: 5).allSatisfy { groups.contains($0.group) })
  }

  @Test(arguments: Dataset.all)
  func `sizes out of reach are refused`(_ dataset: Dataset) throws {
    for size in [0, -1] {
      #expect(throws: CorpusError.emptyWorld(units: dataset.units)) {
        try dataset.world(seed: 1, size: size)
      }
    }
    let error = #expect(throws: CorpusError.self) { try dataset.world(seed: 1, size: 5_000) }
    switch try #require(error) {
    case .tooLarge(let asked, let most, let units):
      #expect(asked == 5_000 && units == dataset.units && most < asked)
      #expect("\(try #require(error))".contains("at most \(most)"))
      #expect(try dataset.world(seed: 1, size: most).groupCount > 1)
      #expect(throws: CorpusError.self) { try dataset.world(seed: 1, size: most + 1) }
    case .tooManyAttributes: #expect(dataset == .reversal)
    case .emptyWorld: Issue.record("5,000 is not an empty world")
    case .nothingToChoose: Issue.record("these questions have choices of their own")
    }
  }
}

extension FactWorld {
  /// The nonsense words that are verbs.
  var verbs: Set<String> {
    Set(
      stated.compactMap {
        if case .verb(let verb) = $0.fact.relation { verb } else { nil }
      })
  }
}
