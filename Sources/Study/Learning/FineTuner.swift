import Corpora
import Kernels
import Randomness
import Tokenization
import Training
import Transformer

/// Fine-tuning of a copy of a model, or of an adapter on it, which can continue as if it had not
/// ended, so that what two arms have in common is trained once.
struct FineTuner: Sendable {
  /// The model as trained so far, with its cost and its learning curve.
  private(set) var prepared: PreparedModel
  private let settings: FineTuning
  private let tokenizer: Tokenizer
  /// What is trained: a copy of the model, or the adapter on the model itself.
  private let model: Model
  private let adapter: Adapter?
  private let optimizer: Optimizer
  private let threadCount: Int
  private var random: RandomGenerator
  private var replay: Replay?
  private var step = 0
  /// Tokens of the lessons learned so far, without those replayed.
  private var learned = 0

  /// The epochs at which a learning curve has points, densest at the start.
  private static let watched: [Double] = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]
  /// The number of questions of each split for one point of the curve.
  static let watchedQuestions = 40

  /// The epochs at which a curve of that many epochs has points.
  static func watchedEpochs(of epochs: Int) -> [Double] {
    watched.filter { $0 < Double(epochs) } + [Double(epochs)]
  }

  /// The tokens that run through the model at a time.
  static let tokensPerChunk = 512

  /// Starts with a trial's model.
  ///
  /// - Throws: `ConfigurationError` where the settings' adapter does not fit the model.
  init(_ trial: Trial) throws {
    let adapter = try trial.fineTuning.adapterPlan.map {
      try Adapter($0, on: trial.model.configuration)
    }
    adapter?.initialize(seed: trial.seed)
    self.init(
      trial.fineTuning, trial.tokenizer, PreparedModel(model: trial.model),
      adapter == nil ? trial.model.copy() : trial.model, adapter,
      RandomGenerator(seed: trial.seed, keys: 0xF17E), threadCount: trial.threadCount)
    replay = Replay(
      share: settings.replay, tokenizer: tokenizer, seed: trial.seed)
  }

  private init(
    _ settings: FineTuning, _ tokenizer: Tokenizer, _ prepared: PreparedModel, _ model: Model,
    _ adapter: Adapter?, _ random: RandomGenerator, threadCount: Int
  ) {
    self.settings = settings
    self.prepared = prepared
    self.tokenizer = tokenizer
    self.model = model
    self.adapter = adapter
    self.random = random
    self.threadCount = threadCount
    optimizer = Optimizer(
      model, adapter: adapter,
      settings: OptimizerSettings(learningRate: settings.learningRate, beta2: 0.999),
      workerCount: threadCount)
  }

  /// A model with an adapter, if there is one.
  private static func merged(_ model: Model, _ adapter: Adapter?) -> Model {
    guard let adapter else { return model }
    let merged = model.copy()
    adapter.merge(into: merged)
    return merged
  }

  /// Another tuner that continues from the same state, with an empty learning curve.
  func copy() throws -> FineTuner {
    var prepared = prepared
    prepared.curve = []
    let adapterCopy = try adapter.map { try Adapter($0.settings, on: model.configuration) }
    if let adapter { adapterCopy?.parameters.copy(from: adapter.parameters) }
    var copy = FineTuner(
      settings, tokenizer, prepared, adapter == nil ? model.copy() : model, adapterCopy, random,
      threadCount: threadCount)
    copy.step = step
    copy.learned = learned
    copy.replay = replay
    copy.optimizer.moments.first.copy(from: optimizer.moments.first)
    copy.optimizer.moments.second.copy(from: optimizer.moments.second)
    return copy
  }

  /// Trains until `goal` tokens of lessons are learned, including earlier ones.
  ///
  /// - Parameters:
  ///   - goal: nil for the tokens of the settings' epochs.
  ///   - accuracies: measures the accuracy on each split, for the points of the learning curve.
  /// - Throws: `TrainingError` where the loss stops being a number.
  mutating func train(
    on lessons: [Lesson], until goal: Int? = nil,
    accuracies: ((Model) throws -> [String: Double])? = nil
  ) throws {
    let (model, adapter) = (model, adapter)
    let rows = lessons.map {
      TrainingRow($0, tokenizer, contextLength: model.configuration.contextLength)
    }
    guard !rows.isEmpty else { return }
    let workers = GradientWorkers(
      model, adapter: adapter, workerCount: 1,
      rowLength: max(
        rows.map(\.tokens.count).max() ?? 1, replay == nil ? 1 : Replay.rowLength),
      tokensPerChunk: Self.tokensPerChunk, threadCount: threadCount)
    let epochTokens = rows.reduce(0) { $0 + $1.tokens.count }
    let goal = goal ?? settings.epochs * epochTokens
    var unwatched =
      accuracies == nil
      ? [] : Self.watchedEpochs(of: settings.epochs).map { Int($0 * Double(epochTokens)) }
    func watch(_ prepared: inout PreparedModel) throws {
      let count = unwatched.count
      unwatched.removeAll { $0 <= learned }
      guard unwatched.count < count, let now = try accuracies?(Self.merged(model, adapter))
      else { return }
      // A step may pass several points; all are recorded, so that the points of every world can be
      // averaged.
      for _ in unwatched.count..<count {
        prepared.curve.append(
          CurvePoint(x: Double(step), place: prepared.curve.count, accuracies: now))
      }
    }
    try watch(&prepared)
    while learned < goal {
      var rest = random.shuffled(rows)[...]
      while !rest.isEmpty, learned < goal {
        let start = ProcessorTime.seconds
        var chosen = settings.takeBatch(from: &rest)
        let fresh = chosen.reduce(0) { $0 + $1.tokens.count }
        learned += fresh
        chosen += replay?.rows(after: fresh) ?? []
        let (loss, norm) = workers.run(Batch(chosen))
        guard loss.isFinite, norm.isFinite else {
          throw TrainingError(
            "fine-tuning: the loss is \(loss) at step \(step + 1); lower the learning rate")
        }
        step += 1
        let tokens = chosen.reduce(0) { $0 + $1.tokens.count }
        prepared.cost.tokensTrained += tokens
        prepared.cost.operations +=
          3
          * model.configuration.operations(
            tokens: Double(tokens), context: Double(tokens) / Double(2 * chosen.count))
        optimizer.update(
          gradients: workers.gradients, step: step, gradientScale: Float(norm > 1 ? 1 / norm : 1))
        prepared.cost.seconds += ProcessorTime.seconds - start
        ArmProgress.report(.training, min(learned, goal), of: goal, loss: loss)
        try watch(&prepared)
      }
    }
    prepared.model = Self.merged(model, adapter)
  }
}
