extension Arm {
  /// Wrong facts are in the prompt; scored against the true ones it must be at chance.
  public static let inContextShuffled = Arm(
    name: "in-context-shuffled", summary: "control: wrong facts in the prompt", isControl: true
  ) { bench in
    var prepared = Prepared(model: bench.model)
    prepared.prompt = PromptPlan.prompt(bench, blocks: try bench.blocks(), isShuffled: true)
    return prepared
  }
}
