import Randomness

/// A world of comparisons between invented things: the *simple reversals* of
/// Lampinen et al. 2025, arXiv 2505.00661.
///
/// Each noun occurs in one fact only, so that only this fact decides which of the two has more.
/// Half of the facts say "more" and half "less". All words are short and held out of pretraining.
public struct ReversalWorld: World {
  public let dataset = Dataset.reversal.name
  public let splits: [Split] = [.trained, .rephrased, .reversed]

  /// The number of facts in a group.
  public static let factsPerGroup = 5

  /// The number of articles about each fact.
  public static let articlesPerFact = 10

  public let seed: UInt64
  public let facts: [Comparison]
  /// The articles of each fact, `[fact][article]`: the same statement after different preambles.
  public let documents: [[String]]
  /// The preambles and verb phrases that the documents use.
  public let documentPreambles: [String]
  public let documentVerbs: [String]
  /// Those that they never use, kept for the split `rephrased`.
  public let keptPreambles: [String]
  public let keptVerbs: [String]

  /// The rendering of each article, `[fact][article]`.
  let renderings: [[Rendering]]
  /// The number of the fact that each noun belongs to.
  let factOfNoun: [String: Int]

  /// The same world for the same seed and counts, on every machine.
  ///
  /// - Throws: ``CorpusError`` when there are too few held-out words or a count is not positive.
  public init(seed: UInt64, factCount: Int = 100, attributeCount: Int = 28) throws(CorpusError) {
    guard factCount > 0, attributeCount > 0 else {
      throw .emptyWorld(units: Dataset.reversal.units)
    }
    let words = Lexicon.short.heldOut
    guard attributeCount + 2 <= words.count else {
      throw .tooManyAttributes(asked: attributeCount, most: words.count - 2)
    }
    guard factCount <= (words.count - attributeCount) / 2 else {
      throw .tooLarge(
        asked: factCount, most: (words.count - attributeCount) / 2, units: Dataset.reversal.units)
    }

    var random = RandomGenerator(seed: seed, keys: Stream.facts.rawValue)
    let chosen = random.sample(2 * factCount + attributeCount, of: words)
    let attributes = random.shuffled((0..<factCount).map { chosen[$0 % attributeCount] })
    // If the count is odd, the direction of one fact is a coin toss.
    let moreCount = (factCount + random.integer(below: 2)) / 2
    let directions = random.shuffled((0..<factCount).map { $0 < moreCount })
    let facts = (0..<factCount).map { fact in
      Comparison(
        subject: chosen[attributeCount + 2 * fact], attribute: attributes[fact],
        object: chosen[attributeCount + 2 * fact + 1], isMore: directions[fact])
    }

    random = RandomGenerator(seed: seed, keys: Stream.documents.rawValue)
    let preambles = random.shuffled(SentenceForms.preambles)
    let verbs = random.shuffled(SentenceForms.verbs)
    let documentPreambles = Array(preambles.prefix(Self.articlesPerFact))
    let documentVerbs = Array(verbs.prefix(4))
    let renderings = facts.map { _ in
      random.shuffled(documentPreambles).map {
        Rendering(preamble: $0, verb: random.element(of: documentVerbs))
      }
    }

    self.seed = seed
    self.facts = facts
    self.renderings = renderings
    self.documentPreambles = documentPreambles
    self.documentVerbs = documentVerbs
    keptPreambles = Array(preambles.dropFirst(Self.articlesPerFact))
    keptVerbs = Array(verbs.dropFirst(4))
    documents = zip(facts, renderings).map { fact, forms in forms.map { $0.sentence(fact) } }
    factOfNoun = Dictionary(
      uniqueKeysWithValues: facts.enumerated().flatMap { index, fact in
        [(fact.subject, index), (fact.object, index)]
      })
  }

  public var articles: [Article] {
    documents.enumerated().flatMap { fact, texts in
      texts.map { Article(group: group(of: fact), text: $0) }
    }
  }

  public var groupCount: Int { (facts.count + Self.factsPerGroup - 1) / Self.factsPerGroup }
  public var factCount: Int { facts.count }
  public var entities: [String] {
    facts.flatMap { [$0.subject, $0.object] } + Set(facts.map(\.attribute)).sorted()
  }

  func group(of fact: Int) -> Int { fact / Self.factsPerGroup }

  private func members(of groups: [Int]) -> [Int] {
    let groups = Set(groups)
    return facts.indices.filter { groups.contains(group(of: $0)) }
  }

  /// One article of each fact of the groups, in random order.
  public func prompt(groups: [Int], seed: UInt64) -> [Article] {
    context(seed: seed, facts: members(of: groups), wrong: [])
  }

  /// A context without information: half of the facts, chosen at random, have the wrong direction.
  /// A model that believes all it reads is right about half of the facts.
  ///
  /// Half of the facts that say "more" are reversed and half of those that say "less", so that
  /// neither direction becomes more frequent. If a number of facts is odd, a coin toss decides.
  public func shuffledPrompt(groups: [Int], seed: UInt64) -> [Article] {
    let included = members(of: groups)
    var random = RandomGenerator(
      seed: self.seed, keys: Stream.wrongFacts.rawValue, seed, UInt64(groups.first ?? 0))
    // Facts of the same direction are next to each other, and every second one is made wrong.
    let ordered =
      random.shuffled(included.filter { self.facts[$0].isMore })
      + random.shuffled(included.filter { !self.facts[$0].isMore })
    let first = random.integer(below: 2)
    let wrong = stride(from: first, to: ordered.count, by: 2).map { ordered[$0] }
    return context(seed: seed, facts: included, wrong: Set(wrong))
  }

  private func context(seed: UInt64, facts included: [Int], wrong: Set<Int>) -> [Article] {
    var random = RandomGenerator(seed: self.seed, keys: Stream.context.rawValue, seed)
    return random.shuffled(included).map { fact in
      let statement = wrong.contains(fact) ? facts[fact].contradicted : facts[fact]
      return Article(
        group: group(of: fact), text: random.element(of: renderings[fact]).sentence(statement))
    }
  }

  /// What the random numbers are drawn for; each purpose has a stream of its own.
  enum Stream: UInt64 {
    case facts = 1
    case documents, context, wrongFacts, questions
  }
}
