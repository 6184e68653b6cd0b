extension Arm {
  /// Fine-tuned on the documents and on sentences that say of each name that it is itself
  /// (*Breaking the Reversal Curse in Autoregressive Language Models via Identity Bridge*, arXiv
  /// 2602.02470).
  public static let identityBridge = Arm(
    name: "identity-bridge", summary: "facts in the weights, and that each name is itself",
    trains: true
  ) { trial in
    let bridges = trial.world.entities.map { "The name of \($0) is \($0)." }
    // As often as an article tells a fact, more or less.
    return try trial.fineTuning.train(
      trial, on: trial.lessons + [Lesson](Array(repeating: bridges, count: 5).flatMap { $0 }))
  }
}
