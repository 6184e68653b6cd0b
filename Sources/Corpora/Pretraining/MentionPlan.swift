import Randomness

/// The order in which a document mentions its facts.
public enum MentionOrder: String, Codable, Sendable {
  /// Each mention is of a random fact.
  case interleaved
  /// Every fact once, then mentions of random facts.
  case factsFirst
}

/// How many facts a document has, how often it mentions them, and in which order.
public struct MentionPlan: Hashable, Sendable {
  /// How many facts a document has.
  public var facts: ClosedRange<Int>
  /// The share of documents that state every fact once before they repeat any.
  public var factsFirst: Double
  /// The maximum number of sentences of a document, unless it has more facts.
  public var sentenceLimit: Int

  public init(facts: ClosedRange<Int>, factsFirst: Double = 0.5, sentenceLimit: Int = 512) {
    precondition(facts.lowerBound >= 1, "a document needs at least one fact, not \(facts)")
    precondition(sentenceLimit >= 1, "a document needs at least one sentence")
    self.facts = facts
    self.factsFirst = factsFirst
    self.sentenceLimit = sentenceLimit
  }

  /// A number of facts: uniform in half of the documents and log-uniform in the other half, so that
  /// both small and large numbers are frequent.
  func factCount(using random: inout RandomGenerator) -> Int {
    if random.chance(0.5) { return random.integer(in: facts) }
    return Self.inverselyDrawn(from: facts, using: &random)
  }

  /// A number drawn with a probability proportional to 1/n: log-uniform for whole numbers.
  static func inverselyDrawn(
    from range: ClosedRange<Int>, using random: inout RandomGenerator
  ) -> Int {
    var rest = random.uniform() * range.reduce(0) { $0 + 1 / Double($1) }
    for number in range {
      rest -= 1 / Double(number)
      if rest < 0 { return number }
    }
    return range.upperBound
  }

  /// The number of mentions of `count` facts: two to four for each fact on average, and three to
  /// eight if there is only one.
  func mentionCount(of count: Int, using random: inout RandomGenerator) -> Int {
    if count == 1 { return min(random.integer(in: 3...8), max(1, sentenceLimit)) }
    return max(count, min(sentenceLimit, count + random.integer(in: count...3 * count)))
  }

  func order(using random: inout RandomGenerator) -> MentionOrder {
    random.chance(factsFirst) ? .factsFirst : .interleaved
  }

  /// The number of the fact of each mention of a document about `count` facts.
  func mentions(of count: Int, using random: inout RandomGenerator) -> [Int] {
    let total = mentionCount(of: count, using: &random)
    var mentions: [Int] = []
    mentions.reserveCapacity(total)
    if order(using: &random) == .factsFirst {
      mentions = random.shuffled(Array(0..<count))
    }
    while mentions.count < total { mentions.append(random.integer(below: count)) }
    return mentions
  }

  /// A document of mentions: the first of each fact is not learned, the later ones are.
  func document(
    of count: Int, using random: inout RandomGenerator,
    parts: (_ fact: Int, _ random: inout RandomGenerator) -> (opening: String, answer: String)
  ) -> Document {
    var isKnown = [Bool](repeating: false, count: count)
    var sentences: [Sentence] = []
    let mentions = mentions(of: count, using: &random)
    sentences.reserveCapacity(mentions.count)
    for fact in mentions {
      let (opening, answer) = parts(fact, &random)
      sentences.append(Sentence(opening: opening, answer: answer, isLearned: isKnown[fact]))
      isKnown[fact] = true
    }
    return Document(sentences: sentences)
  }
}
