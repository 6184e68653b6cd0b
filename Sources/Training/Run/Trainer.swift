import Corpora
import Foundation
import Kernels
import ModelFiles
import Randomness
import Support
import Tokenization
import Transformer

/// One training run: its data, its model, and the folder that lets it resume after a stop.
public final class Trainer {
  public let settings: RunSettings
  public let model: Model
  /// The adapter that a fine-tuning run trains in place of the model's parameters, if any.
  public let adapter: Adapter?
  public let tokenizer: Tokenizer
  /// The small files that the trained model keeps of the one that it descends from.
  private let sideFiles: SideFiles?
  public let folder: RunFolder
  private let curriculum: Curriculum
  /// The processes that train this model together, each on its own rows of a batch. Only the first
  /// writes to the run's folder.
  private let processes: ProcessGroup
  public private(set) var state = TrainingState()
  private let optimizer: Optimizer
  /// Only in pretraining.
  private let probe: InContextProbe?
  /// Held from the start to the end of `run`; only in the first process.
  private var lock: RunLock?
  /// The results of the newest probe.
  private var accuracies: [InContextProbe.Accuracy] = []
  /// TensorBoard's event file, if one is written.
  private var events: EventFile?

  /// Tokens between two probes.
  private static let probeInterval = 500_000
  /// A run with a goal probes only the goal's task, more often and with more questions.
  private static let goalInterval = 100_000
  private static let goalQuestions = 480

  public var workerCount: Int { settings.workerCount }
  /// The recipe of a pretraining run.
  public var recipe: Recipe? { settings.recipe }
  /// Steps of the whole run.
  public var stepCount: Int { curriculum.stages.reduce(0) { $0 + $1.steps } }
  /// Tokens of the whole run.
  public var totalTokens: Int { curriculum.totalTokens }

  /// Starts a run: trains the tokenizer, draws the parameters and makes the folder.
  ///
  /// - Parameters:
  ///   - workerCount: worker threads of this process.
  ///   - processes: the processes that train it together; all take the same arguments.
  ///   - start: a model folder to take tokenizer and parameters from instead.
  ///   - checkpoints: how often the run is saved, and how many checkpoints are kept.
  /// - Throws: `SettingsError` for a recipe that cannot be run; `FileError` where the
  ///   folder exists or cannot be written, or the model folder cannot be read.
  public convenience init(
    recipe: Recipe, workerCount: Int, folder: URL, processes: ProcessGroup = .alone,
    startingFrom start: URL? = nil, checkpoints: CheckpointSchedule = CheckpointSchedule()
  ) throws {
    try self.init(
      .pretraining(
        recipe, workerCount: workerCount, folder: folder, processes: processes, startingFrom: start,
        checkpoints: checkpoints), processes)
  }

  /// Starts a fine-tuning run: reads model and documents and makes the folder.
  ///
  /// - Throws: `SettingsError` for settings that cannot be run; `FileError` where the folder
  ///   exists or cannot be written, or the model cannot be read; `LineError` for the documents.
  public convenience init(
    fineTuning recipe: FineTuningRecipe, workerCount: Int, folder: URL,
    processes: ProcessGroup = .alone,
    checkpoints: CheckpointSchedule = CheckpointSchedule()
  ) throws {
    try self.init(
      .fineTuning(
        recipe, workerCount: workerCount, folder: folder, processes: processes,
        checkpoints: checkpoints),
      processes)
  }

  /// Resumes a run from its newest whole checkpoint, or from its beginning if it was stopped before
  /// the first.
  ///
  /// - Parameters:
  ///   - epochs: more epochs than a fine-tuning run had so far; it then goes on even if it had
  ///     ended, at the learning rates of a run of that length. nil: as before.
  ///   - changing: changes how often the run is saved from now on.
  ///   - warn: called for every damaged checkpoint that is skipped, and where the numbers will
  ///     differ from those of a run without a stop.
  /// - Throws: `FileError` where the folder is not a run's, another process writes to it, or none
  ///   of its checkpoints can be read, or it has as many epochs already; `LineError` where a
  ///   fine-tuning run's documents are gone.
  public convenience init(
    resuming url: URL, processes: ProcessGroup = .alone, epochs: Int? = nil,
    changing change: (inout CheckpointSchedule) -> Void = { _ in },
    warn: (String) -> Void = { _ in }
  ) throws {
    try self.init(
      .resuming(url, processes: processes, epochs: epochs, changing: change, warn: warn), processes)
  }

