import Corpora

extension Recipe {
  /// The recipe of the shipped model: a ladder from short facts in small pools to whole sentences
  /// among a hundred facts. How it was found is told in `docs/recipe.md`.
  public static let standard: Recipe = {
    func mixture(
      short: Double, comparisons: Double, syllogisms: Double, hierarchies: Double,
      families: Double, identities: Double, plain: Double, facts: ClosedRange<Int>,
      factsFirst: Double = 0.3
    ) -> Mixture {
      Mixture(
        shortFacts: short, comparisons: comparisons, syllogisms: syllogisms,
        hierarchies: hierarchies, families: families, identities: identities, copying: 0.04,
        plain: plain, facts: facts, factsFirst: factsFirst)
    }
    return Recipe(
      seed: 1, vocabularySize: 1024, hiddenSize: 128, intermediateSize: 384, layerCount: 6,
      headCount: 2, contextLength: 2048, ropeTheta: 10_000,
      optimizer: OptimizerSettings(learningRate: 2e-3, muonLearningRate: 0.02),
      stages: [
        Stage(
          name: "short facts", tokens: 4_000_000, rowLength: 128, rowsPerStep: 16,
          mixture: mixture(
            short: 0.4, comparisons: 0, syllogisms: 0.1, hierarchies: 0.2, families: 0.2,
            identities: 0.06, plain: 1, facts: 1...7)),
        Stage(
          name: "sentences", tokens: 6_000_000, rowLength: 256, rowsPerStep: 8,
          mixture: mixture(
            short: 0.15, comparisons: 0.2, syllogisms: 0.15, hierarchies: 0.2, families: 0.2,
            identities: 0.1, plain: 0.4, facts: 1...10)),
        Stage(
          name: "many facts", tokens: 6_000_000, rowLength: 512, rowsPerStep: 4,
          mixture: mixture(
            short: 0.1, comparisons: 0.2, syllogisms: 0.15, hierarchies: 0.25, families: 0.2,
            identities: 0.1, plain: 0.2, facts: 1...24)),
        Stage(
          name: "a hundred facts", tokens: 14_000_000, rowLength: 2048, rowsPerStep: 2,
          mixture: mixture(
            short: 0.05, comparisons: 0.2, syllogisms: 0.2, hierarchies: 0.25, families: 0.2,
            identities: 0.1, plain: 0.1, facts: 1...120, factsFirst: 0.5),
          rateAtStart: 0.6, rateAtEnd: 0.03),
      ])
  }()
}
