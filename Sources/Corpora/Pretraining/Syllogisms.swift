import Randomness

/// Two premises that share their middle term, and the conclusion: "All glon are yomp. All troff are
/// glon." and so "All troff are yomp."
///
/// It is of the first figure, in one of three moods: Barbara, Darii and Celarent, whose conclusions
/// are universal, particular and negative. The minor term is the conclusion's subject.
public struct Syllogism: Hashable, Sendable {
  public enum Mood: CaseIterable, Sendable {
    /// All minor are middle, all middle are major: all minor are major.
    case barbara
    /// Some minor are middle, all middle are major: some minor are major.
    case darii
    /// All minor are middle, no middle are major: no minor are major.
    case celarent
  }

  public var mood: Mood
  public var minor: String
  public var middle: String
  public var major: String

  public var minorPremise: Fact { Fact(mood == .darii ? .some : .kind, minor, middle) }
  public var majorPremise: Fact { Fact(mood == .celarent ? .none : .kind, middle, major) }
  public var conclusion: Fact {
    let relation: Relation =
      switch mood {
      case .barbara: .kind
      case .darii: .some
      case .celarent: .none
      }
    return Fact(relation, minor, major)
  }

  /// "All glon are yomp."
  public static func sentence(_ fact: Fact) -> String {
    fact.sentence(fact.relation.wordings[0])
  }

  /// The text before statements about some terms: "The relationships between glon, troff and yomp
  /// are:".
  public static func header(_ terms: [String]) -> String {
    "The relationships between " + terms.dropLast().joined(separator: ", ") + " and "
      + (terms.last ?? "") + " are:"
  }
}

/// Documents of syllogisms: the premises as in a world of syllogisms, and statements about two
/// terms.
struct Syllogisms {
  /// Its facts are premises, two for each syllogism.
  var plan: MentionPlan
  /// Whether the header is left out.
  var isShort: Bool

  func document(using random: inout RandomGenerator) -> Document {
    let count = (plan.factCount(using: &random) + 1) / 2
    var words = WordSampler(capacity: 3 * count)
    let syllogisms = (0..<count).map { _ in
      Syllogism(
        mood: random.element(of: Syllogism.Mood.allCases), minor: words.word(using: &random),
        middle: words.word(using: &random), major: words.word(using: &random))
    }
    func statement(
      _ facts: [Fact], _ terms: [String], isLearned: Bool, _ random: inout RandomGenerator
    ) -> Sentence {
      let sentences = facts.map(Syllogism.sentence).joined(separator: " ")
      guard isShort else {
        return Sentence(
          opening: Syllogism.header(random.shuffled(terms)), answer: " " + sentences,
          isLearned: isLearned)
      }
      // Quantifier and subject are random, the rest follows.
      let words = sentences.split(separator: " ")
      return Sentence(
        opening: words.prefix(2).joined(separator: " "),
        answer: " " + words.dropFirst(2).joined(separator: " "), isLearned: isLearned)
    }
    var isKnown = [Bool](repeating: false, count: count)
    var sentences: [Sentence] = []
    for number in plan.mentions(of: count, using: &random) {
      let own = syllogisms[number]
      let premises = random.shuffled([own.minorPremise, own.majorPremise])
      if !isKnown[number] || random.chance(0.15) {
        sentences.append(
          statement(
            premises, [own.minor, own.middle, own.major], isLearned: isKnown[number], &random))
        isKnown[number] = true
      } else {
        let fact = random.chance(0.25) ? premises[0] : own.conclusion
        sentences.append(
          statement([fact], [fact.subject, fact.object], isLearned: true, &random))
      }
    }
    return Document(sentences: sentences)
  }
}

extension DocumentKind {
  public static let syllogisms = DocumentKind("syllogisms") { request, random in
    Syllogisms(plan: request.plan, isShort: request.isShort).document(using: &random)
  }
}
