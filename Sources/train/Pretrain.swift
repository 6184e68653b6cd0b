import ArgumentParser
import Corpora
import Foundation
import Kernels
import Support
import Training

/// `train pretrain`, or `train` alone
struct Pretrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Pretrain a tiny transformer until it can reason over facts in its prompt.",
    discussion: """
      Without options, trains the default model from random parameters with the standard recipe and \
      writes a run folder: config.json, metrics.jsonl, checkpoints, and at the end the model. Ctrl-C \
      or SIGTERM writes a checkpoint and stops; --resume continues as if the run had not stopped.

      During training, the in-context probe shows the share of questions that the model answers \
      correctly. The questions are about facts in its prompt, made of words that it has never seen \
      (chance is \(Dataset.chances)):
      \(InContextProbe.tasks.map { "  \($0.dataset.name) \($0.split.rawValue) \($0.dataset.counted($0.size))" }.joined(separator: "\n"))
      """)

  @Option(help: "The run folder to make. (default: runs/DATE)", completion: .directory)
  var output: String?

  @Option(
    help: "The folder of a run to continue, of pretraining or fine-tuning.", completion: .directory)
  var resume: String?

  @Option(
    help: """
      With --resume, of fine-tuning: go on to this number of epochs, more than the run had, even \
      if it has ended. The learning rate is then that of a run of the new length: it rises again, \
      and falls to a tenth at the new end.
      """)
  var epochs: Int?

  @Option(
    help:
      "A JSON file with a recipe to use instead of the standard one, as --print-recipe prints it.")
  var recipe: String?

  @Option(
    help: """
      The folder of a model to start from; its tokenizer and shape replace those of the recipe.
      """, completion: .directory)
  var start: String?

  @Option(
    help: """
      The number of worker threads; with another number, results differ in their last bits. \
      (default: one per core)
      """)
  var workers: Int?

  @Option(help: "The seed of the parameters and the data. (default: the recipe's)")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      Stop as soon as the in-context probe reaches this accuracy, such as \
      \"reversal reversed 100=0.95\". Give the option again with --resume.
      """,
      valueName: "goal"))
  var until: String?

  @Option(
    help: ArgumentHelp(
      "Tokens between two checkpoints. (default: 2000000; with --resume: as before)",
      valueName: "tokens"))
  var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "The number of newest checkpoints to keep. (default: 3; with --resume: as before)",
      valueName: "number"))
  var keep: Int?

  @Flag(help: "Print the recipe as JSON and stop.")
  var printRecipe = false

  @Flag(help: "Also write TensorBoard event files to the run folder.")
  var tensorboard = false

  @Flag(help: "Write no progress to standard error.")
  var quiet = false

  func validate() throws {
    if let workers, !(1...256).contains(workers) {
      throw ValidationError("--workers is \(workers); it must lie between 1 and 256.")
    }
    do {
      _ = try until.map(InContextProbe.Goal.init)
    } catch {
      throw ValidationError("--until: \(error).")
    }
    for (name, value, limit) in [
      ("--checkpoint-every", checkpointEvery, CheckpointSchedule.maxTokens),
      ("--keep", keep, CheckpointSchedule.maxKept),
    ] {
      if let value, !(1...limit).contains(value) {
        throw ValidationError("\(name) is \(value); it must lie between 1 and \(limit).")
      }
    }
    if let epochs {
      guard resume != nil else {
        throw ValidationError(
          "--epochs needs --resume: it extends a run of fine-tuning; pretraining has no epochs.")
      }
      guard (1...FineTuningRecipe.maxEpochs).contains(epochs) else {
        throw ValidationError(
          "--epochs is \(epochs); it must lie between 1 and \(FineTuningRecipe.maxEpochs).")
      }
    }
    if resume != nil {
      for (name, isSet) in [
        ("--output", output != nil), ("--recipe", recipe != nil), ("--start", start != nil),
        ("--workers", workers != nil), ("--seed", seed != nil), ("--print-recipe", printRecipe),
      ] where isSet {
        throw ValidationError(
          "\(name) cannot be used with --resume: a resumed run keeps the settings it was started with."
        )
      }
    }
  }

  func run() throws {
    try TrainingCommand.joined(isQuiet: quiet) { command in
      let recipe = try chosenRecipe()
      if printRecipe {
        guard command.processes.isFirst else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try StandardStreams.printResult(
          String(decoding: try encoder.encode(recipe), as: UTF8.self))
        return
      }
      let goal = try until.map(InContextProbe.Goal.init)
      let processor = Processor.current
      command.display.say(processor.summary)
      let trainer: Trainer
      var checkpoints = CheckpointSchedule()
      setSchedule(&checkpoints)
      if let resume {
        trainer = try Trainer(
          resuming: URL(fileURLWithPath: resume), processes: command.processes, epochs: epochs,
          changing: setSchedule,
          warn: { command.display.say("warning: \($0)") })
      } else {
        trainer = try Trainer(
          recipe: recipe, workerCount: workers ?? processor.coreCount,
          folder: URL(fileURLWithPath: output ?? TrainingCommand.defaultFolder()),
          processes: command.processes, startingFrom: start.map { URL(fileURLWithPath: $0) },
          checkpoints: checkpoints)
      }
      if let start, recipe.configuration.sizes != trainer.model.configuration.sizes {
        command.display.say(
          "the run keeps the shape of \(start) (\(trainer.model.configuration.sizes)) and ignores the "
            + "recipe's (\(recipe.configuration.sizes))")
      }
      try command.run(trainer, until: goal, writesEvents: tensorboard)
    }
  }

  /// Applies the options about checkpoints.
  private func setSchedule(_ schedule: inout CheckpointSchedule) {
    if let checkpointEvery { schedule.tokens = checkpointEvery }
    if let keep { schedule.kept = keep }
  }

  private func chosenRecipe() throws -> Recipe {
    var chosen = try recipe.map { try Recipe(contentsOf: URL(fileURLWithPath: $0)) } ?? .standard
    if let seed { chosen.seed = seed }
    return chosen
  }
}
