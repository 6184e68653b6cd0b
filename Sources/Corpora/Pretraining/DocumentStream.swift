import Randomness

/// The documents of one row of pretraining data, as many as are asked for.
///
/// They depend only on the seed, the row and the mixture, so any row can be made at any time: a
/// resumed run sees the same data as an uninterrupted one.
public struct DocumentStream: Sendable {
  private let mixture: Mixture
  /// The kinds that have a share.
  private let shares: [(kind: DocumentKind, share: Double)]
  private let plan: MentionPlan
  private var random: RandomGenerator

  /// - Precondition: no share is negative, at least one is positive, and a document has from 1 to
  ///   ``maxFacts`` facts.
  public init(seed: UInt64, row: UInt64, mixture: Mixture) {
    let shares = DocumentKind.all.map { mixture[$0] }
    precondition(
      shares.allSatisfy { $0 >= 0 && $0.isFinite } && shares.contains { $0 > 0 },
      "the shares of a mixture must not be negative, and one must be positive: \(shares)")
    precondition(
      mixture.facts.upperBound <= Self.maxFacts,
      "a document can have at most \(Self.maxFacts) facts, not \(mixture.facts.upperBound)")
    self.mixture = mixture
    self.shares = zip(DocumentKind.all, shares).filter { $0.1 > 0 }
    random = RandomGenerator(seed: seed, keys: row)
    plan = MentionPlan(
      facts: Self.facts(within: mixture.facts, using: &random), factsFirst: mixture.factsFirst,
      sentenceLimit: mixture.sentenceLimit)
  }

  /// The range of numbers of facts for one row's documents.
  ///
  /// Large documents take most of the tokens, so some rows are kept for small ones: half of the
  /// rows use the whole range, the others a range with a random upper end, more often a low one.
  /// Otherwise a model that reads a hundred facts at a time for long forgets how to use a single
  /// one.
  private static func facts(
    within range: ClosedRange<Int>, using random: inout RandomGenerator
  ) -> ClosedRange<Int> {
    if random.chance(0.5) { return range }
    return range.lowerBound...MentionPlan.inverselyDrawn(from: range, using: &random)
  }

  /// The maximum number of facts of a document.
  public static let maxFacts = 2_000

  public mutating func next() -> Document {
    let kind = nextKind()
    let isShort = random.chance(mixture.plain)
    return kind.makeDocument(
      .init(mixture: mixture, plan: plan, isShort: isShort), &random)
  }

  private mutating func nextKind() -> DocumentKind {
    var draw = random.uniform() * mixture.total
    for (kind, share) in shares {
      draw -= share
      if draw < 0 { return kind }
    }
    return shares[shares.count - 1].kind
  }
}
