import Corpora
import Foundation
import Kernels
import Transformer

/// The `README.md` of a model folder: how the model was trained and what it can do, as measured.
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
      let shares = DocumentKind.all.filter { mixture[$0] > 0 }
        .map { "\($0.name) \(mixture[$0])" }.joined(separator: ", ")
      let loop = stage.loop.map { ", \($0.lowerBound)–\($0.upperBound) repeated" } ?? ""
      return "| \(stage.name) | \(stage.steps * stage.tokensPerStep) | \(stage.rowsPerStep) × "
        + "\(stage.rowLength) | 1–\(stage.layers ?? c.layerCount)\(loop) | "
        + "\(mixture.facts.lowerBound)–\(mixture.facts.upperBound) | "
        + "\(shares) | \(stage.rateAtStart) → \(stage.rateAtEnd) |"
    }
    let measured = accuracies.map { accuracy in
      "| \(accuracy.task.dataset.name) | \(accuracy.task.split.rawValue) | "
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

      Trained from \(start.map { "the model in `\($0)`" } ?? "random parameters") on invented words \
      only; it knows no English beyond the function words of its sentences. One eighth of the words \
      was held out of training; the worlds of facts, and the table below, use only those.

      ## What it can do with facts in its prompt, held-out words

      Chance is \(Dataset.chances).

      | dataset | questions | in the prompt | accuracy |
      | --- | --- | ---: | ---: |
      \(measured.joined(separator: "\n"))

      ## Recipe

      Muon at \(recipe.optimizer.muonLearningRate.map { String($0) } ?? "–") for hidden matrices, \
      AdamW at \(recipe.optimizer.learningRate) for the rest, weight decay \
      \(recipe.optimizer.weightDecay), seed \(recipe.seed). Loss on every \
      mention of a fact but its first.

      | stage | tokens | rows × tokens per step | layers | facts per document | documents | rate factor |
      | --- | ---: | ---: | --- | ---: | --- | ---: |
      \(stages.joined(separator: "\n"))

      \(state.tokens) tokens in \(state.step) steps, \(Int(state.seconds / 60)) minutes with \
      \(workerCount) workers, BLAS core \(Processor.current.blasCore). Recto's docs/recipe.md explains \
      the recipe.

      """
  }
}
