/// What pretraining documents are about: the share of each kind, and the size of their pools.
public struct Mixture: Codable, Hashable, Sendable {
  /// The shares of documents of each kind, in any unit: only their proportions matter.
  public var shortFacts: Double
  public var comparisons: Double
  public var deduction: Double
  public var copying: Double
  /// From the fewest to the most facts of a document. Encoded as its two bounds.
  public var facts: ClosedRange<Int>
  /// The share of documents that state every fact before they say anything again.
  public var factsFirst: Double
  /// The most sentences of a document, unless it has more facts.
  public var sentenceLimit: Int

  public init(
    shortFacts: Double = 0, comparisons: Double = 0, deduction: Double = 0, copying: Double = 0,
    facts: ClosedRange<Int>, factsFirst: Double = 0.5, sentenceLimit: Int = 512
  ) {
    self.shortFacts = shortFacts
    self.comparisons = comparisons
    self.deduction = deduction
    self.copying = copying
    self.facts = facts
    self.factsFirst = factsFirst
    self.sentenceLimit = sentenceLimit
  }
}