  private init(_ run: PreparedRun, _ processes: ProcessGroup) throws {
    settings = run.settings
    // A resumed run has the lock already; a new one takes it here.
    lock = try run.lock ?? (processes.isFirst ? RunLock(run.folder.url) : nil)
    curriculum = run.curriculum
    self.processes = processes
    model = run.model
    adapter = run.adapter
    tokenizer = run.tokenizer
    sideFiles = run.sideFiles
    folder = run.folder
    optimizer = Optimizer(
      model, adapter: adapter, settings: settings.task.optimizer, workerCount: settings.workerCount)
    switch settings.task {
    case .pretraining: probe = try InContextProbe(tokenizer: tokenizer)
    case .fineTuning: probe = nil
    }
    if let checkpoint = run.checkpoint {
      state = try folder.readState(
        checkpoint, stepCounts: curriculum.stages.map(\.steps), moments: optimizer.moments)
      if case .fineTuning = settings.task { state.continueOnlyStage(steps: stepCount) }
    }
    if processes.isFirst { try folder.truncateMetrics(after: state.step) }
    try checkAgreement()
  }

  /// Checks that all processes hold the same parameters: each updates its own copy with the
  /// gradients of all.
  private func checkAgreement() throws {
    guard
      processes.count == 1
        || processes.agree(on: (adapter?.parameters ?? model.parameters).checksum)
    else {
      throw TrainingError(
        "the processes hold different parameters after \(state.step) steps: they need the same "
          + "program, recipe, files and kind of processor")
    }
  }

  /// What a run reports after each step.
  public struct Progress: Sendable {
    public let state: TrainingState
    public let stageName: String
    public let totalTokens: Int
    /// Mean loss since the last line of metrics, in nats.
    public let loss: Double
    /// This step's, before clipping.
    public let gradientNorm: Double
    /// Since the last line of metrics.
    public let tokensPerSecond: Double
    /// Seconds that the rest of the run takes at the current speed.
    public let secondsLeft: Double
    /// The newest in-context accuracies; empty in fine-tuning.
    public let accuracies: [InContextProbe.Accuracy]
    /// Whether a line of metrics was written for this step.
    public let isLogged: Bool
    /// This step, if its gradient was far longer than usual.
    public let spike: GradientSpike?
  }

