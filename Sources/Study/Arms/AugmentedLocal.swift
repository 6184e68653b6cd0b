extension Arm {
  /// Fine-tuned on the documents and on what the model itself infers from each one alone.
  public static let augmentedLocal = Arm(
    name: "augmented-local", summary: "facts and inferences from each document in the weights",
    trains: true, learnsInferences: true
  ) { bench in
    try learned(bench.localSentences(), from: .samples, "augmented-local", bench)
  }
}
