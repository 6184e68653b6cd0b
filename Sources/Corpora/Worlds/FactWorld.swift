import OrderedCollections
import Randomness

/// A world of facts about entities, stated in articles of many wordings: hierarchies, families and
/// celebrities differ only in which facts there are and how articles are put together.
public struct FactWorld: World {
  public let dataset: String
  public let splits: [Split]
  public let seed: UInt64
  public let groupCount: Int
  public let entities: [String]

  /// A fact that is stated, from one side or from both.
  struct StatedFact: Sendable {
    var fact: Fact
    var sides: [Side]
    var group: Int
  }
  let stated: [StatedFact]

  /// What follows from stated facts: from one for each step.
  struct Deduction: Sendable {
    var fact: Fact
    var steps: Int
    var group: Int
  }
  /// What follows from several facts.
  let deduced: [Deduction]
  /// What follows for an entity of which nothing but its kind is stated.
  let heldBack: [Deduction]
  /// Names that can replace one another: a question's choices are of one class, and the shuffled
  /// control shuffles the names of each class.
  let classes: [[String]]

  /// One sentence of an article, to be written with the right names or with shuffled ones.
  struct Line: Sendable {
    var fact: Int
    var wording: Wording
    var preamble: String
  }
  struct Lines: Sendable {
    var group: Int
    var lines: [Line]
  }
  let allLines: [Lines]
  public let articles: [Article]
  let style: Style

  /// Everything that is true, stated or not.
  let truth: Set<Fact>
  /// The numbers of the facts that questions of each split are about.
  let statedNumber: [Fact: Int]
  let deducedNumber: [Fact: Int]
  let heldBackNumber: [Fact: Int]

  /// The most questions of a split.
  public static let questionLimit = 100

  /// What each dataset decides: its facts and the form of its articles.
  struct Content {
    var dataset: Dataset
    var splits: [Split]
    var stated: [StatedFact]
    var deduced: [Deduction]
    var heldBack: [Deduction] = []
    var classes: [[String]]
    /// How many sentences an article has.
    var sentencesPerArticle: ClosedRange<Int>
    var usesPreambles: Bool
    /// The styles of articles; one that is listed twice is twice as frequent.
    var manners: [Manner] = [.varied]
  }

  /// How the sentences of one article are worded and ordered.
  enum Manner {
    /// Each sentence in any of the world's wordings.
    case varied
    /// All sentences of a relation in the same wording.
    case even
    /// As questions and answers, where the relation has a wording of that form.
    case questions
    /// All sentences about an entity together, like entries of a reference work.
    case entries
  }

  /// How often each fact is stated in all articles together.
  static let mentionsPerFact = 10

  init(seed: UInt64, _ content: Content) {
    self.seed = seed
    dataset = content.dataset.name
    splits = content.splits
    stated = content.stated
    groupCount = (content.stated.map(\.group).max() ?? -1) + 1
    classes = content.classes
    entities = content.classes.flatMap { $0 }
    // A consequence that is also stated, or follows in two ways, makes no further question.
    var known = Set(
      content.stated.flatMap { stated in
        stated.fact.relation.isSymmetric ? [stated.fact, stated.fact.swapped] : [stated.fact]
      })
    deduced = content.deduced.filter { known.insert($0.fact).inserted }
    heldBack = content.heldBack.filter { known.insert($0.fact).inserted }
    var random = RandomGenerator(seed: seed, keys: Stream.style.rawValue)
    style = Style(
      relations: content.stated.map(\.fact.relation) + deduced.map(\.fact.relation),
      usesPreambles: content.usesPreambles, using: &random)
    random = RandomGenerator(seed: seed, keys: Stream.documents.rawValue)
    allLines = Self.articles(content, style, groupCount, using: &random)

    let facts = stated.map(\.fact)
    articles = allLines.map { Article(group: $0.group, text: Self.text($0, facts, names: [:])) }
    truth = Set(stated.map(\.fact) + deduced.map(\.fact) + heldBack.map(\.fact))
    func numbers(_ facts: [Fact]) -> [Fact: Int] {
      Dictionary(zip(facts, facts.indices), uniquingKeysWith: { first, _ in first })
    }
    statedNumber = numbers(stated.map(\.fact))
    deducedNumber = numbers(deduced.map(\.fact))
    heldBackNumber = numbers(heldBack.map(\.fact))
  }

  public var factCount: Int { stated.count }

  /// The wordings of a world: those that its articles use, and one from each side that they never
  /// use, kept for the split `rephrased`.
  struct Style: Sendable {
    let used: [Relation: [Wording]]
    let kept: [Relation: [Wording]]
    let preambles: [String]
    let keptPreambles: [String]

