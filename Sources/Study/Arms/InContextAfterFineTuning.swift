extension Arm {
  /// The facts are in the weights and in the prompt: does fine-tuning cost the ability to read?
  public static let inContextAfterFineTuning = Arm(
    name: "in-context-after-fine-tuning", summary: "facts in the weights and in the prompt",
    trains: true
  ) { bench in
    var prepared = try bench.fineTuned()
    prepared.prompt = PromptPlan.prompt(bench, blocks: try bench.blocks())
    prepared.curve = []
    return prepared
  }
}
