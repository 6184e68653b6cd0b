extension Arm {
  /// Wrong facts are in the prompt; scored against the true ones it must be at chance.
  public static let inContextShuffled = Arm(
    name: "in-context-shuffled", summary: "control: wrong facts in the prompt", isControl: true
  ) { trial in
    var prepared = PreparedModel(model: trial.model)
    prepared.prompt = PromptPlan.prompt(trial, blocks: try trial.blocks(), isShuffled: true)
    return prepared
  }
}
