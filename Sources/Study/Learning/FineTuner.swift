import Corpora
import Randomness
import Tokenization
import Training
import Transformer

/// Full-parameter fine-tuning of a copy of a model, which can continue as if it had not ended, so
/// that what two arms have in common is trained once.
struct FineTuner: Sendable {
  /// The model as trained so far, with its cost and its learning curve.
  private(set) var prepared: PreparedModel
  private let settings: FineTuning
  private let tokenizer: Tokenizer
  private let optimizer: Optimizer
  private var random: RandomGenerator
  private var replay: Replay?
  private var step = 0
  /// Tokens of the lessons learned so far, without those replayed.
  private var learned = 0

  /// The epochs at which a learning curve has points, densest at the start.
  private static let watched: [Double] = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]
  /// The number of questions of each split for one point of the curve.
  static let watchedQuestions = 40

  /// Starts with a copy of the model.
  init(_ settings: FineTuning, _ model: Model, _ tokenizer: Tokenizer, seed: UInt64) {
    self.init(
      settings, PreparedModel(model: model.copy()), tokenizer,
      RandomGenerator(seed: seed, keys: 0xF17E))
    replay = Replay(share: settings.replay, tokenizer: tokenizer, seed: seed)
  }

  private init(
    _ settings: FineTuning, _ prepared: PreparedModel, _ tokenizer: Tokenizer,
    _ random: RandomGenerator
  ) {
    self.settings = settings
    self.prepared = prepared
    self.tokenizer = tokenizer
    self.random = random
    optimizer = Optimizer(
      prepared.model,
      settings: OptimizerSettings(learningRate: settings.learningRate, beta2: 0.999),
      workerCount: 1)
  }

  /// Another tuner that continues from the same state, with an empty learning curve.
  func copy() -> FineTuner {
    var prepared = prepared
    prepared.model = prepared.model.copy()
    prepared.curve = []
    var copy = FineTuner(settings, prepared, tokenizer, random)
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
    let model = prepared.model
    let rows = lessons.map {
      TrainingRow($0, tokenizer, contextLength: model.configuration.contextLength)
    }
    guard !rows.isEmpty else { return }
    let workers = GradientWorkers(
      model, workerCount: 1,
      rowLength: max(
        rows.map(\.tokens.count).max() ?? 1, replay == nil ? 1 : Replay.rowLength),
      tokensPerChunk: 512)
    let epochTokens = rows.reduce(0) { $0 + $1.tokens.count }
    let goal = goal ?? settings.epochs * epochTokens
    var unwatched =
      accuracies == nil
      ? []
      : (Self.watched.filter { $0 < Double(settings.epochs) } + [Double(settings.epochs)])
        .map { Int($0 * Double(epochTokens)) }
    func watch(_ prepared: inout PreparedModel) throws {
      let count = unwatched.count
      unwatched.removeAll { $0 <= learned }
      guard unwatched.count < count, let now = try accuracies?(model) else { return }
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
        let start = ContinuousClock.now
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
        prepared.cost.seconds += start.duration(to: .now) / .seconds(1)
        try watch(&prepared)
      }
    }
  }
}
