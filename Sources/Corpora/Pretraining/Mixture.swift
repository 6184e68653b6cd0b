/// What pretraining documents are about: the share of each kind, and the size of their pools.
public struct Mixture: Codable, Hashable, Sendable {
  /// The shares of documents of each kind, in any unit: only their proportions matter.
  public var shortFacts: Double
  public var comparisons: Double
  public var syllogisms: Double
  public var hierarchies: Double
  public var families: Double
  public var identities: Double
  public var copying: Double
  /// The share of syllogisms, hierarchies, families and identities told in the fewest words.
  public var plain: Double
  /// The share of documents of hierarchies and families that tell the facts and then what follows.
  public var conclusions: Double
  /// The share of conclusions in full sentences that are said half-way, first or instead. In the fewest
  /// words the share is fixed.
  public var halfWay: Double
  /// The share of conclusions after which a fact is told again.
  public var retold: Double
  /// The share of hierarchies and families that are many small ones, all alike.
  public var alike: Double
  /// The share of hierarchies and families of which only what takes most steps is concluded; those trees that
  /// are all alike have three levels then.
  public var deep: Double
  /// From the fewest to the most facts of a document. Encoded as its two bounds.
  public var facts: ClosedRange<Int>
  /// The share of documents that state every fact before they say anything again.
  public var factsFirst: Double
  /// The most sentences of a document, unless it has more facts.
  public var sentenceLimit: Int

  public init(
    shortFacts: Double = 0, comparisons: Double = 0, syllogisms: Double = 0,
    hierarchies: Double = 0, families: Double = 0, identities: Double = 0, copying: Double = 0,
    plain: Double = 0, conclusions: Double = 0.5, halfWay: Double = 0, retold: Double = 1,
    alike: Double = 0.5, deep: Double = 0, facts: ClosedRange<Int>, factsFirst: Double = 0.5,
    sentenceLimit: Int = 512
  ) {
    self.shortFacts = shortFacts
    self.comparisons = comparisons
    self.syllogisms = syllogisms
    self.hierarchies = hierarchies
    self.families = families
    self.identities = identities
    self.copying = copying
    self.plain = plain
    self.conclusions = conclusions
    self.halfWay = halfWay
    self.retold = retold
    self.alike = alike
    self.deep = deep
    self.facts = facts
    self.factsFirst = factsFirst
    self.sentenceLimit = sentenceLimit
  }

  /// What a document can be.
  public enum Kind: String, CaseIterable, Sendable {
    case shortFacts = "short_facts"
    case comparisons, syllogisms, hierarchies, families, identities, copying
  }

  public func share(of kind: Kind) -> Double {
    switch kind {
    case .shortFacts: shortFacts
    case .comparisons: comparisons
    case .syllogisms: syllogisms
    case .hierarchies: hierarchies
    case .families: families
    case .identities: identities
    case .copying: copying
    }
  }

  /// The shares of all kinds together.
  public var total: Double { Kind.allCases.reduce(0) { $0 + share(of: $1) } }
}
