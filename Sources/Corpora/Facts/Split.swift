/// How a question relates to the texts that a model was given.
///
/// The datasets have the five that are named here; questions of the user may have others.
public struct Split: RawRepresentable, Hashable, Codable, CaseIterable, Sendable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// A statement, word for word.
  public static let trained = Split(rawValue: "trained")
  /// A statement in other words.
  public static let rephrased = Split(rawValue: "rephrased")
  /// A statement from the other side.
  public static let reversed = Split(rawValue: "reversed")
  /// What follows from several statements.
  public static let deduced = Split(rawValue: "deduced")
  /// What follows for something of which only the category is stated.
  public static let holdout = Split(rawValue: "holdout")

  /// The splits of the datasets, from what is stated to what is far from it.
  public static let allCases: [Split] = [.trained, .rephrased, .reversed, .deduced, .holdout]

  /// Whether it asks for more than what is stated.
  public var isInferred: Bool { self != .trained && self != .rephrased }

  /// Each split once: those of the datasets in their order, then others in order of appearance.
  public static func ordered(_ splits: some Sequence<Split>) -> [Split] {
    var others: [Split] = []
    var seen: Set<Split> = []
    for split in splits where seen.insert(split).inserted && !allCases.contains(split) {
      others.append(split)
    }
    return allCases.filter(seen.contains) + others
  }
}
