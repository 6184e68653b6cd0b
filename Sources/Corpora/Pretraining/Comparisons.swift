import Randomness

/// Documents of comparisons in the wordings of worlds, from either side.
///
/// All nouns of a document differ; its facts share a few attributes, as in a world, so that an
/// attribute does not identify a fact.
public struct Comparisons: Sendable {
  public var plan: MentionPlan

  /// The share of sentences without a preamble.
  public static let bareShare = 0.3

  /// Attributes for each 100 facts, as in Lampinen et al. 2025.
  public static let attributesPerHundredFacts = 28

  public init(plan: MentionPlan) { self.plan = plan }

  public func document(using random: inout RandomGenerator) -> Document {
    let count = plan.factCount(using: &random)
    let attributeCount = (count * Self.attributesPerHundredFacts + 99) / 100
    var sampler = WordSampler(capacity: 2 * count + attributeCount)
    let words = sampler.words(attributeCount + 2 * count, using: &random)
    let attributes = random.shuffled((0..<count).map { words[$0 % attributeCount] })
    let facts = (0..<count).map { fact in
      Comparison(
        subject: words[attributeCount + 2 * fact], attribute: attributes[fact],
        object: words[attributeCount + 2 * fact + 1], isMore: random.chance(0.5))
    }
    return plan.document(of: count, using: &random) { fact, random in
      let statement = random.chance(0.5) ? facts[fact] : facts[fact].reversed
      return (
        Self.rendering(using: &random).prompt(statement), SentenceForms.completion(statement)
      )
    }
  }

  private static func rendering(using random: inout RandomGenerator) -> Rendering {
    let preamble = random.chance(bareShare) ? "" : random.element(of: preambles)
    return Rendering(preamble: preamble, verb: random.element(of: SentenceForms.verbs))
  }

  private static let preambles = SentenceForms.preambles.filter { !$0.isEmpty }
}

extension DocumentKind {
  public static let comparisons = DocumentKind("comparisons") { request, random in
    Comparisons(plan: request.plan).document(using: &random)
  }
}
