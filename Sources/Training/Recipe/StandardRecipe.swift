import Corpora

extension Recipe {
  /// The default recipe: from short facts among few others to whole sentences among a hundred
  /// facts, and from stated facts to what follows from them.
  ///
  /// `docs/recipe.md` explains it; `docs/log` records how it was found.
  public static let standard: Recipe = {
    func pairs(_ facts: ClosedRange<Int>) -> Mixture {
      Mixture(
        [
          .shortFacts: 0.24, .syllogisms: 0.1, .hierarchies: 0.28, .families: 0.18,
          .identities: 0.15, .copying: 0.05,
        ], plain: 1, conclusions: 0, facts: facts, factsFirst: 0.3)
    }
    let steps = Mixture(
      [
        .shortFacts: 0.06, .syllogisms: 0.06, .hierarchies: 0.4, .families: 0.42, .identities: 0.08,
        .copying: 0.02,
      ], plain: 1, conclusions: 0.8, alike: 0.8, facts: 4...8, factsFirst: 0.3)
    let stepsBack = Mixture(
      [
        .shortFacts: 0.03, .syllogisms: 0.03, .hierarchies: 0.1, .families: 0.8, .identities: 0.03,
        .copying: 0.01,
      ], plain: 1, conclusions: 0.95, alike: 1, facts: 4...8, factsFirst: 0.3)
    let inheritance = Mixture(
      [
        .shortFacts: 0.04, .syllogisms: 0.03, .hierarchies: 0.66, .families: 0.2, .identities: 0.05,
        .copying: 0.01,
      ], plain: 0.8, conclusions: 0.85, halfWay: 0.4, alike: 0.85, deep: 0.15,
      facts: 4...8, factsFirst: 0.3)
    func sentences(halfWay: Double) -> Mixture {
      Mixture(
        [
          .shortFacts: 0.04, .comparisons: 0.1, .syllogisms: 0.09, .hierarchies: 0.35,
          .families: 0.3, .identities: 0.12, .copying: 0.02,
        ], plain: 0.4, conclusions: 0.7, halfWay: halfWay, alike: 0.6,
        facts: 1...12, factsFirst: 0.3)
    }
    // Mostly conclusions that need the most steps, so that attention heads specialise in them
    // before easier conclusions occupy those heads.
    let deep = Mixture(
      [
        .shortFacts: 0.01, .comparisons: 0.03, .syllogisms: 0.06, .hierarchies: 0.58,
        .families: 0.25, .identities: 0.05, .copying: 0.01,
      ], plain: 0.3, conclusions: 0.9, retold: 0.5, alike: 0.15,
      deep: 0.7, facts: 4...24, factsFirst: 0.3)
    let manyFacts = Mixture(
      [
        .shortFacts: 0.01, .comparisons: 0.08, .syllogisms: 0.1, .hierarchies: 0.45,
        .families: 0.28, .identities: 0.06, .copying: 0.01,
      ], plain: 0.05, conclusions: 0.9, retold: 0.5, alike: 0.15,
      deep: 0.25, facts: 1...30, factsFirst: 0.3)
    func hundredFacts(_ facts: ClosedRange<Int>) -> Mixture {
      Mixture(
        [
          .shortFacts: 0.01, .comparisons: 0.06, .syllogisms: 0.1, .hierarchies: 0.47,
          .families: 0.28, .identities: 0.06, .copying: 0.01,
        ], plain: 0.05, conclusions: 0.9, retold: 0.5, alike: 0.15,
        deep: 0.2, facts: facts)
    }
    return Recipe(
      seed: 11, vocabularySize: 1024, hiddenSize: 192, intermediateSize: 224, layerCount: 7,
      headCount: 3, contextLength: 2048, ropeTheta: 100_000_000,
      optimizer: OptimizerSettings(learningRate: 2e-3, muonLearningRate: 0.02),
      stages: [
        // A model learns to find earlier mentions of a word sooner where there are few to choose
        // from, and at higher learning rates.
        Stage(
          name: "fewest facts", tokens: 800_000, rowLength: 64, rowsPerStep: 16,
          mixture: pairs(1...3), layers: 5, rateAtStart: 1.5, rateAtEnd: 1.5),
        // Layers four and five learn to find facts, as stated and reversed. In the next stage,
        // layer five and the layers that repeat both learn a second step, from what the first one
        // found.
        Stage(
          name: "short facts", tokens: 4_200_000, rowLength: 128, rowsPerStep: 16,
          mixture: pairs(1...7), layers: 5),
        Stage(
          name: "steps", tokens: 5_000_000, rowLength: 128, rowsPerStep: 16, mixture: steps,
          loop: 4...5),
        // Two reversed steps in a row, as to grandparents. Few documents of other stages need them,
        // so in this stage nearly all do.
        Stage(
          name: "steps back", tokens: 2_000_000, rowLength: 128, rowsPerStep: 16,
          mixture: stepsBack, loop: 4...5),
        Stage(
          name: "sentences", tokens: 2_500_000, rowLength: 256, rowsPerStep: 8,
          mixture: sentences(halfWay: 0.3), loop: 4...5),
        Stage(
          name: "inheritance", tokens: 4_000_000, rowLength: 128, rowsPerStep: 16,
          mixture: inheritance, loop: 4...5),
        Stage(
          name: "more sentences", tokens: 3_000_000, rowLength: 256, rowsPerStep: 8,
          mixture: sentences(halfWay: 0.2), loop: 4...5),
        // From here on every layer has its own parameters.
        Stage(
          name: "deep first", tokens: 4_000_000, rowLength: 512, rowsPerStep: 4, mixture: deep),
        Stage(
          name: "many facts", tokens: 4_000_000, rowLength: 512, rowsPerStep: 4, mixture: manyFacts,
          rateAtStart: 0.9, rateAtEnd: 0.9),
        Stage(
          name: "a tree or two", tokens: 6_000_000, rowLength: 1024, rowsPerStep: 4,
          mixture: hundredFacts(1...60), rateAtStart: 0.8, rateAtEnd: 0.7),
        Stage(
          name: "a hundred facts", tokens: 7_800_000, rowLength: 2048, rowsPerStep: 2,
          mixture: hundredFacts(1...120), rateAtStart: 0.7, rateAtEnd: 0.03),
      ])
  }()
}
