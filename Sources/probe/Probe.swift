import ArgumentParser
import Corpora
import Foundation
import Kernels
import Study
import Training

/// A world that cannot be made as asked for.
private struct WorldError: Error, CustomStringConvertible {
  let description: String
}

@main
struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Compare what a model does with facts in its weights and facts in its context.",
    discussion: """
      Makes fresh worlds of facts about words the model has never seen, lets every arm know them in \
      its own way, and asks the same questions of each. The table gives accuracy ± standard error \
      over the worlds.

      Arms:
      \(Arm.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      """)

  @Flag(help: "Comparisons and their reversals: \"femp are more rony than glon.\"")
  var reversal = false

  @Option(help: "How many worlds; each has new words and facts.")
  var seeds = 3

  @Option(help: "The first world's number. (Numbers from 1000 on are kept for choosing settings.)")
  var firstSeed: UInt64 = 1

  @Option(help: "The arms to run, comma-separated, or \"all\".")
  var arms = "all"

  @Option(help: "Facts in a world.")
  var facts = 100

  @Option(
    help: "The model folder; a finished run has its in runs/NAME/model.", completion: .directory)
  var model = "models/recto"

  @Option(help: "A folder to write results.json and samples.jsonl to.", completion: .directory)
  var output: String?

  @Option(help: "Passes over the documents in fine-tuning, the same for every arm.")
  var epochs = FineTuning().epochs

  @Option(help: "The learning rate of fine-tuning, the same for every arm.")
  var learningRate = FineTuning().learningRate

  @Option(help: "Sentences that the model writes after each document in the augmented arms.")
  var sentences = LocalAugmentation().sentencesPerDocument

  @Option(help: "The temperature at which it writes them; 1 is its own distribution.")
  var temperature = LocalAugmentation().temperature

  @Flag(help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    guard (1...1000).contains(seeds) else {
      throw ValidationError("--seeds is \(seeds); it must lie between 1 and 1000.")
    }
    guard (1...1_000_000).contains(facts) else {
      throw ValidationError("--facts is \(facts); it must lie between 1 and 1000000.")
    }
    guard firstSeed <= UInt64.max - UInt64(seeds) else {
      throw ValidationError("--first-seed is \(firstSeed); no \(seeds) numbers follow it.")
    }
    guard (1...1000).contains(epochs) else {
      throw ValidationError("--epochs is \(epochs); it must lie between 1 and 1000.")
    }
    guard learningRate > 0, learningRate <= 1 else {
      throw ValidationError("--learning-rate is \(learningRate); it must lie between 0 and 1.")
    }
    guard (1...1000).contains(sentences) else {
      throw ValidationError("--sentences is \(sentences); it must lie between 1 and 1000.")
    }
    guard temperature >= 0, temperature <= 10 else {
      throw ValidationError("--temperature is \(temperature); it must lie between 0 and 10.")
    }
    _ = try chosenArms()
  }

  func run() throws {
    // Not in validate(), which comes before a misspelt option is told.
    guard reversal else {
      throw ValidationError("Say which comparison to run: --reversal.")
    }
    let start = ContinuousClock.now
    let processor = Processor.current
    let display = ProbeDisplay(isQuiet: quiet)
    let folder = URL(fileURLWithPath: model)
    let destination = output.map { URL(fileURLWithPath: $0) }
    if let destination { try Results.checkDestination(destination) }
    let (model, tokenizer) = try LanguageModel.read(folder)
    display.say(processor.summary)

    var settings = FineTuning()
    settings.epochs = epochs
    settings.learningRate = learningRate
    let factCount = facts
    var study = StudyRun(
      arms: try chosenArms(), seeds: (0..<UInt64(seeds)).map { firstSeed + $0 },
      fineTuning: settings
    ) { seed in
      do {
        return try ReversalWorld(
          seed: seed, factCount: factCount, attributeCount: max(1, factCount * 28 / 100))
      } catch {
        throw WorldError(description: "--facts \(factCount): \(error); lower --facts")
      }
    }
    study.augmentation.sentencesPerDocument = sentences
    study.augmentation.temperature = temperature
    let outcomes = try study.outcomes(model, tokenizer, report: display.show)
    display.finish()

    let results = Results(
      run: .init(
        command: (["probe"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
        model: self.model, parameters: model.parameterCount, seeds: study.seeds, facts: facts,
        fineTuning: settings, augmentation: study.augmentation, blasCore: processor.blasCore,
        workers: study.workerCount,
        seconds: start.duration(to: .now) / .seconds(1), peakMemoryBytes: Processor.peakMemory,
        createdAt: Date()),
      outcomes: outcomes)
    print(
      "Reversal: \(facts) fact\(facts == 1 ? "" : "s") a world, "
        + "\(seeds) world\(seeds == 1 ? "" : "s")\n")
    print(results.table)
    for line in results.augmentationLines { print("\n" + line) }
    if let conclusion = results.conclusion { print("\n" + conclusion) }
    print(
      String(
        format: "\n%.0f s in all, %d MB of memory at most", results.run.seconds,
        results.run.peakMemoryBytes >> 20))
    if let destination {
      try results.write(outcomes, to: destination)
      print("The results are in \(destination.relativePath)")
    }
  }

  private func chosenArms() throws -> [Arm] {
    if arms == "all" { return Arm.all }
    let names = arms.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let known = Arm.all.map(\.name)
    for name in names where !known.contains(name) {
      throw ValidationError(
        "--arms: there is no arm \"\(name)\"; there are \(known.joined(separator: ", ")).")
    }
    guard !names.isEmpty else { throw ValidationError("--arms is empty; name an arm, or \"all\".") }
    return Arm.all.filter { names.contains($0.name) }
  }
}
