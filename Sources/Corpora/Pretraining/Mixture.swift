/// What pretraining documents are about: the share of each kind, their form and their size.
public struct Mixture: Hashable, Sendable {
  /// The shares that are not zero.
  private var shares: [DocumentKind: Double] = [:]
  /// The share of syllogisms, hierarchies, families and identities in the fewest words.
  public var plain: Double
  /// The share of hierarchies and families that state all facts and then what follows from them.
  public var conclusions: Double
  /// The share of conclusions in full sentences that are stated half-way: half of them before the
  /// whole conclusion, half instead of it. For conclusions in the fewest words the share is fixed.
  public var halfWay: Double
  /// The share of conclusions after which a fact is stated again.
  public var retold: Double
  /// The share of hierarchies and families that consist of many small ones, all alike.
  public var alike: Double
  /// The share of hierarchies and families that keep only the conclusions of the most steps. Trees
  /// that are all alike then have three levels.
  public var deep: Double
  /// How many facts a document has. Encoded as the two bounds.
  public var facts: ClosedRange<Int>
  /// The share of documents that state every fact once before they repeat any.
  public var factsFirst: Double
  /// The maximum number of sentences of a document, unless it has more facts.
  public var sentenceLimit: Int

  public init(
    _ shares: [DocumentKind: Double], plain: Double = 0, conclusions: Double = 0.5,
    halfWay: Double = 0, retold: Double = 1, alike: Double = 0.5, deep: Double = 0,
    facts: ClosedRange<Int>, factsFirst: Double = 0.5, sentenceLimit: Int = 512
  ) {
    self.shares = shares.filter { $0.value != 0 }
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

  /// The share of documents of a kind, in any unit: only their proportions matter.
  public subscript(kind: DocumentKind) -> Double {
    get { shares[kind] ?? 0 }
    set { shares[kind] = newValue == 0 ? nil : newValue }
  }

  /// The shares of all kinds together.
  public var total: Double { DocumentKind.all.reduce(0) { $0 + self[$1] } }
}

// In recipes the shares stand beside the other settings, each under the name of its kind; one that
// is missing is zero.
extension Mixture: Codable {
  private enum CodingKeys: CodingKey {
    case plain, conclusions, halfWay, retold, alike, deep, facts, factsFirst, sentenceLimit
  }

  /// The name of a kind in camel case, as coders have it before they spell it in snake case.
  private struct KindKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ kind: DocumentKind) {
      let words = kind.name.split(separator: "_")
      stringValue = words.enumerated().map { $0 == 0 ? String($1) : $1.capitalized }.joined()
    }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public init(from decoder: any Decoder) throws {
    let settings = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      [:], plain: try settings.decode(Double.self, forKey: .plain),
      conclusions: try settings.decode(Double.self, forKey: .conclusions),
      halfWay: try settings.decode(Double.self, forKey: .halfWay),
      retold: try settings.decode(Double.self, forKey: .retold),
      alike: try settings.decode(Double.self, forKey: .alike),
      deep: try settings.decode(Double.self, forKey: .deep),
      facts: try settings.decode(ClosedRange<Int>.self, forKey: .facts),
      factsFirst: try settings.decode(Double.self, forKey: .factsFirst),
      sentenceLimit: try settings.decode(Int.self, forKey: .sentenceLimit))
    let shares = try decoder.container(keyedBy: KindKey.self)
    for kind in DocumentKind.all {
      self[kind] = try shares.decodeIfPresent(Double.self, forKey: KindKey(kind)) ?? 0
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var shares = encoder.container(keyedBy: KindKey.self)
    for kind in DocumentKind.all { try shares.encode(self[kind], forKey: KindKey(kind)) }
    var settings = encoder.container(keyedBy: CodingKeys.self)
    try settings.encode(plain, forKey: .plain)
    try settings.encode(conclusions, forKey: .conclusions)
    try settings.encode(halfWay, forKey: .halfWay)
    try settings.encode(retold, forKey: .retold)
    try settings.encode(alike, forKey: .alike)
    try settings.encode(deep, forKey: .deep)
    try settings.encode(facts, forKey: .facts)
    try settings.encode(factsFirst, forKey: .factsFirst)
    try settings.encode(sentenceLimit, forKey: .sentenceLimit)
  }
}
