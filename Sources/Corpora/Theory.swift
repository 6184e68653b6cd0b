import Randomness

/// Facts, and what follows from two or more of them.
public struct Theory: Sendable {
  public struct Conclusion: Hashable, Sendable {
    public var fact: Fact
    /// The numbers of the facts that it follows from.
    public var premises: [Int]
  }

  /// The facts that are told.
  public var facts: [Fact] = []
  /// Every consequence, once for each way to derive it.
  public var conclusions: [Conclusion] = []

  /// Adds a fact and returns its number.
  @discardableResult
  mutating func tell(_ relation: Relation, _ subject: String, _ object: String) -> Int {
    facts.append(Fact(relation, subject, object))
    return facts.count - 1
  }

  mutating func conclude(
    _ relation: Relation, _ subject: String, _ object: String, from premises: [Int]
  ) {
    conclusions.append(
      Conclusion(fact: Fact(relation, subject, object), premises: premises))
  }
}

extension Pool {
  /// The share of sentences after a preamble.
  private static let preambleShare = 0.15
  /// The share of documents about facts with consequences that tell all of them from the subject's
  /// side, as the worlds do; steps through facts told from either side are several things to learn.
  private static let toldForwardShare = 0.85
  /// The share of conclusions asked from the object's side. Of what is inherited few, since many
  /// heirs are right.
  private static let backwardConclusionShare = 0.3
  private static let backwardInheritedShare = 0.1

  /// A document about a theory: its facts in any wording, and then either mentions of them from both
  /// sides or their conclusions.
  ///
  /// - Parameters:
  ///   - isShort: says everything in the fewest words.
  ///   - concludes: tells all facts and then each conclusion once. Said again, it would no longer take
  ///     the steps; and as long as facts are missing, what follows can often be guessed.
  func document(
    of theory: Theory, isShort: Bool, concludes: Bool, using random: inout RandomGenerator
  ) -> Document {
    func sentence(
      _ fact: Fact, _ side: Side, isLearned: Bool, isConclusion: Bool = false,
      _ random: inout RandomGenerator
    ) -> Sentence {
      let short =
        isConclusion ? fact.relation.shortInheritedWordings : fact.relation.shortWordings
      let all = isShort ? short : fact.relation.wordings
      let own = all.filter { $0.side == side }
      let wording = random.element(of: own.isEmpty ? all : own)
      let preamble =
        isShort || !random.chance(Self.preambleShare)
        ? "" : random.element(of: SentenceForms.preambles.dropFirst())
      return Sentence(
        opening: fact.prompt(wording, preamble: preamble),
        answer: Fact.completion(fact.last(wording.side)), isLearned: isLearned)
    }
    func side(backward share: Double, _ random: inout RandomGenerator) -> Side {
      random.chance(share) ? .backward : .forward
    }

    let count = theory.facts.count
    let concludes = concludes && !theory.conclusions.isEmpty
    var mentions: [Int]
    if concludes {
      mentions = random.shuffled(Array(0..<count))
      mentions += (0..<random.integer(in: 0...count / 2)).map { _ in random.integer(below: count) }
    } else {
      mentions = self.mentions(of: count, using: &random)
    }
    let tellsForward =
      !theory.conclusions.isEmpty && random.chance(Self.toldForwardShare)
    var isKnown = [Bool](repeating: false, count: count)
    var sentences: [Sentence] = []
    for fact in mentions {
      let isFirst = !isKnown[fact]
      isKnown[fact] = true
      let side = side(backward: isFirst && tellsForward ? 0 : 0.5, &random)
      sentences.append(sentence(theory.facts[fact], side, isLearned: !isFirst, &random))
    }
    if concludes {
      // What follows in two ways is still one conclusion.
      var seen: Set<Fact> = []
      let conclusions = theory.conclusions.map(\.fact).filter { seen.insert($0).inserted }
      for fact in random.shuffled(conclusions).prefix(2 * count) {
        let side = side(
          backward: fact.relation.isInherited
            ? Self.backwardInheritedShare : Self.backwardConclusionShare, &random)
        sentences.append(sentence(fact, side, isLearned: true, isConclusion: true, &random))
      }
    }
    return Document(sentences: sentences)
  }
}