  /// Trains until the recipe ends, the goal is reached or `shouldStop` returns true; the last step
  /// is then in a checkpoint.
  ///
  /// When the recipe ends or the goal is reached, the model and its card are written to `model/` in
  /// the run folder.
  ///
  /// - Parameters:
  ///   - goal: an in-context accuracy that ends the run before the recipe does; no other accuracies
  ///     are then probed.
  ///   - writesEvents: whether to write a TensorBoard event file beside the metrics. A run that
  ///     already has one continues it.
  /// - Returns: whether the recipe has ended or the goal is reached.
  /// - Throws: `FileError` where the folder cannot be written or another process writes to it;
  ///   `TrainingError` where a loss, a gradient or a parameter is no longer a number, before it
  ///   gets into any checkpoint; `SettingsError` where the goal's prompt does not fit the model.
  public func run(
    until goal: InContextProbe.Goal? = nil, writesEvents: Bool = false,
    shouldStop: () -> Bool = { false },
    report: (Progress) -> Void = { _ in }
  ) throws -> Bool {
    if lock == nil, processes.isFirst { lock = try RunLock(folder.url) }
    defer { lock = nil }
    let watch = try goal.map(probe(for:)) ?? probe
    if processes.isFirst, writesEvents || EventFile.exists(in: folder.url) {
      events = try EventFile(in: folder.url, metrics: folder.metrics())
    }
    let probeInterval = goal == nil ? Self.probeInterval : Self.goalInterval
    var stopped = false
    var isReached = false
    while state.stage < curriculum.stages.count, !stopped, !isReached {
      let stage = curriculum.stages[state.stage]
      let workers = GradientWorkers(
        model, adapter: adapter, workerCount: workerCount, rowLength: stage.rowLength,
        tokensPerChunk: stage.tokensPerChunk, recomputes: stage.recomputes, processes: processes)
      let repeats = stage.loop.map { LayerRepeats(of: $0, model.layout) }
      while state.stepInStage < stage.steps, !stopped, !isReached {
        let tokensBefore = state.tokens
        let (norm, spike) = try takeStep(stage, workers, repeats)
        stopped = processes.sum(shouldStop() ? 1 : 0) > 0
        let isLast = state.stepInStage == stage.steps
        func isDue(_ interval: Int) -> Bool {
          isLast || state.tokens / interval > tokensBefore / interval
        }
        try record(
          stage, gradientNorm: norm, isLogged: isDue(curriculum.metricsInterval),
          spike: spike, probe: isDue(probeInterval) ? watch : nil, report)
        isReached =
          goal.map { goal in
            processes.sum(accuracies.contains { $0.value >= goal.accuracy } ? 1 : 0) > 0
          } ?? false
        if isDue(settings.checkpoints.tokens ?? curriculum.checkpointInterval) || stopped
          || isReached
        {
          if isLast { state.enterNextStage() }
          try checkAgreement()
          if processes.isFirst { try saveCheckpoint() }
          if isLast { break }
        }
      }
    }
    guard isReached || state.stage == curriculum.stages.count else { return false }
    if processes.isFirst { try writeModel() }
    return true
  }

  private func saveCheckpoint() throws {
    let card = "A checkpoint of a training run.\n"
    let moments = optimizer.moments
    let trained = adapter?.parameters ?? model.parameters
    guard trained.isFinite, moments.first.isFinite, moments.second.isFinite else {
      throw TrainingError(
        "a parameter or one of its moments is no longer a number after step \(state.step); "
          + lastGoodCheckpoint)
    }
    try folder.save(state, moments: moments, kept: settings.checkpoints.kept) { folder in
      if let adapter {
        try writeAdapter(adapter, card: card, to: folder.appendingPathComponent("adapter"))
      } else {
        try LanguageModel.write(
          model, tokenizer: tokenizer, sideFiles: sideFiles, card: card,
          to: folder.appendingPathComponent("model"))
      }
    }
  }

  /// The end of an error about invalid numbers: which checkpoint is still good and how to go on.
  private var lastGoodCheckpoint: String {
    let hint = "with a lower learning rate"
    let newest: URL?
    do {
      newest = try folder.newestCheckpoint()
    } catch {
      return "the checkpoints before it cannot be read: \(error)"
    }
    guard let checkpoint = newest else {
      return "there is no checkpoint before it; start again \(hint)"
    }
    let found = "the last good checkpoint is \(checkpoint.relativePath); start "
    return adapter != nil
      ? found + "again \(hint)"
      : found
        + "from its model, \(checkpoint.appendingPathComponent("model").relativePath), \(hint)"
  }

  private func writeAdapter(_ adapter: Adapter, card: String, to url: URL) throws {
    guard case .fineTuning(let recipe) = settings.task else { return }
    try AdapterFolder.write(adapter, base: recipe.model, card: card, to: url)
  }

