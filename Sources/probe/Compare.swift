import ArgumentParser
import Corpora
import Foundation
import Kernels
import Study
import StudyReport
import Support
import Training

/// `probe` without a subcommand: the comparison.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Compare facts in the weights with facts in the context (what probe does by default).",
    discussion: """
      Makes fresh worlds of facts about words that the model has never seen, gives them to every arm \
      in its own way, and asks each arm the same questions. The table shows accuracy ± standard error \
      over the worlds. With --documents and --questions, the facts are your own.

      Arms:
      \(Arm.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      """)

  @OptionGroup(title: "Facts") var facts: ComparedFacts
  @OptionGroup(title: "Model") var source: ModelOptions
  @OptionGroup(title: "Chat") var chatting: ChatOptions
  @OptionGroup(title: "What is run") var what: ArmOptions
  @OptionGroup(title: "Fine-tuning and augmentation") var learning: LearningOptions
  @OptionGroup(title: "Results") var results: ResultOptions

  func run() throws {
    StandardStreams.prepare()
    let datasets = try facts.datasets(otherwise: what.quick ? Dataset.all : [])
    // What is wrong in the user's files is said before the model is read, which takes longer.
    let files = try facts.userFiles(datasets)
    try learning.checkFacts(areOwn: files != nil)
    let arms = try what.chosenArms(ofUser: files != nil)
    let requests = try learning.chatRequests(for: arms)
    guard chatting.chatFormat == nil || chatting.chat || files != nil else {
      throw ValidationError("--chat-format needs --chat.")
    }
    let destination = try results.destination()
    let start = ContinuousClock.now
    let processor = Processor.current
    let display = ProbeDisplay(isQuiet: results.quiet)
    for line in files?.report ?? [] { display.say(line) }
    if let destination { try Results.checkDestination(destination) }
    let journal = try destination.map(StudyJournal.init)
    var (model, tokenizer) = try source.read()
    if let separator = facts.separatorText { tokenizer.separator = separator }
    let chat = try chatting.chat(of: tokenizer)
    display.say(processor.summary)
    if let journal {
      display.say(
        journal.count > 0
          ? "\(journal.path) has \(journal.count) finished arms of an earlier run"
          : "finished arms are kept in \(journal.path); the same command continues from there")
    }

    var study = StudyRun(
      datasets: datasets, arms: arms, seeds: what.worlds)
    let own = try files.map {
      try UserDocuments(
        $0, model: model, tokenizer: tokenizer, chat: chat, maxCandidates: facts.candidates,
        threadCount: processor.coreCount)
    }
    for line in own?.summary.notes ?? [] { display.say(line) }
    study.userWorld = own?.world
    study.size = facts.size
    study.chat = chat
    study.groupsPerPrompt = what.groupsPerPrompt
    study.doses = try what.chosenDoses()
    try learning.apply(
      to: &study, model, tokenizer, chatFormat: chatting.chatFormat, requests: requests)
    if own != nil {
      display.say(String(format: "learning rate %.2g", study.fineTuning.learningRate))
      let generates = study.arms.contains(where: \.samplesSentences)
      display.say(
        !generates
          ? "no arm generates sentences"
          : study.augmentation.chat == nil
            ? "augmented arms: the model continues the documents"
            : "augmented arms: the model is asked in its chat format, as \"probe requests\" prints")
    }
    study.workerCount = min(what.workers ?? processor.coreCount, processor.coreCount)
    if let asked = what.workers, asked > processor.coreCount {
      display.say("--workers \(asked): there are \(processor.coreCount) processor cores to use")
    }
    let plan = study.workPlan(model, tokenizer)
    display.expect(arms: study.jobCount, atOnce: plan.armsAtOnce)
    display.say(plan.summary)
    defer { display.finish() }
    let outcomes: [StudyRun.Outcome]
    do {
      outcomes = try study.outcomes(
        model, tokenizer, journal: journal, plan: plan, report: display.show, activity: display.show
      )
    } catch let error as CorpusError where facts.size != nil {
      throw ValidationError("--size \(facts.size ?? 0): \(error); lower --size.")
    } catch let error as WorldTooSmall {
      throw ValidationError("--size \(facts.size ?? 0): \(error); raise --size.")
    } catch let error as PromptTooLong {
      // The same command would fail at the same point, so nothing needs to be kept for it.
      if journal?.count == 0 { try? journal?.remove() }
      throw error
    }

    let all = Results(
      run: .init(
        command: (["probe"] + CommandLine.arguments.dropFirst().map(Self.quoted))
          .joined(separator: " "),
        model: source.model, adapter: source.adapter, parameters: model.parameterCount,
        study: study, blasCore: processor.blasCore,
        seconds: journal?.seconds ?? start.duration(to: .now) / .seconds(1),
        peakMemoryBytes: Processor.peakMemory, createdAt: Date(), documents: own?.summary),
      outcomes: outcomes)
    var text = try all.text(results.format)
    if results.format != .json {
      text += String(
        format: "\n\n%.0f s in total, peak memory %d MB", all.run.seconds,
        all.run.peakMemoryBytes >> 20)
    }
    // Results that cannot be printed are still written.
    let printed = Result { try StandardStreams.printResult(text) }
    if let destination {
      try all.write(
        outcomes, keepsAugmentations: results.keepAugmentations, inLMEvalForm: results.lmEval,
        to: destination)
      try journal?.remove()
      display.say("The results are in \(destination.relativePath)")
    }
    try printed.get()
  }

  /// An argument, quoted as a shell needs it.
  private static func quoted(_ argument: String) -> String {
    let plain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:+".contains($0) }
    return plain && !argument.isEmpty
      ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
  }
}
