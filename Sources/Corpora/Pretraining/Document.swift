/// One sentence of a pretraining document, in two parts.
public struct Sentence: Hashable, Sendable {
  /// What the sentence is about, without a leading space: "glon is the child of". Which fact comes
  /// next, and in which words, is chance.
  public var opening: String
  /// What follows from the sentences before and the opening, with its leading space: " femp."
  public var answer: String
  /// Whether the loss counts this sentence.
  ///
  /// What a sentence says for the first time cannot be predicted, and several nats of noise a token
  /// drown what can be: only what follows from the sentences before it is learned.
  public var isLearned: Bool

  public init(opening: String, answer: String, isLearned: Bool) {
    self.opening = opening
    self.answer = answer
    self.isLearned = isLearned
  }

  /// The whole sentence.
  public var text: String { opening + answer }
}

/// Sentences to be joined with single spaces.
public struct Document: Hashable, Sendable {
  public var sentences: [Sentence]

  public init(sentences: [Sentence]) { self.sentences = sentences }

  /// The whole text.
  public var text: String { sentences.map(\.text).joined(separator: " ") }
}
