extension Arm {
  /// Wrong facts are in the prompt; scored against the true ones it must be at chance.
  public static let inContextShuffled = Arm(
    name: "in-context-shuffled", summary: "control: wrong facts in the prompt"
  ) { bench in
    Prepared(model: bench.model, prompt: bench.world.shuffledPrompt(seed: bench.seed))
  }
}
