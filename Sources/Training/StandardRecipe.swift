import Corpora

extension Recipe {
  /// The recipe of the shipped model: a ladder from short facts in small pools to whole sentences
  /// among a hundred facts. How it was found is told in `docs/recipe.md`.
  public static let standard: Recipe = {
    func mixture(
      short: Double, comparisons: Double, deduction: Double = 0.05, copying: Double = 0.05,
      facts: ClosedRange<Int>, factsFirst: Double = 0.3
    ) -> Mixture {
      Mixture(
        shortFacts: short, comparisons: comparisons, deduction: deduction, copying: copying,
        facts: facts, factsFirst: factsFirst)
    }
    return Recipe(
      seed: 1, vocabularySize: 1024, hiddenSize: 128, intermediateSize: 384, layerCount: 4,
      headCount: 2, contextLength: 2048, ropeTheta: 10_000,
      optimizer: OptimizerSettings(learningRate: 2e-3, muonLearningRate: 0.02),
      stages: [
        Stage(
          name: "short facts", tokens: 3_000_000, rowLength: 128, rowsPerStep: 16,
          mixture: mixture(short: 0.9, comparisons: 0, facts: 1...7)),
        Stage(
          name: "sentences", tokens: 3_000_000, rowLength: 256, rowsPerStep: 8,
          mixture: mixture(short: 0.35, comparisons: 0.55, facts: 1...8)),
        Stage(
          name: "many facts", tokens: 3_000_000, rowLength: 512, rowsPerStep: 4,
          mixture: mixture(short: 0.25, comparisons: 0.65, facts: 1...24)),
        Stage(
          name: "a hundred facts", tokens: 8_000_000, rowLength: 2048, rowsPerStep: 2,
          mixture: mixture(short: 0.15, comparisons: 0.75, facts: 1...120, factsFirst: 0.5),
          rateAtStart: 0.6, rateAtEnd: 0.03),
      ])
  }()
}
