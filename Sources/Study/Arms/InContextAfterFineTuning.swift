extension Arm {
  /// The facts are in the weights and in the prompt: does fine-tuning cost the ability to read?
  public static let inContextAfterFineTuning = Arm(
    name: "in-context-after-fine-tuning", summary: "facts in the weights and in the prompt",
    facts: .both, usesFineTuned: true
  ) { work in
    var prepared = try work.fineTuned()
    prepared.prompt = PromptPlan.prompt(work.trial, blocks: try work.blocks())
    prepared.curve = []
    return prepared
  }
}
