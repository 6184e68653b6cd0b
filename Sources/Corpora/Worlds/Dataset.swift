/// The kinds of worlds.
public enum Dataset: String, CaseIterable, Codable, Sendable {
  case reversal, syllogism, hierarchy, family, celebrities

  /// What a fact looks like, for people who choose among them.
  public var summary: String {
    switch self {
    case .reversal: "comparisons and their reversals: \"femp are more rony than glon.\""
    case .syllogism: "two premises and their conclusion: \"All glon are yomp. All troff are glon.\""
    case .hierarchy:
      "a tree of categories with inherited properties: \"gruds belong to the abmes.\""
    case .family: "family trees: parents and spouses told, siblings and grandparents deduced"
    case .celebrities: "names and descriptions: \"femp glon is the author of yomp troff.\""
    }
  }

  /// Facts of a world, or examples, or categories: what its size is counted in.
  public var standardSize: Int {
    switch self {
    case .reversal: 100
    case .syllogism: 69
    case .hierarchy: 110
    case .family: 10
    case .celebrities: 90
    }
  }

  /// What the size counts.
  public var unit: String {
    switch self {
    case .reversal: "comparisons"
    case .syllogism: "syllogisms"
    case .hierarchy: "categories"
    case .family: "families"
    case .celebrities: "people"
    }
  }

  /// A size with what it counts: "1 family", "6 families".
  public func counted(_ size: Int) -> String {
    guard size == 1 else { return "\(size) \(unit)" }
    switch self {
    case .reversal: return "1 comparison"
    case .syllogism: return "1 syllogism"
    case .hierarchy: return "1 category"
    case .family: return "1 family"
    case .celebrities: return "1 person"
    }
  }

  /// A fresh world: the same for the same seed and size, on every machine.
  ///
  /// - Throws: ``CorpusError`` where there are too few held-out words for the size.
  public func world(seed: UInt64, size: Int? = nil) throws(CorpusError) -> any World {
    let size = size ?? standardSize
    guard size > 0 else { throw .emptyWorld(unit: unit) }
    switch self {
    case .reversal:
      return try ReversalWorld(
        seed: seed, factCount: size, attributeCount: max(1, size * 28 / 100))
    case .syllogism: return try SyllogismWorld(seed: seed, exampleCount: size)
    case .hierarchy: return try FactWorld.hierarchy(seed: seed, categoryCount: size)
    case .family: return try FactWorld.families(seed: seed, familyCount: size)
    case .celebrities: return try FactWorld.celebrities(seed: seed, personCount: size)
    }
  }
}
