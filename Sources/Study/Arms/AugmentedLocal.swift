extension Arm {
  /// Fine-tuned on the documents and on what the model itself infers from each one alone.
  public static let augmentedLocal = Arm(
    name: "augmented-local", summary: "facts and inferences from each document in the weights",
    trains: true, learnsInferences: true
  ) { trial in
    try learned(trial.localSentences(), from: .samples, "augmented-local", trial)
  }
}
