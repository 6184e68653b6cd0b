/// A phrase of a sentence that a question may ask for.
struct AskedPhrase: Hashable {
  /// What is asked for, the best first.
  enum Kind: Int, CaseIterable, Comparable {
    case name, number, term, subject

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// "names"
    var plural: String {
      switch self {
      case .name: "names"
      case .number: "numbers and dates"
      case .term: "rare words"
      case .subject: "subjects of sentences"
      }
    }
  }

  /// What wrong choices must have in common with the right one.
  struct Shape: Hashable {
    /// Such as the unit of a number.
    var group: String
    /// Such as the number of words.
    var size: Int
  }

  let kind: Kind
  let shape: Shape
  /// The words that it has in its sentence.
  let words: Range<Int>
  let text: String
  /// The word before it in its sentence, in small letters; empty at the beginning.
  var before = ""
}
