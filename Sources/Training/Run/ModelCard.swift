import Corpora
import Foundation
import Kernels
import Transformer

/// The `README.md` of a model folder: how the model came about and what it was measured to do.
struct ModelCard {
  let recipe: Recipe
  /// The model folder that the run started from, if any.
  let start: String?
  let configuration: Configuration
  let parameterCount: Int
  let state: TrainingState
  let workerCount: Int
  let accuracies: [InContextProbe.Accuracy]

  var text: String {
    let c = configuration
    let stages = recipe.stages.map { stage in
      let mixture = stage.mixture
      let shares = Mixture.Kind.allCases.filter { mixture.share(of: $0) > 0 }
        .map { "\($0.rawValue) \(mixture.share(of: $0))" }.joined(separator: ", ")
      let loop = stage.loop.map { ", \($0.lowerBound)–\($0.upperBound) over and over" } ?? ""
      return "| \(stage.name) | \(stage.steps * stage.tokensPerStep) | \(stage.rowsPerStep) × "
        + "\(stage.rowLength) | 1–\(stage.layers ?? c.layerCount)\(loop) | \(mixture.facts.lowerBound)–\(mixture.facts.upperBound) | "
        + "\(shares) | \(stage.rateAtStart) → \(stage.rateAtEnd) |"
    }
    let measured = accuracies.map { accuracy in
      "| \(accuracy.task.dataset.rawValue) | \(accuracy.task.split.rawValue) | "
        + "\(accuracy.task.dataset.counted(accuracy.task.size)) | "
        + String(format: "%.3f |", accuracy.value)
    }
    return """
      ---
      library_name: recto
      tags: [in-context-learning, tiny-transformer]
      ---
      # A tiny transformer that reasons over facts in its prompt

      \(c.family.architecture): \(parameterCount) parameters, \(c.sizes), \
      vocabulary \(c.vocabularySize), context \(c.contextLength) tokens.

      Trained from \(start.map { "the model in `\($0)`" } ?? "random parameters") on nonsense words only; it knows no English beyond the function
      words of its sentences. An eighth of the words was never shown to it; worlds of facts, and the
      table below, are made of those.

      ## What it can do with facts in its prompt, held-out words

      Chance is 1/2 for reversal, 1/6 for syllogism and 1/4 for the others.

      | dataset | questions | in the prompt | accuracy |
      | --- | --- | ---: | ---: |
      \(measured.joined(separator: "\n"))

      ## Recipe

      Muon at \(recipe.optimizer.muonLearningRate.map { String($0) } ?? "–") for hidden matrices, \
      AdamW at \(recipe.optimizer.learningRate) for the rest, weight decay \
      \(recipe.optimizer.weightDecay), seed \(recipe.seed). Loss on every \
      mention of a fact but its first.

      | stage | tokens | rows × tokens a step | layers | facts a document | documents | rate factor |
      | --- | ---: | ---: | --- | ---: | --- | ---: |
      \(stages.joined(separator: "\n"))

      \(state.tokens) tokens in \(state.step) steps, \(Int(state.seconds / 60)) minutes with \
      \(workerCount) workers, BLAS core \(Processor.current.blasCore). How the recipe was found is told in \
      Recto's docs/recipe.md.

      """
  }
}
