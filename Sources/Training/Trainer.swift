import Checkpoints
import Corpora
import Foundation
import Kernels
import Randomness
import Tokenization
import Transformer

/// One run: what it learns from, a model, and a folder that lets it go on after a stop.
public final class Trainer {
  public let settings: RunSettings
  public let model: Model
  /// What a fine-tuning run trains in the model's place, if it does.
  public let adapter: Adapter?
  public let tokenizer: Tokenizer
  public let folder: RunFolder
  private let curriculum: Curriculum
  /// The processes that train this model together, each its own rows of a batch. The first alone
  /// writes to the run's folder.
  private let ranks: Ranks
  public private(set) var state = TrainingState()
  private let optimizer: Optimizer
  /// In pretraining.
  private let probe: InContextProbe?
  /// Held from the start to the end of `run`; in the first process.
  private var lock: RunLock?
  /// What the newest probe found.
  private var accuracies: [InContextProbe.Accuracy] = []
  /// For TensorBoard, where it is wished.
  private var events: EventFile?

  /// Tokens between two probes.
  private static let probeInterval = 500_000
  /// A goal is asked for more often and with more questions, and nothing else is.
  private static let goalInterval = 100_000
  private static let goalQuestions = 480

  public var workerCount: Int { settings.workerCount }
  /// The recipe of a pretraining run.
  public var recipe: Recipe? { settings.recipe }
  /// Tokens of the whole run.
  public var totalTokens: Int { curriculum.totalTokens }

  /// Starts a run: trains the tokenizer, draws the parameters and makes the folder.
  ///
  /// - Parameters:
  ///   - workerCount: worker threads of this process.
  ///   - ranks: the processes that train it together; all take the same arguments.
  ///   - start: a model folder to take tokenizer and parameters from instead.
  ///   - checkpoints: how often the run is saved, and how many times.
  /// - Throws: `ConfigurationError` for a recipe that cannot be run; `CheckpointError` where the
  ///   folder exists or cannot be written, or the model folder cannot be read.
  public convenience init(
    recipe: Recipe, workerCount: Int, folder: URL, ranks: Ranks = .alone,
    startingFrom start: URL? = nil, checkpoints: CheckpointSchedule = CheckpointSchedule()
  ) throws {
    try recipe.validate()
    try checkpoints.validate()
    try Self.check(workerCount: workerCount)
    for stage in recipe.stages where stage.rowsPerStep < ranks.count {
      throw ConfigurationError(
        "stage \"\(stage.name)\" has rows_per_step \(stage.rowsPerStep), fewer than there are "
          + "processes (\(ranks.count)); each needs a row")
    }
    if ranks.isFirst { try RunFolder.checkDestination(folder) }
    let (model, tokenizer) = try Self.newModel(recipe, startingFrom: start)
    var settings = RunSettings(
      recipe: recipe, workerCount: workerCount, rankCount: ranks.count, start: start?.relativePath)
    settings.checkpoints = checkpoints
    try self.init(
      settings, curriculum: recipe.curriculum(tokenizer), model: model, tokenizer: tokenizer,
      folder: Self.makeFolder(folder, settings, ranks), ranks: ranks)
    try checkAgreement()
  }

  /// Starts a fine-tuning run: reads model and documents and makes the folder.
  ///
  /// - Throws: `ConfigurationError` for settings that cannot be run; `CheckpointError` where the folder
  ///   exists or cannot be written, or the model cannot be read; `LineError` for the documents.
  public convenience init(
    fineTuning recipe: FineTuningRecipe, workerCount: Int, folder: URL, ranks: Ranks = .alone,
    checkpoints: CheckpointSchedule = CheckpointSchedule()
  ) throws {
    try recipe.validate()
    try checkpoints.validate()
    try Self.check(workerCount: workerCount)
    if ranks.isFirst { try RunFolder.checkDestination(folder) }
    let (model, tokenizer) = try LanguageModel.read(recipe.modelFolder)
    let adapter = try recipe.adapter.map { try Adapter($0, on: model.configuration) }
    adapter?.initialize(seed: recipe.seed)
    let rows = try recipe.rows(for: model, tokenizer, workerCount: workerCount)
    var recipe = recipe
    recipe.documentsDigest = rows.digest
    recipe.modelDigest = adapter == nil ? nil : model.parameters.checksum
    var settings = RunSettings(
      fineTuning: recipe, workerCount: workerCount, rankCount: ranks.count)
    settings.checkpoints = checkpoints
    try self.init(
      settings, curriculum: recipe.curriculum(rows, model.configuration), model: model,
      adapter: adapter, tokenizer: tokenizer,
      folder: Self.makeFolder(folder, settings, ranks), ranks: ranks)
    try checkAgreement()
  }

