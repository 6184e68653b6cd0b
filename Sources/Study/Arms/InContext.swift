extension Arm {
  /// The facts are in the prompt; the weights are as they were.
  public static let inContext = Arm(name: "in-context", summary: "facts in the prompt") { bench in
    Prepared(model: bench.model, prompt: bench.world.prompt(seed: bench.seed))
  }
}
