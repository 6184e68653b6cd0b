import Randomness

/// The documents of one row of pretraining data, without end.
///
/// They depend on the seed, the row and the mixture alone, so any row can be made at any time: a
/// run that resumes sees what it would have seen.
public struct DocumentStream: Sendable {
  private let mixture: Mixture
  private let pool: MentionPlan
  private var random: RandomGenerator

  /// - Precondition: no share is negative, some share is positive, and a document has from one to
  ///   ``maxFacts`` facts.
  public init(seed: UInt64, row: UInt64, mixture: Mixture) {
    let shares = Mixture.Kind.allCases.map(mixture.share)
    precondition(
      shares.allSatisfy { $0 >= 0 && $0.isFinite } && shares.contains { $0 > 0 },
      "the shares of a mixture must not be negative, nor all be zero: \(shares)")
    precondition(
      mixture.facts.upperBound <= Self.maxFacts,
      "a document has words for at most \(Self.maxFacts) facts, not \(mixture.facts.upperBound)")
    self.mixture = mixture
    random = RandomGenerator(seed: seed, keys: row)
    pool = MentionPlan(
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
    switch kind {
    case .shortFacts: return ShortFacts(pool: pool).document(using: &random)
    case .comparisons: return Comparisons(pool: pool).document(using: &random)
    case .syllogisms: return Syllogisms(pool: pool, isShort: isShort).document(using: &random)
    case .copying: return Copying().document(using: &random)
    case .hierarchies, .families, .identities:
      let count = pool.factCount(using: &random)
      var words = WordSampler(capacity: 4 * count + 8)
      let areAlike = random.chance(mixture.alike)
      let isDeep = random.chance(mixture.deep)
      var theory: Theory =
        switch kind {
        case .hierarchies where areAlike:
          .parallelHierarchies(factCount: count, areDeep: isDeep, words: &words, using: &random)
        case .families where areAlike:
          .parallelFamilies(factCount: count, words: &words, using: &random)
        case .hierarchies: .hierarchy(factCount: count, words: &words, using: &random)
        case .families: .family(factCount: count, words: &words, using: &random)
        default: .identities(factCount: count, isShort: isShort, words: &words, using: &random)
        }
      if isDeep { theory.keepDeepConclusions() }
      return pool.document(
        of: theory, isShort: isShort, concludes: random.chance(mixture.conclusions),
        halfWay: isShort ? MentionPlan.plainHalfWay : mixture.halfWay, retold: mixture.retold,
        using: &random)
    }
  }

  private mutating func nextKind() -> Mixture.Kind {
    var draw = random.uniform() * mixture.total
    for kind in Mixture.Kind.allCases {
      draw -= mixture.share(of: kind)
      if draw < 0 { return kind }
    }
    return Mixture.Kind.allCases.last { mixture.share(of: $0) > 0 } ?? .shortFacts
  }
}
