import Foundation
import Kernels
import Transformer

/// The `README.md` of a fine-tuned model's folder.
struct FineTuningCard {
  let recipe: FineTuningRecipe
  let configuration: Configuration
  let parameterCount: Int
  let state: TrainingState
  let workerCount: Int

  var text: String {
    let c = configuration
    let files = recipe.documents.map { "`\(URL(fileURLWithPath: $0).lastPathComponent)`" }
    let trained =
      recipe.adapter.map { adapter in
        "A low-rank adapter (LoRA) of rank \(adapter.rank), alpha \(adapter.alpha), on "
          + (adapter.targets?.joined(separator: ", ") ?? "all matrices of the layers")
      } ?? "All parameters"
    let earlier =
      recipe.earlierEpochs.map { epochs in
        " The number of epochs was " + epochs.map(String.init).joined(separator: ", then ")
          + " before it was raised; from there on the rate is that of a run of the new length."
      } ?? ""
    return """
      ---
      library_name: recto
      tags: [fine-tuned]
      ---
      # A fine-tuned model

      \(c.family.architecture): \(parameterCount) parameters, \(c.sizes), \
      vocabulary \(c.vocabularySize), context \(c.contextLength) tokens.

      The model in `\(recipe.model)`, fine-tuned on the documents in \
      \(files.joined(separator: ", ")). The run measured only its loss on them; `swift run probe` with \
      `--documents` and `--questions` measures what fine-tuning on them answers.

      ## Recipe

      \(trained), AdamW at \(recipe.optimizer.learningRate), rising over \
      \(recipe.warmup) of the steps and falling to \(recipe.rateAtEnd) times that; weight decay \
      \(recipe.optimizer.weightDecay), gradients clipped to a norm of \
      \(recipe.optimizer.maximumGradientNorm), seed \(recipe.seed). \(recipe.epochs) epochs, \
      \(recipe.tokensPerStep) tokens per step, loss on \
      \(recipe.learnsPrompts ? "prompts and completions" : "completions only").\(earlier)

      \(state.tokens) tokens in \(state.step) steps, \(Int(state.seconds / 60)) minutes with \
      \(workerCount) workers, BLAS core \(Processor.current.blasCore).

      """
  }
}
