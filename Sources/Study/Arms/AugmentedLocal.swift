extension Arm {
  /// Fine-tuned on the documents and on what the model itself infers from each document alone.
  public static let augmentedLocal = Arm(
    name: "augmented-local", summary: "facts and inferences from each document in the weights",
    facts: .inferences
  ) { work in
    try learned(work.localSentences(), from: .samples, "augmented-local", work)
  }
}
