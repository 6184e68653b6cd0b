extension Arm {
  /// The facts are in the weights and in the prompt: does fine-tuning cost the ability to read?
  public static let inContextAfterFineTuning = Arm(
    name: "in-context-after-fine-tuning", summary: "facts in the weights and in the prompt",
    trains: true
  ) { trial in
    var prepared = try trial.fineTuned()
    prepared.prompt = PromptPlan.prompt(trial, blocks: try trial.blocks())
    prepared.curve = []
    return prepared
  }
}