    init(relations: [Relation], usesPreambles: Bool, using random: inout RandomGenerator) {
      var used: [Relation: [Wording]] = [:]
      var kept: [Relation: [Wording]] = [:]
      for relation in relations where used[relation] == nil {
        used[relation] = []
        let start = random
        for side in [Side.forward, .backward] {
          let wordings = relation.wordings(side)
          // All verbs use the same wordings: a wording that one verb keeps must not be used by
          // another. So do both sides of a symmetric relation.
          var choice = relation.isSymmetric ? start : random
          if case .verb = relation { choice = RandomGenerator(seed: 0x7E4B) }
          let shuffled = choice.shuffled(wordings)
          if case .verb = relation {} else { random = choice }
          kept[relation, default: []] += shuffled.prefix(wordings.count > 1 ? 1 : 0)
          used[relation, default: []] += shuffled.dropFirst(wordings.count > 1 ? 1 : 0)
        }
      }
      let preambles = random.shuffled(Array(SentenceForms.preambles.dropFirst()))
      self.used = used
      self.kept = kept
      self.preambles = usesPreambles ? [""] + preambles.prefix(9) : [""]
      keptPreambles = usesPreambles ? Array(preambles.dropFirst(9)) : [""]
    }

    func used(_ relation: Relation, _ side: Side) -> [Wording] {
      (used[relation] ?? []).filter { $0.side == side }
    }

    func kept(_ relation: Relation, _ side: Side) -> [Wording] {
      (kept[relation] ?? []).filter { $0.side == side }
    }
  }

  /// Every fact ``mentionsPerFact`` times, distributed over articles about one group each.
  private static func articles(
    _ content: Content, _ style: Style, _ groupCount: Int, using random: inout RandomGenerator
  ) -> [Lines] {
    var result: [Lines] = []
    for group in 0..<groupCount {
      let own = content.stated.indices.filter { content.stated[$0].group == group }
      // Round after round through all facts of the group: none is stated rarely.
      var deck = (0..<mentionsPerFact).flatMap { _ in random.shuffled(own) }[...]
      while !deck.isEmpty {
        let count = min(deck.count, random.integer(in: content.sentencesPerArticle))
        result.append(
          Lines(
            group: group,
            lines: lines(about: Array(deck.prefix(count)), content, style, using: &random)))
        deck = deck.dropFirst(count)
      }
    }
    return result
  }

  /// The sentences of one article about facts, given by number.
  private static func lines(
    about facts: [Int], _ content: Content, _ style: Style, using random: inout RandomGenerator
  ) -> [Line] {
    let manner = random.element(of: content.manners)
    var facts = facts
    if manner == .entries {
      facts = OrderedDictionary(grouping: facts) { content.stated[$0].fact.subject }.values
        .flatMap { $0 }
    }
    var chosen: [Relation: Wording] = [:]
    return facts.map { fact in
      let relation = content.stated[fact].fact.relation
      var wordings = style.used(relation, random.element(of: content.stated[fact].sides))
      if manner == .questions, wordings.contains(where: \.isQuestion) {
        wordings.removeAll { !$0.isQuestion }
      }
      var wording = random.element(of: wordings)
      if manner == .even {
        wording = chosen[relation] ?? wording
        chosen[relation] = wording
      }
      return Line(fact: fact, wording: wording, preamble: random.element(of: style.preambles))
    }
  }

  private static func text(_ article: Lines, _ facts: [Fact], names: [String: String]) -> String {
    article.lines.map { line in
      var fact = facts[line.fact]
      fact.subject = names[fact.subject] ?? fact.subject
      fact.object = names[fact.object] ?? fact.object
      return fact.sentence(line.wording, preamble: line.preamble)
    }.joined(separator: " ")
  }

  public func prompt(groups: [Int], seed: UInt64) -> [Article] {
    prompt(groups: groups, seed: seed, names: [:])
  }

  /// The names of each class are shuffled: every sentence is as well formed as before, and each
  /// choice of a question is as likely to be right as the others.
  public func shuffledPrompt(groups: [Int], seed: UInt64) -> [Article] {
    var random = RandomGenerator(seed: self.seed, keys: Stream.wrongFacts.rawValue, seed)
    var names: [String: String] = [:]
    for members in classes {
      for (name, other) in zip(members, random.shuffled(members)) { names[name] = other }
    }
    return prompt(groups: groups, seed: seed, names: names)
  }

  /// Few articles that together state every fact of the groups, in random order. A greedy choice:
  /// again and again the article that states most of what is missing.
  private func prompt(groups: [Int], seed: UInt64, names: [String: String]) -> [Article] {
    var random = RandomGenerator(seed: self.seed, keys: Stream.context.rawValue, seed)
    let facts = stated.map(\.fact)
    var chosen: [Article] = []
    for group in groups {
      var missing = Set(stated.indices.filter { stated[$0].group == group })
      let candidates = random.shuffled(allLines.filter { $0.group == group })
      while let best = candidates.max(by: { missing.count(of: $0) < missing.count(of: $1) }),
        missing.count(of: best) > 0
      {
        missing.subtract(best.lines.map(\.fact))
        chosen.append(Article(group: group, text: Self.text(best, facts, names: names)))
      }
    }
    return random.shuffled(chosen)
  }

  /// What the random numbers are drawn for; each purpose has a stream of its own.
  enum Stream: UInt64 {
    case facts = 101
    case style, documents, context, wrongFacts, questions
  }
}

extension Set<Int> {
  /// How many of the facts an article states.
  fileprivate func count(of article: FactWorld.Lines) -> Int {
    intersection(article.lines.map(\.fact)).count
  }
}
