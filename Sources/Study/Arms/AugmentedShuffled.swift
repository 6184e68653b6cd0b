extension Arm {
  /// Fine-tuned on the documents and on what the model infers from wrong ones, the facts exchanged
  /// among them: as many inferences in the same words, learned in the same way. What it answers
  /// right of what follows, it owes to something else than inferences.
  public static let augmentedShuffled = Arm(
    name: "augmented-shuffled",
    summary: "control: facts, and inferences from wrong ones, in the weights",
    trains: true, learnsInferences: true, isMisled: true
  ) { trial in
    try learned(
      trial.augmentation.both(trial, isShuffled: true), from: .misreading, "augmented-shuffled",
      trial)
  }
}
