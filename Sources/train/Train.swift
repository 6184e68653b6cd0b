import ArgumentParser
import Foundation
import Kernels
import Study
import Training

@main
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Pretrain a tiny transformer until it can reason over facts in its prompt.",
    discussion: """
      Without options, trains the default model from random parameters with the standard recipe and \
      writes a run folder: config.json, metrics.jsonl, checkpoints, and at the end the model. Ctrl-C \
      or SIGTERM writes a checkpoint and stops; --resume goes on from it as if nothing had happened.

      While it trains, the in-context probe shows how many questions about facts in its prompt, made \
      of never-seen words, the model gets right (chance is 1/2 for reversal, 1/6 for syllogism, 1/4 for \
      the others):
      \(InContextProbe.tasks.map { "  \($0.name) \($0.dataset.unit)" }.joined(separator: "\n"))
      """)

  @Option(help: "The run folder to make. (default: runs/DATE)", completion: .directory)
  var output: String?

  @Option(help: "A run folder to go on with.", completion: .directory)
  var resume: String?

  @Option(
    help: "A recipe in JSON to train instead of the standard one; --print-recipe shows its form.")
  var recipe: String?

  @Option(
    help: "A model folder whose tokenizer and parameters the run starts from.",
    completion: .directory)
  var start: String?

  @Option(help: "Worker threads; another number gives other last bits. (default: one per core)")
  var workers: Int?

  @Option(help: "Seed of parameters and data. (default: the recipe's)")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Stop as soon as the in-context probe answers this: \"reversal reversed 100=0.95\".",
      valueName: "goal"))
  var until: String?

  @Flag(help: "Print the recipe as JSON and stop.")
  var printRecipe = false

  @Flag(help: "No progress on standard error.")
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
    if resume != nil {
      for (name, isSet) in [
        ("--output", output != nil), ("--recipe", recipe != nil), ("--start", start != nil),
        ("--workers", workers != nil), ("--seed", seed != nil),
      ] where isSet {
        throw ValidationError(
          "\(name) does not go with --resume: a resumed run keeps the settings it was started with."
        )
      }
    }
  }

  func run() throws {
    let ranks = Ranks.join()
    do {
      try run(ranks)
    } catch let code as ExitCode {
      ranks.leave()
      throw code
    } catch  where ranks.count > 1 {
      // The others would wait for this one.
      TrainingDisplay(isQuiet: false).say("rank \(ranks.number): \(Self.fullMessage(for: error))")
      ranks.abort(code: Self.exitCode(for: error).rawValue)
    }
    ranks.leave()
  }

  private func run(_ ranks: Ranks) throws {
    let recipe = try chosenRecipe()
    if printRecipe {
      guard ranks.isFirst else { return }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      print(String(decoding: try encoder.encode(recipe), as: UTF8.self))
      return
    }
    let goal = try until.map(InContextProbe.Goal.init)
    let began = ContinuousClock.now
    let processor = Processor.current
    let display = TrainingDisplay(isQuiet: quiet || !ranks.isFirst)
    display.say(processor.summary)
    let trainer: Trainer
    if let resume {
      trainer = try Trainer(resuming: URL(fileURLWithPath: resume), ranks: ranks)
    } else {
      trainer = try Trainer(
        recipe: recipe, workerCount: workers ?? processor.coreCount,
        folder: URL(fileURLWithPath: output ?? defaultFolder()), ranks: ranks,
        startingFrom: start.map { URL(fileURLWithPath: $0) })
    }
    display.say(
      "\(trainer.model.parameterCount) parameters, \(trainer.recipe.totalTokens) tokens, "
        + (ranks.count > 1 ? "\(ranks.count) processes of " : "")
        + "\(trainer.workerCount) workers, run folder \(trainer.folder.url.relativePath)")
    let interrupt = Interrupt()
    let finished = try trainer.run(
      until: goal, shouldStop: { interrupt.isRequested }, report: display.show)
    display.finish()
    if !finished {
      display.say(
        "stopped; go on with: "
          + (ranks.count > 1 ? "mpirun -n \(ranks.count) train" : "swift run train")
          + " --resume \(trainer.folder.url.relativePath)")
      throw ExitCode(130)
    }
    guard ranks.isFirst else { return }
    let seconds = began.duration(to: .now) / .seconds(1)
    display.say(
      "\(trainer.state.tokens) tokens in \(Int(seconds.rounded())) s, "
        + "\(Int(trainer.state.seconds.rounded())) s of them training; "
        + "\(Processor.peakMemory >> 20) MB of memory at most; the model is in")
    print(trainer.folder.model.relativePath)
  }

  private func chosenRecipe() throws -> Recipe {
    var chosen = try recipe.map { try Recipe(contentsOf: URL(fileURLWithPath: $0)) } ?? .standard
    if let seed { chosen.seed = seed }
    return chosen
  }

  private func defaultFolder() -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd-HHmmss"
    return "runs/" + format.string(from: Date())
  }
}
