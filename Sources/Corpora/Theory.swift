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

  /// A document about a theory: its facts told from either side and in any wording, and
  /// conclusions from its facts once all their premises are known.
  ///
  /// - Parameters:
  ///   - isShort: says everything in the fewest words.
  ///   - conclusions: how often a sentence is followed by a conclusion.
  func document(
    of theory: Theory, isShort: Bool, conclusions: Double, using random: inout RandomGenerator
  ) -> Document {
    var isKnown = [Bool](repeating: false, count: theory.facts.count)
    var ready: [Int] = []
    var missing = theory.conclusions.map(\.premises.count)
    var uses = [[Int]](repeating: [], count: theory.facts.count)
    for (number, conclusion) in theory.conclusions.enumerated() {
      for premise in conclusion.premises { uses[premise].append(number) }
    }
    func sentence(
      _ fact: Fact, isLearned: Bool, isConclusion: Bool = false, _ random: inout RandomGenerator
    ) -> Sentence {
      let side: Side = random.chance(0.5) ? .forward : .backward
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

    var sentences: [Sentence] = []
    let mentions = mentions(of: theory.facts.count, using: &random)
    for fact in mentions {
      sentences.append(sentence(theory.facts[fact], isLearned: isKnown[fact], &random))
      if !isKnown[fact] {
        isKnown[fact] = true
        for conclusion in uses[fact] {
          missing[conclusion] -= 1
          if missing[conclusion] == 0 { ready.append(conclusion) }
        }
      }
      if !ready.isEmpty && random.chance(conclusions) {
        let conclusion = theory.conclusions[random.element(of: ready)].fact
        sentences.append(sentence(conclusion, isLearned: true, isConclusion: true, &random))
      }
    }
    return Document(sentences: sentences)
  }
}
