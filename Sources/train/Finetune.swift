import ArgumentParser
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
      Documents are JSON lines, each {"text": …} or {"prompt": …, "completion": …}; a prompt and its \
      completion are joined as they are. The run folder is as in pretraining, and train --resume goes on \
      with it; the model is at last in its model/.

      With --lora-rank, the model's own parameters stay as they are and a low-rank adapter is trained, \
      which needs far less memory. It is then in adapter/, in PEFT's layout, and model/ has it merged in.

      A model of 135 M parameters takes 4.2 GB with two workers; --lora-rank, --recompute and fewer --chunk-tokens \
      take less.
      """)

  @OptionGroup var documents: DocumentFiles

  @Option(help: "The folder of the model to start from.", completion: .directory)
  var model: String

  @Option(help: "The run folder to make. (default: runs/DATE)", completion: .directory)
  var output: String?

  @Option(help: "How often every document is learned.")
  var epochs = 3

  @Option(
    help: """
      The highest learning rate; it rises in the first 3 % of the steps and then falls to a tenth. \
      (default: 0.0001, or 0.001 for an adapter)
      """)
  var learningRate: Float?

  @Option(help: "AdamW's decay of matrices.")
  var weightDecay: Float = 0

  @Option(help: "A step of the optimiser ends with the document that reaches so many tokens.")
  var batchTokens = 4096

  @Option(
    help: """
      Tokens that each worker runs at a time, gradients adding up until the step is full; fewer take \
      less memory.
      """)
  var chunkTokens = 512

  @Option(
    help: """
      Tokens of a row at most; longer documents go on in the next row. (default: the model's \
      context, but no more than 1024)
      """)
  var rowLength: Int?

  @Flag(
    help: "No loss on prompts, only on completions; a document that is one text is learned whole.")
  var completionsOnly = false

  @Flag(help: "Keep only the layers' inputs and run them again: less memory, a third more work.")
  var recompute = false

  @Option(help: "Train a low-rank adapter (LoRA) of this rank instead of the parameters.")
  var loraRank: Int?

  @Option(help: "The adapter counts alpha / rank times. (default: twice the rank)")
  var loraAlpha: Float?

  @Option(
    help: """
      The matrices that the adapter changes, parted by commas: \
      \(AdapterSettings.Target.allCases.map(\.rawValue).joined(separator: ",")). (default: all of them)
      """)
  var loraTargets: String?

  @Option(help: ArgumentHelp("Tokens between two checkpoints.", valueName: "tokens"))
  var checkpointEvery = 500_000

  @Option(help: ArgumentHelp("The newest checkpoints that are kept.", valueName: "number"))
  var keep = CheckpointSchedule().kept

  @Option(help: "Worker threads; another number gives other last bits. (default: one per core)")
  var workers: Int?

  @Option(help: "Seed of the documents' order and the adapter.")
  var seed: UInt64 = 1

  @Flag(help: "Also write TensorBoard event files into the run folder.")
  var tensorboard = false

  @Flag(help: "No progress on standard error.")
  var quiet = false

  /// Fewer are told.
  private static let fewSteps = 30

  func validate() throws {
    for (name, value, most) in [
      ("--epochs", epochs, FineTuningRecipe.maxEpochs),
      ("--batch-tokens", batchTokens, FineTuningRecipe.maxTokensPerStep),
      ("--chunk-tokens", chunkTokens, FineTuningRecipe.maxTokensPerRow),
      ("--row-length", rowLength ?? 1, FineTuningRecipe.maxTokensPerRow),
      ("--checkpoint-every", checkpointEvery, CheckpointSchedule.maxTokens),
      ("--keep", keep, CheckpointSchedule.maxKept),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name) is \(value); it must lie between 1 and \(most).")
    }
    // The model's shape limits it, too.
    if let loraRank, loraRank < 1 {
      throw ValidationError("--lora-rank is \(loraRank); it must be positive.")
    }
    if let workers, !(1...256).contains(workers) {
      throw ValidationError("--workers is \(workers); it must lie between 1 and 256.")
    }
    guard (learningRate ?? 1) > 0, (learningRate ?? 1) <= 1 else {
      throw ValidationError(
        "--learning-rate is \(learningRate ?? 0); it must lie between 0 and 1.")
    }
    if let loraAlpha, !(loraAlpha.isFinite && loraAlpha > 0) {
      throw ValidationError("--lora-alpha is \(loraAlpha); it must be a positive number.")
    }
    guard weightDecay.isFinite, weightDecay >= 0 else {
      throw ValidationError("--weight-decay is \(weightDecay); it must be a number from 0 up.")
    }
    for (name, isSet) in [
      ("--lora-alpha", loraAlpha != nil), ("--lora-targets", loraTargets != nil),
    ] where isSet && loraRank == nil {
      throw ValidationError("\(name) needs --lora-rank.")
    }
    _ = try targets()
  }

  private func targets() throws -> [AdapterSettings.Target] {
    guard let loraTargets else { return AdapterSettings.Target.allCases }
    let names = loraTargets.split(separator: ",").map(String.init)
    let unknown = names.first { AdapterSettings.Target(rawValue: $0) == nil }
    if let unknown {
      throw ValidationError(
        "--lora-targets has no \"\(unknown)\"; there are "
          + AdapterSettings.Target.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    }
    let targets = AdapterSettings.Target.allCases.filter { names.contains($0.rawValue) }
    guard !targets.isEmpty else { throw ValidationError("--lora-targets names no matrix.") }
    return targets
  }

  func run() throws {
    let documents = try documents.urls()
    try TrainingCommand.joined(isQuiet: quiet) { command in
      let processor = Processor.current
      command.display.say(processor.summary)
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
        recipe.adapter = AdapterSettings(
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
          "only \(steps) step\(steps == 1 ? "" : "s") in \(epochs) epoch\(epochs == 1 ? "" : "s"): a model "
            + "learns little in so few; lower --batch-tokens, or raise --epochs")
      }
      try command.run(trainer, writesEvents: tensorboard)
    }
  }
}
