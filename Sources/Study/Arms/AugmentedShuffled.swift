extension Arm {
  /// A control: fine-tuned on the documents and on what the model infers from wrong documents, in
  /// which the facts are exchanged. It learns as many inferences, in the same words and in the same
  /// way; if it still answers what follows from the facts, true inferences are not the cause.
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
