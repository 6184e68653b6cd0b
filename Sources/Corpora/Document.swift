/// One sentence of a pretraining document.
public struct Sentence: Hashable, Sendable {
  /// The text, without a leading space.
  public var text: String
  /// Whether the loss counts this sentence.
  ///
  /// What a sentence says for the first time cannot be predicted, and several nats of noise a token
  /// drown what can be: only what follows from the sentences before it is learned.
  public var isLearned: Bool

  public init(text: String, isLearned: Bool) {
    self.text = text
    self.isLearned = isLearned
  }
}

/// Sentences to be joined with single spaces.
public struct Document: Hashable, Sendable {
  public var sentences: [Sentence]

  public init(sentences: [Sentence]) { self.sentences = sentences }

  /// The whole text.
  public var text: String { sentences.map(\.text).joined(separator: " ") }
}
