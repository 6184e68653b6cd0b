import Randomness

/// Facts, and what follows from two or more of them.
public struct Theory: Sendable {
  public struct Conclusion: Hashable, Sendable {
    public var fact: Fact
    /// The numbers of the facts that it follows from, in the order of the steps from its subject to
    /// its object.
    public var premises: [Int]
    /// The entities between the two, in the same order: one fewer than there are premises.
    public var path: [String]
  }

  /// The facts that are stated.
  public var facts: [Fact] = []
  /// Every consequence, once for each way to derive it.
  public var conclusions: [Conclusion] = []

  /// Adds a fact and returns its number.
  @discardableResult
  mutating func state(_ relation: Relation, _ subject: String, _ object: String) -> Int {
    facts.append(Fact(relation, subject, object))
    return facts.count - 1
  }

  mutating func conclude(
    _ relation: Relation, _ subject: String, _ object: String, from premises: [Int]
  ) {
    var path: [String] = []
    for premise in premises.dropLast() {
      path.append(facts[premise].other(than: path.last ?? subject))
    }
    conclusions.append(
      Conclusion(fact: Fact(relation, subject, object), premises: premises, path: path))
  }

  /// Keeps only the conclusions that are learned last: of three or more steps in a tree, and of two
  /// in the same direction in a family. If nearer conclusions are asked for as well, attention
  /// heads serve those, and the last step is hardly learned.
  mutating func keepDeepConclusions() {
    conclusions.removeAll { $0.premises.count < 3 && $0.fact.relation != .grandparent }
  }
}

extension MentionPlan {
  /// The share of sentences after a preamble.
  private static let preambleShare = 0.15
  /// The share of what is inherited that is stated from the object's side: a small one, since many
  /// categories are right.
  private static let backwardInheritedShare = 0.1
  /// The share of other conclusions that are stated from the object's side.
  private static let backwardShare = 0.5
  /// The share of conclusions in the fewest words that are stated half-way.
  static let plainHalfWay = 0.6

  /// A document about a theory: its facts in any wording, and then either more mentions of them
  /// from both sides or what follows from them.
  ///
  /// Some conclusions stop half-way: where the last entity would be named, "femp inherit rony.",
  /// one on the way to it is named, "femp inherit glon." This teaches the first step at the
  /// position where the second one starts. Without it, no model has learned two steps.
  ///
  /// - Parameters:
  ///   - isShort: whether everything is stated in the fewest words.
  ///   - concludes: whether the document states all facts from the subject's side, as worlds do,
  ///     and then each conclusion once. A repeated conclusion could be copied, and one that comes
  ///     before all facts are stated could be guessed.
  ///   - halfWay: the share of conclusions that are stated half-way: half of them before the whole
  ///     conclusion, half instead of it.
  ///   - retold: the share of conclusions after which a fact is stated again.
  func document(
    of theory: Theory, isShort: Bool, concludes: Bool, halfWay: Double, retold: Double,
    using random: inout RandomGenerator
  ) -> Document {
    func sentence(
      _ fact: Fact, _ side: Side, isLearned: Bool, isConclusion: Bool = false,
      _ random: inout RandomGenerator
    ) -> Sentence {
      let relation = fact.relation
      let all =
        switch (isShort, isConclusion) {
        case (true, true): relation.shortInheritedWordings
        case (true, false): relation.shortWordings
        case (false, true): relation.inheritedWordings ?? relation.wordings
        case (false, false): relation.wordings
        }
      let own = all.filter { $0.side == side }
      let wording = random.element(of: own.isEmpty ? all : own)
      let preamble =
        isShort || !random.chance(Self.preambleShare)
        ? "" : random.element(of: SentenceForms.preambles.dropFirst())
      return Sentence(
        opening: fact.prompt(wording, preamble: preamble),
        answer: Fact.completion(fact.last(wording.side)), isLearned: isLearned)
    }

    let count = theory.facts.count
    let concludes = concludes && !theory.conclusions.isEmpty
    let mentions =
      concludes
      ? random.shuffled(Array(0..<count))
        + (0..<random.integer(in: 0...count / 2)).map { _ in random.integer(below: count) }
      : self.mentions(of: count, using: &random)
    var isKnown = [Bool](repeating: false, count: count)
    var sentences: [Sentence] = []
    for fact in mentions {
      let isForward = concludes && !isKnown[fact] || random.chance(0.5)
      sentences.append(
        sentence(
          theory.facts[fact], isForward ? .forward : .backward, isLearned: isKnown[fact], &random))
      isKnown[fact] = true
    }
    guard concludes else { return Document(sentences: sentences) }
    // What follows in two ways is one conclusion, and what is stated is none.
    var seen = Set(theory.facts)
    let conclusions = theory.conclusions.filter { seen.insert($0.fact).inserted }
    for conclusion in random.shuffled(conclusions).prefix(2 * count) {
      let fact = conclusion.fact
      let side: Side =
        random.chance(
          fact.relation.isInherited ? Self.backwardInheritedShare : Self.backwardShare)
        ? .backward : .forward
      let draw = random.uniform()
      if draw < halfWay {
        let stop = random.element(of: conclusion.path)
        let first =
          side == .forward
          ? Fact(fact.relation, fact.subject, stop) : Fact(fact.relation, stop, fact.object)
        sentences.append(sentence(first, side, isLearned: true, isConclusion: true, &random))
      }
      if draw >= halfWay / 2 {
        sentences.append(sentence(fact, side, isLearned: true, isConclusion: true, &random))
      }
      // A fact among the conclusions: the model has to distinguish the two.
      if random.chance(retold) {
        sentences.append(
          sentence(
            random.element(of: theory.facts), random.chance(0.5) ? .forward : .backward,
            isLearned: true, &random))
      }
    }
    return Document(sentences: sentences)
  }
}
