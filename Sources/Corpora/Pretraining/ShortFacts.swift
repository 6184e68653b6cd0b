import Randomness

/// A relation and its converse: "femp above glon." says what "glon below femp." says.
struct Converse: Sendable {
  let forward: String
  let backward: String

  static let all = [
    Converse(forward: "above", backward: "below"),
    Converse(forward: "before", backward: "after"),
    Converse(forward: "beat", backward: "trail"),
    Converse(forward: "over", backward: "under"),
    Converse(forward: "more", backward: "less"),
    Converse(forward: "lead", backward: "follow"),
    // A bare pair: "femp glon." and "glon to femp."
    Converse(forward: "", backward: "to"),
  ]
}

/// Documents of facts of two or three words, for the first stages of pretraining: the two names are
/// next to each other, or nearly.
///
/// A fact is an attribute ("femp are rony."), a relation from either side ("femp above glon.",
/// "glon below femp."), or a pair ("femp glon.", "glon to femp."). A document mixes them.
public struct ShortFacts: Sendable {
  public var plan: MentionPlan

  public init(plan: MentionPlan) { self.plan = plan }

  private enum Kind {
    case attribute
    case relation(Converse)
  }

  private static let relations = Array(Converse.all.dropLast())
  private static let pair = Converse.all[Converse.all.count - 1]

  public func document(using random: inout RandomGenerator) -> Document {
    let count = plan.factCount(using: &random)
    var sampler = WordSampler(capacity: 2 * count)
    let words = sampler.words(2 * count, using: &random)
    let kinds: [Kind] = (0..<count).map { _ in
      switch random.integer(below: 3) {
      case 0: .attribute
      case 1: .relation(random.element(of: Self.relations))
      default: .relation(Self.pair)
      }
    }
    return plan.document(of: count, using: &random) { fact, random in
      let (first, second) = (words[2 * fact], words[2 * fact + 1])
      switch kinds[fact] {
      case .attribute: return Self.parts(first, "are", second)
      case .relation(let relation):
        return random.chance(0.5)
          ? Self.parts(first, relation.forward, second)
          : Self.parts(second, relation.backward, first)
      }
    }
  }

  /// Only the first word is random; the rest follows from it.
  private static func parts(
    _ first: String, _ relation: String, _ second: String
  ) -> (opening: String, answer: String) {
    var answer = " "
    if !relation.isEmpty {
      answer += relation
      answer += " "
    }
    answer += second
    answer += "."
    return (first, answer)
  }
}

extension DocumentKind {
  public static let shortFacts = DocumentKind("short_facts") { request, random in
    ShortFacts(plan: request.plan).document(using: &random)
  }
}
