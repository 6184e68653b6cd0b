import Randomness

/// The documents of one row of pretraining data, without end.
///
/// They depend on the seed, the row and the mixture alone, so any row can be made at any time: a
/// run that resumes sees what it would have seen.
public struct DocumentStream: Sendable {
  private let mixture: Mixture
  /// The kinds that have a share.
  private let shares: [(kind: DocumentKind, share: Double)]
  private let plan: MentionPlan
  private var random: RandomGenerator

  /// - Precondition: no share is negative, some share is positive, and a document has from one to
  ///   ``maxFacts`` facts.
  public init(seed: UInt64, row: UInt64, mixture: Mixture) {
    let shares = DocumentKind.all.map { mixture[$0] }
    precondition(
      shares.allSatisfy { $0 >= 0 && $0.isFinite } && shares.contains { $0 > 0 },
      "the shares of a mixture must not be negative, nor all be zero: \(shares)")
    precondition(
      mixture.facts.upperBound <= Self.maxFacts,
      "a document has words for at most \(Self.maxFacts) facts, not \(mixture.facts.upperBound)")
    self.mixture = mixture
    self.shares = zip(DocumentKind.all, shares).filter { $0.1 > 0 }
    random = RandomGenerator(seed: seed, keys: row)
    plan = MentionPlan(
      facts: Self.facts(within: mixture.facts, using: &random), factsFirst: mixture.factsFirst,
      sentenceLimit: mixture.sentenceLimit)
  }

  /// The numbers of facts that one row's documents have.
  ///
  /// Large documents take most of the tokens, so a share of the rows is kept for small ones: half of
  /// the rows draw from the whole range, the others only up to a number of their own, low numbers
  /// being the likelier. A model that has long been reading a hundred facts at a time otherwise
  /// forgets how to go on from a single one.
  private static func facts(
    within range: ClosedRange<Int>, using random: inout RandomGenerator
  ) -> ClosedRange<Int> {
    if random.chance(0.5) { return range }
    return range.lowerBound...MentionPlan.inverselyDrawn(from: range, using: &random)
  }

  /// The most facts that a document may be about.
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