  /// Takes up a run at its newest whole checkpoint, or at its beginning if it was stopped before the
  /// first.
  ///
  /// - Parameters:
  ///   - changing: what is to be different, from now on, in how often the run is saved.
  ///   - warn: is told of every newer checkpoint that was damaged and passed over.
  /// - Throws: `CheckpointError` where the folder is no run, another process writes to it, or it has no
  ///   checkpoint that can be read; `LineError` where a fine-tuning run's documents are gone.
  public convenience init(
    resuming url: URL, ranks: Ranks = .alone,
    changing change: (inout CheckpointSchedule) -> Void = { _ in },
    warn: (String) -> Void = { _ in }
  ) throws {
    var (folder, settings) = try RunFolder.open(url)
    guard (settings.rankCount ?? 1) == ranks.count else {
      throw CheckpointError(
        url,
        "was started with \(settings.rankCount ?? 1) processes and cannot go on with "
          + "\(ranks.count); run it under mpirun -n \(settings.rankCount ?? 1)")
    }
    change(&settings.checkpoints)
    try settings.checkpoints.validate()
    let lock = ranks.isFirst ? try RunLock(url) : nil
    if ranks.isFirst { folder.removeTemporaries() }
    let checkpoint = try folder.newestCheckpoint(warn: warn)
    let saved = checkpoint?.appendingPathComponent("model")
    let model: Model
    let tokenizer: Tokenizer
    var adapter: Adapter?
    let curriculum: Curriculum
    switch settings.task {
    case .pretraining(let recipe):
      (model, tokenizer) =
        try saved.map(LanguageModel.read)
        ?? Self.newModel(recipe, startingFrom: settings.start.map { URL(fileURLWithPath: $0) })
      try CheckpointError.naming(saved ?? url) { try Self.check(recipe, fits: model) }
      curriculum = recipe.curriculum(tokenizer)
    case .fineTuning(let recipe):
      if let adapterSettings = recipe.adapter {
        (model, tokenizer) = try LanguageModel.read(recipe.modelFolder)
        try recipe.check(model)
        if let checkpoint {
          adapter = try AdapterFolder.read(
            checkpoint.appendingPathComponent("adapter"), settings: adapterSettings,
            on: model.configuration)
        } else {
          adapter = try Adapter(adapterSettings, on: model.configuration)
          adapter?.initialize(seed: recipe.seed)
        }
      } else {
        (model, tokenizer) = try LanguageModel.read(saved ?? recipe.modelFolder)
      }
      let rows = try recipe.rows(for: model, tokenizer, workerCount: settings.workerCount)
      try recipe.check(rows, run: url)
      curriculum = recipe.curriculum(rows, model.configuration)
    }
    try self.init(
      settings, curriculum: curriculum, model: model, adapter: adapter, tokenizer: tokenizer,
      folder: folder, ranks: ranks, lock: lock)
    if let checkpoint {
      state = try folder.readState(
        checkpoint, stepCounts: curriculum.stages.map(\.steps), moments: optimizer.moments)
    }
    if ranks.isFirst { try folder.truncateMetrics(after: state.step) }
    try checkAgreement()
  }

  private init(
    _ settings: RunSettings, curriculum: Curriculum, model: Model, adapter: Adapter? = nil,
    tokenizer: Tokenizer, folder: RunFolder, ranks: Ranks, lock: RunLock? = nil
  ) throws {
    self.settings = settings
    // Whoever has just made the folder takes its lock here.
    self.lock = try lock ?? (ranks.isFirst ? RunLock(folder.url) : nil)
    self.curriculum = curriculum
    self.ranks = ranks
    self.model = model
    self.adapter = adapter
    self.tokenizer = tokenizer
    self.folder = folder
    optimizer = Optimizer(
      model, adapter: adapter, settings: settings.task.optimizer, workerCount: settings.workerCount)
    switch settings.task {
    case .pretraining: probe = try InContextProbe(tokenizer: tokenizer)
    case .fineTuning: probe = nil
    }
  }

  /// The first process makes the folder; the others know where it is.
  private static func makeFolder(
    _ url: URL, _ settings: RunSettings, _ ranks: Ranks
  ) throws -> RunFolder {
    ranks.isFirst ? try RunFolder.create(url, settings: settings) : RunFolder(url: url)
  }

