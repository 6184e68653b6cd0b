extension Arm {
  /// Fine-tuned on the documents and on what the model infers from wrong ones, in which the facts
  /// are exchanged: as many inferences in the same words, learned in the same way. Correct answers to
  /// what follows are then not due to inferences.
  public static let augmentedShuffled = Arm(
    name: "augmented-shuffled",
    summary: "control: facts, and inferences from wrong ones, in the weights",
    facts: .inferences, isMisled: true
  ) { work in
    try learned(
      work.trial.augmentation.both(work.trial, isShuffled: true), from: .misreading,
      "augmented-shuffled", work)
  }
}
