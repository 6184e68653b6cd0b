extension Arm {
  /// A control: wrong facts are in the prompt; scored against the true facts, it must be at chance.
  public static let inContextShuffled = Arm(
    name: "in-context-shuffled", summary: "control: wrong facts in the prompt", facts: .nowhere
  ) { work in
    var prepared = PreparedModel(model: work.trial.model)
    prepared.prompt = PromptPlan.prompt(
      work.trial, blocks: try work.blocks(), isShuffled: true)
    return prepared
  }
}