  /// Takes one optimiser step and adds it to the state.
  ///
  /// - Returns: the gradient norm before clipping, and the step as a spike if that norm is far
  ///   above the usual.
  private func takeStep(
    _ stage: Curriculum.Stage, _ workers: GradientWorkers, _ repeats: LayerRepeats?
  ) throws -> (gradientNorm: Double, spike: GradientSpike?) {
    let start = ContinuousClock.now
    let data = stage.data(
      state.stepInStage, state.nextRow,
      Curriculum.Share(processes: processes, workerCount: workerCount))
    let (loss, norm) = workers.run(data.batch, layerCount: stage.layers, repeats: repeats)
    guard loss.isFinite, norm.isFinite else {
      throw TrainingError(
        "the loss is \(loss) and the gradient norm \(norm) at step \(state.step + 1) of stage "
          + "\"\(stage.name)\", on the data of seed \(settings.task.seed), rows \(state.nextRow) to "
          + "\(state.nextRow + UInt64(max(1, data.rows)) - 1); " + lastGoodCheckpoint)
    }
    let limit = Double(optimizer.settings.maximumGradientNorm)
    optimizer.update(
      gradients: workers.gradients, step: state.step + 1,
      rateScale: stage.rateScale(state.stepInStage),
      gradientScale: Float(norm > limit ? limit / norm : 1))
    repeats?.copyParameters(model.parameters)
    state.nextRow += UInt64(data.rows)
    let spike = state.add(
      tokens: data.tokens, loss: loss, gradientNorm: norm,
      seconds: start.duration(to: .now) / .seconds(1))
    return (norm, spike)
  }

  /// Reports the step just taken, probes the model if a probe is given, and writes a line of
  /// metrics if one is due; the first process does all this.
  private func record(
    _ stage: Curriculum.Stage, gradientNorm: Double, isLogged: Bool, spike: GradientSpike?,
    probe: InContextProbe?, _ report: (Progress) -> Void
  ) throws {
    if let probe, processes.isFirst {
      accuracies = probe.accuracies(model, workerCount: workerCount)
    }
    let window = state.window ?? TrainingState.Window()
    if isLogged { state.window = nil }
    let progress = Progress(
      state: state, stageName: stage.name, totalTokens: totalTokens, loss: window.loss,
      gradientNorm: gradientNorm, tokensPerSecond: window.tokensPerSecond,
      secondsLeft: window.seconds / (Double(max(1, window.tokens)) * stage.workPerToken)
        * curriculum.work(from: state),
      accuracies: accuracies, isLogged: isLogged, spike: spike)
    if isLogged && processes.isFirst {
      let rate = optimizer.settings.learningRate * stage.rateScale(state.stepInStage - 1)
      let metrics = Metrics(
        progress, learningRate: rate, probed: probe != nil, spikes: window.spikes)
      try folder.append(metrics)
      try events?.append(metrics)
    }
    if processes.isFirst { report(progress) }
  }

  /// - Throws: `SettingsError` where the goal's prompt does not fit the model.
  private func probe(for goal: InContextProbe.Goal) throws -> InContextProbe {
    let probe = try InContextProbe(
      tokenizer: tokenizer, tasks: [goal.task], questionCount: Self.goalQuestions)
    guard !probe.accuracies(model, workerCount: workerCount).isEmpty else {
      throw SettingsError(
        "the goal \"\(goal.task.name)\" needs a longer prompt than the model's context, "
          + "\(model.configuration.contextLength) tokens")
    }
    return probe
  }

  private func writeModel() throws {
    let card: String
    switch settings.task {
    case .pretraining(let recipe):
      card =
        ModelCard(
          recipe: recipe, start: settings.start, configuration: model.configuration,
          parameterCount: model.parameterCount,
          state: state, workerCount: workerCount,
          accuracies: probe?.accuracies(model, workerCount: workerCount) ?? []
        ).text
    case .fineTuning(let recipe):
      card =
        FineTuningCard(
          recipe: recipe, configuration: model.configuration,
          parameterCount: model.parameterCount, state: state, workerCount: workerCount
        ).text
    }
    guard let adapter else {
      try LanguageModel.write(
        model, tokenizer: tokenizer, sideFiles: sideFiles, card: card, to: folder.model)
      return
    }
    try writeAdapter(adapter, card: card, to: folder.adapter)
    let merged = model.copy()
    adapter.merge(into: merged)
    try LanguageModel.write(
      merged, tokenizer: tokenizer, sideFiles: sideFiles, card: card, to: folder.model)
  }
}

/// Why a run cannot go on.
public struct TrainingError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
