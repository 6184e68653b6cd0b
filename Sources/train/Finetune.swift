import ArgumentParser
import Corpora
import Foundation
import Kernels
import Training
import Transformer

/// `train finetune`
struct Finetune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Fine-tune a model on your own documents.",
    discussion: """
      Documents are texts (.md, .txt), tables (.csv, .tsv) or records of JSON (.jsonl, .json), \
      each with a text, a prompt and a completion, or another form that docs/your-documents.md \
      lists. The run folder has the same form as in \
      pretraining, and train --resume continues the run; the finished model is in model/. With a \
      higher number of --epochs, train --resume also extends a run that has ended.

      With --lora-rank, the model's own parameters stay unchanged and a low-rank adapter is trained, \
      which needs far less memory. The adapter is saved to adapter/, in PEFT's format, and the model \
      in model/ has it merged in.

      A model of 135 M parameters takes 4.2 GB of memory with two workers; --lora-rank, --recompute \
      and fewer --chunk-tokens reduce this.
      """)

  @OptionGroup var documents: DocumentFiles

  @Option(help: "The folder of the model to start from.", completion: .directory)
  var model: String

  @Option(help: "The run folder to make. (default: runs/DATE)", completion: .directory)
  var output: String?

  @Option(help: "The number of passes over the documents.")
  var epochs = 3

  @Option(
    help: """
      The maximum learning rate; the rate rises to it in the first 3 % of the steps and then falls to \
      a tenth of it. \
      (default: 0.0001, or 0.001 for an adapter)
      """)
  var learningRate: Float?

  @Option(help: "AdamW's weight decay, of matrices only.")
  var weightDecay: Float = 0

  @Option(
    help: "A step of the optimiser ends with the document that reaches this number of tokens.")
  var batchTokens = 4096

  @Option(
    help: """
      The number of tokens that each worker runs at a time; gradients add up until the step is \
      complete. Fewer tokens take less memory.
      """)
  var chunkTokens = 512

  @Option(
    help: """
      The maximum number of tokens per row; longer documents continue in the next row. (default: the \
      model's context, but at most 1024)
      """)
  var rowLength: Int?

  @Flag(
    help: "Learn completions only, not prompts; a document that is one text is still learned whole."
  )
  var completionsOnly = false

  @Flag(
    help: """
      Keep only the layers' inputs and run each layer a second time: less memory, a third more work.
      """)
  var recompute = false

  @Option(help: "Train a low-rank adapter (LoRA) of this rank instead of the parameters.")
  var loraRank: Int?

  @Option(help: "The adapter is scaled by alpha / rank. (default: twice the rank)")
  var loraAlpha: Float?

  @Option(
    help: """
      The matrices that the adapter changes, by the last parts of their names, comma-separated, such \
      as q_proj,v_proj. (default: all matrices of the layers)
      """)
  var loraTargets: String?

  @Option(help: ArgumentHelp("Tokens between two checkpoints.", valueName: "tokens"))
  var checkpointEvery = 500_000

  @Option(help: ArgumentHelp("The number of newest checkpoints to keep.", valueName: "number"))
  var keep = CheckpointSchedule().kept

  @Option(
    help: """
      The number of worker threads; with another number, results differ in their last bits. \
      (default: one per core)
      """)
  var workers: Int?

  @Option(help: "The seed of the documents' order and of the adapter's first parameters.")
  var seed: UInt64 = 1

  @Flag(help: "Also write TensorBoard event files to the run folder.")
  var tensorboard = false

  @Flag(help: "Write no progress to standard error.")
  var quiet = false

  /// A run with fewer steps is reported: it learns little.
  private static let fewSteps = 30

  func validate() throws {
    for (name, value, limit) in [
      ("--epochs", epochs, FineTuningRecipe.maxEpochs),
      ("--batch-tokens", batchTokens, FineTuningRecipe.maxTokensPerStep),
      ("--chunk-tokens", chunkTokens, FineTuningRecipe.maxTokensPerRow),
      ("--row-length", rowLength ?? 1, FineTuningRecipe.maxTokensPerRow),
      ("--checkpoint-every", checkpointEvery, CheckpointSchedule.maxTokens),
      ("--keep", keep, CheckpointSchedule.maxKept),
    ] where !(1...limit).contains(value) {
      throw ValidationError("\(name) is \(value); it must lie between 1 and \(limit).")
    }
    // The upper limit depends on the model's shape and is checked later.
    if let loraRank, loraRank < 1 {
      throw ValidationError("--lora-rank is \(loraRank); it must be positive.")
    }
    if let workers, !(1...256).contains(workers) {
      throw ValidationError("--workers is \(workers); it must lie between 1 and 256.")
    }
    guard (learningRate ?? 1) > 0, (learningRate ?? 1) <= 1 else {
      throw ValidationError(
        "--learning-rate is \(learningRate ?? 0); it must be above 0 and at most 1.")
    }
    if let loraAlpha, !(loraAlpha.isFinite && loraAlpha > 0) {
      throw ValidationError("--lora-alpha is \(loraAlpha); it must be a positive number.")
    }
    guard weightDecay.isFinite, weightDecay >= 0 else {
      throw ValidationError("--weight-decay is \(weightDecay); it must be 0 or more.")
    }
    for (name, isSet) in [
      ("--lora-alpha", loraAlpha != nil), ("--lora-targets", loraTargets != nil),
    ] where isSet && loraRank == nil {
      throw ValidationError("\(name) needs --lora-rank.")
    }
    _ = try targets()
  }

  private func targets() throws -> [String]? {
    guard let loraTargets else { return nil }
    let names = loraTargets.split(separator: ",").map(String.init)
    let known = AdapterPlan.targetNames
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw ValidationError(
        "--lora-targets: there is no matrix \"\(unknown)\"; there are "
          + known.joined(separator: ", ") + ".")
    }
    let targets = known.filter { names.contains($0) }
    guard !targets.isEmpty else {
      throw ValidationError("--lora-targets is empty; name a matrix, or leave it out for all.")
    }
    return targets
  }

  func run() throws {
    let documents = try documents.urls()
    try TrainingCommand.joined(isQuiet: quiet) { command in
      let processor = Processor.current
      command.display.say(processor.summary)
      for line in try DocumentFolder(documents).report { command.display.say(line) }
      var recipe = FineTuningRecipe(
        model: URL(fileURLWithPath: model), documents: documents,
        learningRate: learningRate ?? (loraRank == nil ? 1e-4 : 1e-3))
      recipe.seed = seed
      recipe.epochs = epochs
      recipe.tokensPerStep = batchTokens
      recipe.tokensPerChunk = chunkTokens
      recipe.rowLength = rowLength
      recipe.learnsPrompts = !completionsOnly
      recipe.recomputes = recompute
      recipe.checkpointInterval = checkpointEvery
      recipe.optimizer.weightDecay = weightDecay
      if let loraRank {
        recipe.adapter = AdapterPlan(
          rank: loraRank, alpha: loraAlpha ?? 2 * Float(loraRank), targets: try targets())
      }
      var checkpoints = CheckpointSchedule()
      checkpoints.kept = keep
      let trainer = try Trainer(
        fineTuning: recipe, workerCount: workers ?? processor.coreCount,
        folder: URL(fileURLWithPath: output ?? TrainingCommand.defaultFolder()),
        processes: command.processes, checkpoints: checkpoints)
      let steps = trainer.stepCount
      if steps < Self.fewSteps {
        command.display.say(
          "only \(steps) step\(steps == 1 ? "" : "s") in \(epochs) "
            + "epoch\(epochs == 1 ? "" : "s"): a model learns little in so few steps; lower "
            + "--batch-tokens, or raise --epochs")
      }
      try command.run(trainer, writesEvents: tensorboard)
    }
  }
}
