import Randomness

/// Documents of a list of words and its copies, which induction heads learn to predict.
///
/// "femp glon yomp troff." and then "again: femp glon yomp troff.": only the copies are learned.
public struct Copying: Sendable {
  static let marker = "again:"

  /// How many words a list has.
  public static let words = 4...20
  /// How many copies follow it.
  public static let copies = 1...3

  public init() {}

  public func document(using random: inout RandomGenerator) -> Document {
    let count = random.integer(in: Self.words)
    var sampler = WordSampler(capacity: count)
    let list = sampler.words(count, using: &random).joined(separator: " ") + "."
    let again = Sentence(opening: Self.marker, answer: " " + list, isLearned: true)
    return Document(
      sentences: [Sentence(opening: list, answer: "", isLearned: false)]
        + Array(repeating: again, count: random.integer(in: Self.copies)))
  }
}

extension DocumentKind {
  public static let copying = DocumentKind("copying") { _, random in
    Copying().document(using: &random)
  }
}
