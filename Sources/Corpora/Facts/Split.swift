/// What a question asks of a model beyond the texts it was given.
///
/// The datasets have the five that are named here; questions of the user's own may have others.
public struct Split: RawRepresentable, Hashable, Codable, CaseIterable, Sendable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// The statement as it was given.
  public static let trained = Split(rawValue: "trained")
  /// The statement in other words.
  public static let rephrased = Split(rawValue: "rephrased")
  /// The statement from the other side.
  public static let reversed = Split(rawValue: "reversed")
  /// A statement that follows from several.
  public static let deduced = Split(rawValue: "deduced")
  /// A statement that follows from the category of something never described.
  public static let holdout = Split(rawValue: "holdout")

  /// Those of the datasets, from what was told to what is far from it.
  public static let allCases: [Split] = [.trained, .rephrased, .reversed, .deduced, .holdout]

  /// Whether it asks for more than what was read.
  public var isInferred: Bool { self != .trained && self != .rephrased }

  /// Each split once: those of the datasets in their order, then others as they first come.
  public static func ordered(_ splits: some Sequence<Split>) -> [Split] {
    var others: [Split] = []
    var seen: Set<Split> = []
    for split in splits where seen.insert(split).inserted && !allCases.contains(split) {
      others.append(split)
    }
    return allCases.filter(seen.contains) + others
  }
}