  /// The model and tokenizer that a pretraining run begins with.
  private static func newModel(
    _ recipe: Recipe, startingFrom start: URL?
  ) throws -> (model: Model, tokenizer: Tokenizer) {
    if let start {
      let (model, tokenizer) = try LanguageModel.read(start)
      try CheckpointError.naming(start) { try check(recipe, fits: model) }
      return (model, tokenizer)
    }
    let tokenizer = try Tokenizer.train(
      on: tokenizerSample(recipe), vocabularySize: recipe.vocabularySize)
    var configuration = recipe.configuration
    configuration.vocabularySize = tokenizer.vocabularySize
    let model = try Model(configuration)
    model.initialize(seed: recipe.seed)
    return (model, tokenizer)
  }

  private static func check(workerCount: Int) throws {
    guard (1...256).contains(workerCount) else {
      throw ConfigurationError("\(workerCount) workers; there must be between 1 and 256")
    }
  }

  private static func check(_ recipe: Recipe, fits model: Model) throws {
    let limit = model.configuration.contextLength
    for stage in recipe.stages where stage.rowLength > limit {
      throw ConfigurationError(
        "the model's context is \(limit) tokens, but stage \"\(stage.name)\" has row_length "
          + "\(stage.rowLength)")
    }
  }

  /// All processes have to hold the same parameters: each updates its own with the gradients of all.
  private func checkAgreement() throws {
    guard ranks.count == 1 || ranks.agree(on: (adapter?.parameters ?? model.parameters).checksum)
    else {
      throw TrainingError(
        "the processes hold different parameters after \(state.step) steps: they need the same "
          + "program, recipe, files and kind of processor")
    }
  }

  /// Texts of every stage's mixture, to train the tokenizer on.
  private static func tokenizerSample(_ recipe: Recipe) -> [String] {
    recipe.stages.enumerated().flatMap { index, stage in
      var stream = DocumentStream(
        seed: recipe.seed, row: UInt64.max - UInt64(index), mixture: stage.mixture)
      var texts: [String] = []
      while texts.count < 20_000 {
        texts += stream.next().sentences.map { " " + $0.text }
      }
      return texts
    }
  }

  /// What a run reports after each step.
  public struct Progress: Sendable {
    public let state: TrainingState
    public let stageName: String
    public let totalTokens: Int
    /// Mean loss and tokens a second since the last line of metrics.
    public let loss: Double
    public let gradientNorm: Double
    public let tokensPerSecond: Double
    /// Seconds that the rest of the run takes at the newest speed.
    public let secondsLeft: Double
    /// The newest in-context accuracies; none of a fine-tuning run.
    public let accuracies: [InContextProbe.Accuracy]
    /// Whether a line of metrics was written for this step.
    public let isLogged: Bool
    /// Where this step's gradient was far longer than usual.
    public let spike: GradientSpike?
  }

