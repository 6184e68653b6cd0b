import ArgumentParser
import Corpora
import Foundation
import Kernels
import ModelFiles
import Study
import StudyReport
import Support
import Training

@main
struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Compare what a model does with facts in its weights and facts in its context.",
    discussion: """
      Makes fresh worlds of facts about words the model has never seen, lets every arm know them in \
      its own way, and asks the same questions of each. The table gives accuracy ± standard error \
      over the worlds. With --documents and --questions the facts are your own.

      Arms:
      \(Arm.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      """,
    subcommands: [Generate.self])

  /// The matrix library is set up first of all: where a limit of memory is too low for it, it would
  /// wait for ever, even at the end of the process.
  static func main() {
    _ = Processor.current
    main(nil)
  }

  @OptionGroup var datasetFlags: DatasetFlags

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of your own documents, JSON lines: {\"text\": …} or {\"prompt\": …, \"completion\": …}.",
      valueName: "file"), completion: .file(extensions: ["jsonl"]))
  var documents: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Files of questions about them, JSON lines: {"prompt": …, "choices": […], "answer": 0, "split": \
      "reversed"}, or {"prompt": …, "completion": …}, which has the other completions as choices. \
      Questions that name no split have SPLIT, or the file's name.
      """, valueName: "[split=]file"), completion: .file(extensions: ["jsonl"]))
  var questions: [String] = []

  @Option(
    help: """
      How many worlds; each has new words and facts. With --documents: how often to train and sample anew. \
      (default: 3)
      """)
  var seeds: Int?

  @Option(help: "The first world's number. (Numbers from 1000 on are kept for choosing settings.)")
  var firstSeed: UInt64 = 1

  @Option(
    help: """
      The arms to run, comma-separated, or "all". "\(Arm.upperBound.name)" is no arm, but what one could reach at \
      most. (default: all)
      """)
  var arms: String?

  @Option(
    help: """
      The size of each world. (default: \
      \(Dataset.all.map { $0.counted($0.standardSize) }.joined(separator: ", ")))
      """)
  var size: Int?

  @Option(
    help: """
      The most groups of facts that share a prompt; a question's own is always there. (default: as \
      many as fit the model's context)
      """)
  var groupsPerPrompt: Int?

  @Option(
    help: "The model folder; a finished run has its in runs/NAME/model.", completion: .directory)
  var model = "models/recto"

  @Option(
    help: """
      The folder of a low-rank adapter (LoRA) to lay on the model: adapter/ of a finished run, or one \
      that PEFT has saved.
      """, completion: .directory)
  var adapter: String?

  @Option(
    help: """
      A folder to write results.json, samples.jsonl and report.html to. While the arms run, what is finished is kept \
      beside it in FOLDER.unfinished, and the same command goes on from there.
      """, completion: .directory)
  var output: String?

  @Option(
    help:
      "How to print the results: \(Results.Format.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var format = Results.Format.table

  @Flag(
    help: "Also write what the model wrote for its own training, augmentations.jsonl, to --output.")
  var keepAugmentations = false

  @Option(
    help:
      "Passes over the documents in fine-tuning, for every arm. (default: \(FineTuning().epochs))")
  var epochs: Int?

  @Option(
    help: "The learning rate of fine-tuning, for every arm. (default: \(FineTuning().learningRate))"
  )
  var learningRate: Float?

  @Option(
    help: """
      What fine-tuning makes of a document: none leaves it whole, independent makes each sentence a \
      document, cumulative the first sentence, the first two, and so on.
      """)
  var splitting = SentenceSplitting.none

  @Option(
    help: """
      Sentences of each kind, after one document and after all, that are sampled from the model for each fact \
      in the augmented arms.
      """)
  var sentences = Augmentation().sentencesPerFact

  // These two are also options of `generate`, with other defaults.
  @Option(
    help: """
      The temperature at which they are sampled; 1 is the model's own distribution. (default: \
      \(Augmentation().temperature))
      """)
  var temperature: Double?

  @Option(
    help: """
      Only tokens at least this share as likely as the likeliest are sampled; 0 allows all. (default: \
      \(Augmentation().minP))
      """)
  var minP: Double?

  @Option(
    help: """
      In how many orders the documents are read for the probabilities that the arm "augmented" learns from.
      """)
  var orders = Augmentation().teacherOrders

  @Option(
    help: """
      Tokens of the sentences that the model wrote that are learned for each fact, however many sentences there \
      are.
      """)
  var tokensPerFact = FineTuning().inferenceTokensPerFact

  @Option(
    help: """
      The share, up to 0.95, of fresh documents like those that models/recto was pretrained on, about other words, \
      among all that is learned in fine-tuning: it keeps the ability to read a prompt.
      """)
  var replay = FineTuning().replay

  @Option(
    help: ArgumentHelp(
      """
      Also run the arm "augmented" with other numbers of samples, comma-separated, such as 4,8,16: the dose curve.
      """, valueName: "sentences"))
  var doses: String?

  @Flag(
    help: """
      One world of each dataset and the arms \(Arm.main.map(\.name).joined(separator: ", ")), unless other options say \
      otherwise: in a few minutes.
      """)
  var quick = false

  @Flag(
    help: """
      Also write the results in the form of EleutherAI's lm-evaluation-harness to --output: a folder an \
      arm in lm-eval/, with results_DATE.json and samples_TASK_DATE.jsonl.
      """)
  var lmEval = false

  @Flag(help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    guard (1...1000).contains(seedCount) else {
      throw ValidationError("--seeds is \(seedCount); it must lie between 1 and 1000.")
    }
    guard (1...1_000_000).contains(size ?? 1) else {
      throw ValidationError("--size is \(size ?? 0); it must lie between 1 and 1000000.")
    }
    guard (1...1_000_000).contains(groupsPerPrompt ?? 1) else {
      throw ValidationError(
        "--groups-per-prompt is \(groupsPerPrompt ?? 0); it must lie between 1 and 1000000.")
    }
    guard firstSeed <= UInt64.max - UInt64(seedCount) else {
      throw ValidationError("--first-seed is \(firstSeed); no \(seedCount) numbers follow it.")
    }
    guard (1...1000).contains(epochs ?? 1) else {
      throw ValidationError("--epochs is \(epochs ?? 0); it must lie between 1 and 1000.")
    }
    guard (learningRate ?? 1) > 0, (learningRate ?? 1) <= 1 else {
      throw ValidationError(
        "--learning-rate is \(learningRate ?? 0); it must lie between 0 and 1.")
    }
    guard (1...1000).contains(sentences) else {
      throw ValidationError("--sentences is \(sentences); it must lie between 1 and 1000.")
    }
    guard (0...10).contains(temperature ?? 1) else {
      throw ValidationError("--temperature is \(temperature ?? 1); it must lie between 0 and 10.")
    }
    guard (0...1).contains(minP ?? 0) else {
      throw ValidationError("--min-p is \(minP ?? 0); it must lie between 0 and 1.")
    }
    guard (1...64).contains(orders) else {
      throw ValidationError("--orders is \(orders); it must lie between 1 and 64.")
    }
    guard (1...1_000_000).contains(tokensPerFact) else {
      throw ValidationError(
        "--tokens-per-fact is \(tokensPerFact); it must lie between 1 and 1000000.")
    }
    guard replay >= 0, replay <= 0.95 else {
      throw ValidationError("--replay is \(replay); it must lie between 0 and 0.95.")
    }
    _ = try chosenDoses()
    _ = try chosenArms()
  }

  private var seedCount: Int { seeds ?? (quick ? 1 : 3) }

  private func chosenDoses() throws -> [Int] {
    try (doses ?? "").split(separator: ",").map { text in
      guard let dose = Int(text.trimmingCharacters(in: .whitespaces)), (1...1000).contains(dose)
      else {
        throw ValidationError("--doses: \"\(text)\" is no number from 1 to 1000.")
      }
      return dose
    }
  }

  func run() throws {
    StandardStreams.prepare()
    let datasets = chosenDatasets
    // Not in validate(), which comes before a misspelt option is told.
    guard !datasets.isEmpty || !documents.isEmpty || !questions.isEmpty else {
      throw ValidationError(
        "Say which comparison to run: \(DatasetFlags.list); "
          + "or name your own --documents and --questions.")
    }
    let sources = try questionSources()
    guard output?.isEmpty != true else {
      throw ValidationError("--output is empty; name a folder.")
    }
    guard output != nil || !lmEval else {
      throw ValidationError("--lm-eval needs a folder to write to; name it with --output.")
    }
    guard output != nil || !keepAugmentations else {
      throw ValidationError(
        "--keep-augmentations needs a folder to write to; name it with --output.")
    }
    let start = ContinuousClock.now
    let processor = Processor.current
    let display = ProbeDisplay(isQuiet: quiet)
    let folder = URL(fileURLWithPath: model)
    let destination = output.map { URL(fileURLWithPath: $0) }
    if let destination { try Results.checkDestination(destination) }
    let journal = try destination.map(StudyJournal.init)
    let (model, tokenizer) = try LanguageModel.read(
      folder, adapter: adapter.map { URL(fileURLWithPath: $0) })
    display.say(processor.summary)
    if let journal {
      display.say(
        journal.count > 0
          ? "\(journal.path) has \(journal.count) finished arms of an earlier run"
          : "what is finished is kept in \(journal.path), and the same command goes on from there")
    }

    var study = StudyRun(
      datasets: datasets, arms: try chosenArms(),
      seeds: (0..<UInt64(seedCount)).map { firstSeed + $0 })
    let own =
      documents.isEmpty
      ? nil
      : try UserDocuments(
        documents: documents.map { URL(fileURLWithPath: $0) }, questions: sources, model: model,
        tokenizer: tokenizer)
    for note in own?.summary.notes ?? [] { display.say(note) }
    study.userWorld = own?.world
    study.size = size
    study.groupsPerPrompt = groupsPerPrompt
    study.augmentation.sentencesPerFact = sentences
    if let temperature { study.augmentation.temperature = temperature }
    if let minP { study.augmentation.minP = minP }
    study.augmentation.teacherOrders = orders
    study.fineTuning.inferenceTokensPerFact = tokensPerFact
    study.fineTuning.replay = replay
    study.doses = Array(Set(try chosenDoses())).sorted()
    study.fineTuning.splitting = splitting
    if let epochs { study.fineTuning.epochs = epochs }
    if let learningRate { study.fineTuning.learningRate = learningRate }
    let outcomes: [StudyRun.Outcome]
    do {
      outcomes = try study.outcomes(model, tokenizer, journal: journal, report: display.show)
    } catch let error as CorpusError where size != nil {
      throw ValidationError("--size \(size ?? 0): \(error); lower --size.")
    } catch let error as WorldTooSmall {
      throw ValidationError("--size \(size ?? 0): \(error); raise --size.")
    } catch let error as PromptTooLong {
      // No other run of the same command gets further, so nothing has to be kept for it.
      if journal?.count == 0 { try? journal?.remove() }
      throw error
    }
    display.finish()

    let results = Results(
      run: .init(
        command: (["probe"] + CommandLine.arguments.dropFirst().map(Self.quoted))
          .joined(separator: " "),
        model: self.model, adapter: adapter, parameters: model.parameterCount, study: study,
        blasCore: processor.blasCore,
        seconds: journal?.seconds ?? start.duration(to: .now) / .seconds(1),
        peakMemoryBytes: Processor.peakMemory, createdAt: Date(), documents: own?.summary),
      outcomes: outcomes)
    var text = try results.text(format)
    if format != .json {
      text += String(
        format: "\n\n%.0f s in all, %d MB of memory at most", results.run.seconds,
        results.run.peakMemoryBytes >> 20)
    }
    // Results that cannot be printed are still written.
    let printed = Result { try StandardStreams.printResult(text) }
    if let destination {
      try results.write(
        outcomes, keepsAugmentations: keepAugmentations, inLMEvalForm: lmEval, to: destination)
      try journal?.remove()
      display.say("The results are in \(destination.relativePath)")
    }
    try printed.get()
  }

  /// An argument as a shell reads it.
  private static func quoted(_ argument: String) -> String {
    let plain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:+".contains($0) }
    return plain && !argument.isEmpty
      ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
  }

  /// The files of questions.
  ///
  /// - Throws: `ValidationError` where they do not go together with the other options.
  private func questionSources() throws -> [UserDocuments.QuestionSource] {
    guard !documents.isEmpty || !questions.isEmpty else { return [] }
    guard chosenDatasets.isEmpty, size == nil else {
      throw ValidationError(
        "--documents has the facts in it; leave "
          + (datasetFlags.given ?? "--size") + " out.")
    }
    guard !documents.isEmpty else {
      throw ValidationError("--questions needs the documents they are about; name --documents.")
    }
    guard !questions.isEmpty else {
      throw ValidationError("--documents needs questions about them; name --questions.")
    }
    return questions.map { argument in
      // A path with an equals sign can be written as ./PATH.
      guard let equals = argument.firstIndex(of: "="),
        !argument[..<equals].contains("/"),
        let split = Split(own: String(argument[..<equals]))
      else { return .init(URL(fileURLWithPath: argument)) }
      return .init(
        URL(fileURLWithPath: String(argument[argument.index(after: equals)...])), split: split)
    }
  }

  /// Whether an option says something of a comparison.
  var comparesAnything: Bool {
    !chosenDatasets.isEmpty || !documents.isEmpty || !questions.isEmpty || output != nil
      || seeds != nil || firstSeed != 1 || arms != nil || size != nil || groupsPerPrompt != nil
      || format != .table || keepAugmentations || epochs != nil || learningRate != nil
      || splitting != .none || sentences != Augmentation().sentencesPerFact
      || orders != Augmentation().teacherOrders
      || tokensPerFact != FineTuning().inferenceTokensPerFact
      || replay != FineTuning().replay || doses != nil || quick || lmEval || quiet
  }

  private var chosenDatasets: [Dataset] {
    let chosen = datasetFlags.datasets
    return chosen.isEmpty && quick && documents.isEmpty && questions.isEmpty
      ? Dataset.all : chosen
  }

  private func chosenArms() throws -> [Arm] {
    guard let arms else { return quick ? Arm.main : Arm.all }
    let names = arms.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let known = Arm.named.map(\.name) + ["all"]
    for name in names where !known.contains(name) {
      throw ValidationError(
        "--arms: there is no arm \"\(name)\"; there are \(known.joined(separator: ", ")).")
    }
    guard !names.isEmpty else { throw ValidationError("--arms is empty; name an arm, or \"all\".") }
    return Arm.named.filter { arm in
      names.contains(arm.name)
        || names.contains("all") && Arm.all.contains { $0.name == arm.name }
    }
  }
}

extension Results.Format: ExpressibleByArgument {}
extension SentenceSplitting: ExpressibleByArgument {}
