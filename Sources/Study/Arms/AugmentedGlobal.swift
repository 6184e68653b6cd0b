extension Arm {
  /// Fine-tuned on the documents and on what the model infers from each document with the others
  /// before it.
  public static let augmentedGlobal = Arm(
    name: "augmented-global", summary: "facts and inferences across documents in the weights",
    facts: .inferences
  ) { work in
    try learned(work.globalSentences(), from: .samples, "augmented-global", work)
  }
}
