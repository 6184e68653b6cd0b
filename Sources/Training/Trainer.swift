import Checkpoints
import Corpora
import Foundation
import Kernels
import Randomness
import Tokenization
import Transformer

/// Where a run stands: with the weights and the optimiser's moments, all that resuming needs.
public struct TrainingState: Codable, Equatable, Sendable {
  /// Optimiser steps taken.
  public var step = 0
  public var stage = 0
  public var stepInStage = 0
  public var tokens = 0
  /// The number of the next row of data.
  public var nextRow: UInt64 = 0
  /// Seconds of training so far, over all resumed parts.
  public var seconds = 0.0
  /// The steps since the last line of metrics; nil right after one.
  var window: Window?

  /// Steps that the next line of metrics is about. It is part of the state, so that a run that was
  /// stopped writes the same lines as one that was not.
  struct Window: Codable, Equatable, Sendable {
    var steps = 0
    var tokens = 0
    /// Sum of the steps' losses.
    var losses = 0.0
    var seconds = 0.0

    var loss: Double { losses / Double(max(1, steps)) }
    var tokensPerSecond: Double { Double(tokens) / max(1e-9, seconds) }
  }

  /// Adds one step.
  mutating func add(tokens: Int, loss: Double, seconds: Double) {
    step += 1
    stepInStage += 1
    self.tokens += tokens
    self.seconds += seconds
    var window = window ?? Window()
    window.steps += 1
    window.tokens += tokens
    window.losses += loss
    window.seconds += seconds
    self.window = window
  }

  mutating func enterNextStage() {
    stage += 1
    stepInStage = 0
  }
}

/// One pretraining run: a recipe, a model, and a folder that lets it go on after a stop.
public final class Trainer {
  public let recipe: Recipe
  public let model: Model
  public let tokenizer: Tokenizer
  public let folder: RunFolder
  public let workerCount: Int
  /// The processes that train this model together, each its own rows of a batch. The first alone
  /// writes to the run's folder.
  private let ranks: Ranks
  /// The model folder that the run started from, if any.
  private let start: String?
  public private(set) var state = TrainingState()
  private let optimizer: Optimizer
  private let probe: InContextProbe
  /// What the newest probe found.
  private var accuracies: [InContextProbe.Accuracy] = []

  /// Tokens between two lines of metrics, two probes and two checkpoints.
  private static let metricsInterval = 50_000
  private static let probeInterval = 500_000
  /// A goal is asked for more often and with more questions, and nothing else is.
  private static let goalInterval = 100_000
  private static let goalQuestions = 480
  private static let checkpointInterval = 2_000_000

  /// Starts a run: trains the tokenizer, draws the parameters and makes the folder.
  ///
  /// - Parameters:
  ///   - workerCount: worker threads of this process.
  ///   - ranks: the processes that train it together; all take the same arguments.
  ///   - start: a model folder to take tokenizer and parameters from instead.
  /// - Throws: `ConfigurationError` for a recipe that cannot be run; `CheckpointError` where the
  ///   folder exists or cannot be written, or the model folder cannot be read.
  public convenience init(
    recipe: Recipe, workerCount: Int, folder: URL, ranks: Ranks = .alone,
    startingFrom start: URL? = nil
  ) throws {
    try recipe.validate()
    guard (1...256).contains(workerCount) else {
      throw ConfigurationError("\(workerCount) workers; there must be between 1 and 256")
    }
    for stage in recipe.stages where stage.rowsPerStep < ranks.count {
      throw ConfigurationError(
        "stage \"\(stage.name)\" has rows_per_step \(stage.rowsPerStep), fewer than there are "
          + "processes (\(ranks.count)); each needs a row")
    }
    if ranks.isFirst { try RunFolder.checkDestination(folder) }
    let model: Model
    let tokenizer: Tokenizer
    if let start {
      (model, tokenizer) = try LanguageModel.read(start)
      try CheckpointError.naming(start) { try Self.check(recipe, fits: model) }
    } else {
      tokenizer = try Tokenizer.train(
        on: Self.tokenizerSample(recipe), vocabularySize: recipe.vocabularySize)
      var configuration = recipe.configuration
      configuration.vocabularySize = tokenizer.vocabularySize
      model = try Model(configuration)
      model.initialize(seed: recipe.seed)
    }
    let settings = RunSettings(
      recipe: recipe, workerCount: workerCount, rankCount: ranks.count, start: start?.relativePath)
    let folder =
      ranks.isFirst ? try RunFolder.create(folder, settings: settings) : RunFolder(url: folder)
    try self.init(settings, model: model, tokenizer: tokenizer, folder: folder, ranks: ranks)
    try checkAgreement()
  }

