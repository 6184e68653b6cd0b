import Foundation
import Kernels
import Transformer

/// The `README.md` of a model folder: how the model came about and what it was measured to do.
struct ModelCard {
  let recipe: Recipe
  let configuration: Configuration
  let parameterCount: Int
  let state: TrainingState
  let workerCount: Int
  let accuracies: [(factCount: Int, accuracy: Double)]

  var text: String {
    let c = configuration
    let stages = recipe.stages.map { stage in
      "| \(stage.name) | \(stage.steps * stage.tokensPerStep) | \(stage.rowsPerStep) × "
        + "\(stage.rowLength) | \(stage.mixture.facts.lowerBound)–\(stage.mixture.facts.upperBound) | "
        + "\(stage.mixture.shortFacts) / \(stage.mixture.comparisons) / \(stage.mixture.deduction) / "
        + "\(stage.mixture.copying) | \(stage.rateAtStart) → \(stage.rateAtEnd) |"
    }
    let measured = accuracies.map { count, accuracy in
      "| \(count) | " + String(format: "%.3f", accuracy) + " |"
    }
    return """
      ---
      library_name: recto
      tags: [in-context-learning, tiny-transformer]
      ---
      # A tiny transformer that reasons over facts in its prompt

      \(c.architecture.rawValue): \(parameterCount) parameters, width \(c.hiddenSize), \
      \(c.layerCount) layers, \(c.headCount) heads of \(c.headSize), feed-forward \
      \(c.intermediateSize), vocabulary \(c.vocabularySize), context \(c.contextLength) tokens.

      Trained from random parameters on nonsense words only; it knows no English beyond the function
      words of its sentences. An eighth of the words was never shown to it; worlds of facts, and the
      table below, are made of those.

      ## Reversals in context, held-out words

      | facts in the prompt | accuracy (chance 0.5) |
      | ---: | ---: |
      \(measured.joined(separator: "\n"))

      ## Recipe

      Muon at \(recipe.optimizer.muonLearningRate.map { String($0) } ?? "–") for hidden matrices, \
      AdamW at \(recipe.optimizer.learningRate) for the rest, seed \(recipe.seed). Loss on every \
      mention of a fact but its first.

      | stage | tokens | rows × tokens a step | facts a document | short facts / comparisons / deduction / copying | rate factor |
      | --- | ---: | ---: | ---: | ---: | ---: |
      \(stages.joined(separator: "\n"))

      \(state.tokens) tokens in \(state.step) steps, \(Int(state.seconds / 60)) minutes with \
      \(workerCount) workers, BLAS core \(Processor.current.blasCore). How the recipe was found is told in \
      Recto's docs/recipe.md.

      """
  }
}