  /// Trains until the recipe ends or `shouldStop` says so; either way the last step is in a checkpoint.
  ///
  /// When the recipe ends or the goal is reached, the model with its card is in the run folder's
  /// `model/`.
  ///
  /// - Parameters:
  ///   - goal: an in-context accuracy that ends the run before the recipe does; it is probed in place of
  ///     all others.
  ///   - writesEvents: whether a TensorBoard event file lies beside the metrics. A run that has one
  ///     goes on with it.
  /// - Returns: whether the recipe has ended or the goal is reached.
  /// - Throws: `CheckpointError` where the folder cannot be written or another process writes to it;
  ///   `TrainingError` where a loss, a gradient or a parameter is no longer a number, before it gets into
  ///   any checkpoint; `ConfigurationError` where the goal's prompt does not fit the model.
  public func run(
    until goal: InContextProbe.Goal? = nil, writesEvents: Bool = false,
    shouldStop: () -> Bool = { false },
    report: (Progress) -> Void = { _ in }
  ) throws -> Bool {
    if lock == nil, ranks.isFirst { lock = try RunLock(folder.url) }
    defer { lock = nil }
    let watch = try goal.map(probe(for:)) ?? probe
    if ranks.isFirst, writesEvents || EventFile.exists(in: folder.url) {
      events = try EventFile(in: folder.url, metrics: folder.metrics())
    }
    let probeInterval = goal == nil ? Self.probeInterval : Self.goalInterval
    var stopped = false
    var isReached = false
    while state.stage < curriculum.stages.count, !stopped, !isReached {
      let stage = curriculum.stages[state.stage]
      let workers = GradientWorkers(
        model, adapter: adapter, workerCount: workerCount, rowLength: stage.rowLength,
        tokensPerChunk: stage.tokensPerChunk, recomputes: stage.recomputes, ranks: ranks)
      let repeats = stage.loop.map { LayerRepeats(of: $0, model.layout) }
      while state.stepInStage < stage.steps, !stopped, !isReached {
        let tokensBefore = state.tokens
        let (norm, spike) = try takeStep(stage, workers, repeats)
        stopped = ranks.sum(shouldStop() ? 1 : 0) > 0
        let isLast = state.stepInStage == stage.steps
        func isDue(_ interval: Int) -> Bool {
          isLast || state.tokens / interval > tokensBefore / interval
        }
        try record(
          stage, gradientNorm: norm, isLogged: isDue(curriculum.metricsInterval),
          spike: spike, probe: isDue(probeInterval) ? watch : nil, report)
        isReached =
          goal.map { goal in
            ranks.sum(accuracies.contains { $0.value >= goal.accuracy } ? 1 : 0) > 0
          } ?? false
        if isDue(settings.checkpoints.tokens ?? curriculum.checkpointInterval) || stopped
          || isReached
        {
          if isLast { state.enterNextStage() }
          try checkAgreement()
          if ranks.isFirst { try saveCheckpoint() }
          if isLast { break }
        }
      }
    }
    guard isReached || state.stage == curriculum.stages.count else { return false }
    if ranks.isFirst { try writeModel() }
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
          model, tokenizer: tokenizer, card: card, to: folder.appendingPathComponent("model"))
      }
    }
  }

  /// Where to go on from after numbers went bad, and how.
  private var lastGoodCheckpoint: String {
    let mend = "with a lower learning rate"
    guard let checkpoint = try? folder.newestCheckpoint() else {
      return "there is no checkpoint before it; start again \(mend)"
    }
    let found = "the last good checkpoint is \(checkpoint.relativePath); start "
    return adapter != nil
      ? found + "again \(mend)"
      : found
        + "from its model, \(checkpoint.appendingPathComponent("model").relativePath), \(mend)"
  }

  private func writeAdapter(_ adapter: Adapter, card: String, to url: URL) throws {
    guard case .fineTuning(let recipe) = settings.task else { return }
    try AdapterFolder.write(adapter, base: recipe.model, card: card, to: url)
  }

  /// One optimiser step; adds it to the state.
  ///
  /// - Returns: the length of the gradient before clipping, and whether that is far out of the ordinary.
  private func takeStep(
    _ stage: Curriculum.Stage, _ workers: GradientWorkers, _ repeats: LayerRepeats?
  ) throws -> (gradientNorm: Double, spike: GradientSpike?) {
    let start = ContinuousClock.now
    let data = stage.data(
      state.stepInStage, state.nextRow, Curriculum.Share(ranks: ranks, workerCount: workerCount))
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

  /// Reports the step just taken and, where they are due, probes the model and writes a line of
  /// metrics; in the first process.
  private func record(
    _ stage: Curriculum.Stage, gradientNorm: Double, isLogged: Bool, spike: GradientSpike?,
    probe: InContextProbe?, _ report: (Progress) -> Void
  ) throws {
    if let probe, ranks.isFirst {
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
    if isLogged && ranks.isFirst {
      let rate = optimizer.settings.learningRate * stage.rateScale(state.stepInStage - 1)
      let metrics = Metrics(
        progress, learningRate: rate, probed: probe != nil, spikes: window.spikes)
      try folder.append(metrics)
      try events?.append(metrics)
    }
    if ranks.isFirst { report(progress) }
  }

  /// - Throws: `ConfigurationError` where the goal's prompt does not fit the model.
  private func probe(for goal: InContextProbe.Goal) throws -> InContextProbe {
    let probe = try InContextProbe(
      tokenizer: tokenizer, tasks: [goal.task], questionCount: Self.goalQuestions)
    guard !probe.accuracies(model, workerCount: workerCount).isEmpty else {
      throw ConfigurationError(
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
      try LanguageModel.write(model, tokenizer: tokenizer, card: card, to: folder.model)
      return
    }
    try writeAdapter(adapter, card: card, to: folder.adapter)
    let merged = model.copy()
    adapter.merge(into: merged)
    try LanguageModel.write(merged, tokenizer: tokenizer, card: card, to: folder.model)
  }
}

/// A run that cannot go on.
public struct TrainingError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
