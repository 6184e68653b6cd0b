extension Arm {
  /// Fine-tuned on the documents and on both kinds of inferences as they were sampled, as in
  /// Lampinen et al. 2025.
  public static let augmentedSampled = Arm(
    name: "augmented-sampled", summary: "facts and both kinds of inferences in the weights",
    facts: .inferences
  ) { work in
    try learned(work.bothSentences(), from: .samples, "augmented-sampled", work)
  }
}