  /// Takes up a run at its newest complete checkpoint.
  ///
  /// - Throws: `CheckpointError` where the folder is no run, or has no checkpoint that can be read.
  public convenience init(resuming url: URL, ranks: Ranks = .alone) throws {
    let (folder, settings) = try RunFolder.open(url)
    guard (settings.rankCount ?? 1) == ranks.count else {
      throw CheckpointError(
        url,
        "was started with \(settings.rankCount ?? 1) processes and cannot go on with "
          + "\(ranks.count); run it under mpirun -n \(settings.rankCount ?? 1)")
    }
    let checkpoint = try folder.newestCheckpoint()
    let (model, tokenizer) = try LanguageModel.read(checkpoint.appendingPathComponent("model"))
    try CheckpointError.naming(checkpoint) { try Self.check(settings.recipe, fits: model) }
    try self.init(settings, model: model, tokenizer: tokenizer, folder: folder, ranks: ranks)
    state = try folder.readState(checkpoint, recipe: recipe, moments: optimizer.moments)
    if ranks.isFirst { try folder.truncateMetrics(after: state.step) }
    try checkAgreement()
  }

  private init(
    _ settings: RunSettings, model: Model, tokenizer: Tokenizer, folder: RunFolder, ranks: Ranks
  ) throws {
    recipe = settings.recipe
    self.ranks = ranks
    workerCount = settings.workerCount
    start = settings.start
    self.model = model
    self.tokenizer = tokenizer
    self.folder = folder
    optimizer = Optimizer(model, settings: recipe.optimizer, workerCount: workerCount)
    probe = try InContextProbe(tokenizer: tokenizer)
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
    guard ranks.count == 1 || ranks.agree(on: model.parameters.checksum) else {
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
    /// Seconds that the rest of the recipe takes at the newest speed.
    public let secondsLeft: Double
    /// The newest in-context accuracies.
    public let accuracies: [InContextProbe.Accuracy]
    /// Whether a line of metrics was written for this step.
    public let isLogged: Bool
  }

  /// Trains until the recipe ends or `shouldStop` says so; either way the last step is in a checkpoint.
  ///
  /// When the recipe ends or the goal is reached, the model with its card is in the run folder's
  /// `model/`.
  ///
  /// - Parameter goal: an in-context accuracy that ends the run before the recipe does; it is probed in
  ///   place of all others.
  /// - Returns: whether the recipe has ended or the goal is reached.
  /// - Throws: `CheckpointError` where the folder cannot be written; `TrainingError` where the loss is
  ///   no longer a number; `ConfigurationError` where the goal's prompt does not fit the model.
  public func run(
    until goal: InContextProbe.Goal? = nil, shouldStop: () -> Bool = { false },
    report: (Progress) -> Void = { _ in }
  ) throws -> Bool {
    let watch = try goal.map(probe(for:)) ?? probe
    let probeInterval = goal == nil ? Self.probeInterval : Self.goalInterval
    var stopped = false
    var isReached = false
    while state.stage < recipe.stages.count, !stopped, !isReached {
      let stage = recipe.stages[state.stage]
      let source = RowSource(
        tokenizer: tokenizer, seed: recipe.seed, mixture: stage.mixture,
        rowLength: stage.rowLength)
      let workers = GradientWorkers(
        model, workerCount: workerCount, rowLength: stage.rowLength, tokensPerChunk: 512,
        ranks: ranks)
      let repeats = stage.loop.map { LayerRepeats(of: $0, model.layout) }
      while state.stepInStage < stage.steps, !stopped, !isReached {
        let tokensBefore = state.tokens
        let norm = try takeStep(stage, source, workers, repeats)
        stopped = ranks.sum(shouldStop() ? 1 : 0) > 0
        let isLast = state.stepInStage == stage.steps
        func isDue(_ interval: Int) -> Bool {
          isLast || state.tokens / interval > tokensBefore / interval
        }
        try record(
          stage, gradientNorm: norm, isLogged: isDue(Self.metricsInterval),
          probe: isDue(probeInterval) ? watch : nil, report)
        isReached =
          goal.map { goal in
            ranks.sum(accuracies.contains { $0.value >= goal.accuracy } ? 1 : 0) > 0
          } ?? false
        if isDue(Self.checkpointInterval) || stopped || isReached {
          if isLast { state.enterNextStage() }
          try checkAgreement()
          if ranks.isFirst {
            try folder.save(state, model: model, tokenizer: tokenizer, moments: optimizer.moments)
          }
          if isLast { break }
        }
      }
    }
    guard isReached || state.stage == recipe.stages.count else { return false }
    if ranks.isFirst { try writeModel() }
    return true
  }

  /// One optimiser step; adds it to the state.
  ///
  /// - Returns: the length of the gradient before clipping.
  private func takeStep(
    _ stage: Recipe.Stage, _ source: RowSource, _ workers: GradientWorkers,
    _ repeats: LayerRepeats?
  ) throws -> Double {
    let start = ContinuousClock.now
    let rows = share(of: stage.rowsPerStep, worker: ranks.number, workerCount: ranks.count)
    let batch = source.batch(
      firstRow: state.nextRow + UInt64(rows.lowerBound), rowCount: rows.count,
      workerCount: workerCount)
    let (loss, norm) = workers.run(batch, layerCount: stage.layers, repeats: repeats)
    guard loss.isFinite, norm.isFinite else {
      throw TrainingError(
        "the loss is \(loss) and the gradient norm \(norm) at step \(state.step + 1) "
          + "(data rows from \(state.nextRow)) of stage \"\(stage.name)\"; start again with "
          + "a lower learning rate")
    }
    let limit = Double(recipe.optimizer.maximumGradientNorm)
    optimizer.update(
      gradients: workers.gradients, step: state.step + 1,
      rateScale: stage.rateScale(step: state.stepInStage),
      gradientScale: Float(norm > limit ? limit / norm : 1))
    repeats?.copyParameters(model.parameters)
    state.nextRow += UInt64(stage.rowsPerStep)
    state.add(
      tokens: stage.tokensPerStep, loss: loss, seconds: start.duration(to: .now) / .seconds(1))
    return norm
  }

  /// Reports the step just taken and, where they are due, probes the model and writes a line of
  /// metrics; in the first process.
  private func record(
    _ stage: Recipe.Stage, gradientNorm: Double, isLogged: Bool, probe: InContextProbe?,
    _ report: (Progress) -> Void
  ) throws {
    if let probe, ranks.isFirst {
      accuracies = probe.accuracies(model, workerCount: workerCount)
    }
    let window = state.window ?? TrainingState.Window()
    if isLogged { state.window = nil }
    let progress = Progress(
      state: state, stageName: stage.name, totalTokens: recipe.totalTokens, loss: window.loss,
      gradientNorm: gradientNorm, tokensPerSecond: window.tokensPerSecond,
      secondsLeft: window.seconds
        / (Double(max(1, window.tokens)) * recipe.workPerToken(of: stage))
        * recipe.work(from: state),
      accuracies: accuracies, isLogged: isLogged)
    if isLogged && ranks.isFirst {
      let rate = recipe.optimizer.learningRate * stage.rateScale(step: state.stepInStage - 1)
      try folder.append(Metrics(progress, learningRate: rate, probed: probe != nil))
    }
    if ranks.isFirst { report(progress) }
  }

  /// - Throws: `ConfigurationError` where the goal's prompt does not fit the model.
  private func probe(for goal: InContextProbe.Goal) throws -> InContextProbe {
    let probe = try InContextProbe(
      tokenizer: tokenizer, tasks: [goal.task], questionCount: Self.goalQuestions)
    guard !probe.accuracies(model, workerCount: workerCount).isEmpty else {
      throw ConfigurationError(
        "the goal \"\(goal.task.name)\" needs a longer prompt than the recipe's context_length, "
          + "\(model.configuration.contextLength)")
    }
    return probe
  }

  private func writeModel() throws {
    let card = ModelCard(
      recipe: recipe, start: start, configuration: model.configuration,
      parameterCount: model.parameterCount,
      state: state, workerCount: workerCount,
      accuracies: probe.accuracies(model, workerCount: workerCount))
    try LanguageModel.write(model, tokenizer: tokenizer, card: card.text, to: folder.model)
  }
}

/// A run that cannot go on.
public struct TrainingError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
