/// One sentence of a pretraining document, in two parts.
public struct Sentence: Hashable, Sendable {
  /// The part that cannot be predicted, without a leading space: "glon is the child of". Which fact
  /// comes next, and in which wording, is random.
  public var opening: String
  /// What follows from the opening and the sentences before, with its leading space: " femp."
  public var answer: String
  /// Whether the loss counts this sentence.
  ///
  /// What is stated for the first time cannot be predicted, and its loss of several nats a token
  /// would hide the rest: only what follows from the sentences before is learned.
  public var isLearned: Bool

  public init(opening: String, answer: String, isLearned: Bool) {
    self.opening = opening
    self.answer = answer
    self.isLearned = isLearned
  }

  /// The whole sentence.
  public var text: String { opening + answer }
}

/// A pretraining document: sentences joined with single spaces.
public struct Document: Hashable, Sendable {
  public var sentences: [Sentence]

  public init(sentences: [Sentence]) { self.sentences = sentences }

  /// The whole text.
  public var text: String { sentences.map(\.text).joined(separator: " ") }
}
