extension Arm {
  /// Fine-tuned on the documents and on sentences that state that each name is itself
  /// (*Breaking the Reversal Curse in Autoregressive Language Models via Identity Bridge*, arXiv
  /// 2602.02470).
  public static let identityBridge = Arm(
    name: "identity-bridge", summary: "facts in the weights, and that each name is itself",
    facts: .weights
  ) { work in
    let bridges = work.trial.world.entities.map { "The name of \($0) is \($0)." }
    // About as often as the articles state a fact.
    return try work.fineTuned(
      on: work.trial.lessons + [Lesson](Array(repeating: bridges, count: 5).flatMap { $0 }))
  }
}
