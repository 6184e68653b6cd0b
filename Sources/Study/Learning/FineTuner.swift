import Corpora
import Randomness
import Training
import Transformer

/// A fine-tuning that can go on as if it had not ended, so that what two arms have in common is
/// trained once.
struct FineTuner: Sendable {
  /// The model as it stands, with what it has cost and its accuracies along the way.
  private(set) var prepared: PreparedModel
  private let settings: FineTuning
  private let optimizer: Optimizer
  private var random: RandomGenerator
  private var replay: Replay?
  private var step = 0
  /// Tokens of the lessons learned so far, without those replayed.
  private var learned = 0

  /// The epochs after which the accuracies are taken that make a learning curve; early ones count.
  private static let watched: [Double] = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]
  private static let watchedQuestions = 40

  /// At its beginning, with a copy of the trial's model.
  init(_ settings: FineTuning, _ trial: Trial) {
    self.init(
      settings, PreparedModel(model: trial.model.copy()),
      RandomGenerator(seed: trial.seed, keys: 0xF17E))
    replay = Replay(share: settings.replay, tokenizer: trial.tokenizer, seed: trial.seed)
  }

  private init(_ settings: FineTuning, _ prepared: PreparedModel, _ random: RandomGenerator) {
    self.settings = settings
    self.prepared = prepared
    self.random = random
    optimizer = Optimizer(
      prepared.model,
      settings: OptimizerSettings(learningRate: settings.learningRate, beta2: 0.999),
      workerCount: 1)
  }

  /// Another tuner that goes on from here, without the accuracies along the way.
  func copy() -> FineTuner {
    var prepared = prepared
    prepared.model = prepared.model.copy()
    prepared.curve = []
    var copy = FineTuner(settings, prepared, random)
    copy.step = step
    copy.learned = learned
    copy.replay = replay
    copy.optimizer.moments.first.copy(from: optimizer.moments.first)
    copy.optimizer.moments.second.copy(from: optimizer.moments.second)
    return copy
  }

  /// Trains until so many tokens of lessons are learned, those of before counted.
  ///
  /// - Parameters:
  ///   - goal: those of the settings' epochs where nil.
  ///   - watches: whether it takes the accuracy of every split along the way.
  /// - Throws: `TrainingError` where the loss stops being a number.
  mutating func train(
    _ trial: Trial, on lessons: [Lesson], until goal: Int? = nil, watches: Bool = false
  ) throws {
    let rows = lessons.map { TrainingRow($0, trial) }
    guard !rows.isEmpty else { return }
    let model = prepared.model
    let workers = GradientWorkers(
      model, workerCount: 1,
      rowLength: max(
        rows.map(\.tokens.count).max() ?? 1, replay == nil ? 1 : Replay.rowLength),
      tokensPerChunk: 512)
    let epochTokens = rows.reduce(0) { $0 + $1.tokens.count }
    let goal = goal ?? settings.epochs * epochTokens
    var unwatched =
      watches
      ? (Self.watched.filter { $0 < Double(settings.epochs) } + [Double(settings.epochs)])
        .map { Int($0 * Double(epochTokens)) } : []
    func watch(_ prepared: inout PreparedModel) throws {
      let count = unwatched.count
      unwatched.removeAll { $0 <= learned }
      guard unwatched.count < count else { return }
      let accuracies = try Scoring(arm: "fine-tuned", trial: trial).accuracies(
        PreparedModel(model: model), limit: Self.watchedQuestions)
      // A step may pass several of them; every world has as many points, to be averaged.
      for _ in unwatched.count..<count {
        prepared.curve.append(
          CurvePoint(x: Double(step), place: prepared.curve.count, accuracies: accuracies))
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
        prepared.tokensTrained += tokens
        prepared.operationsTrain +=
          3
          * model.configuration.operations(
            tokens: Double(tokens), context: Double(tokens) / Double(2 * chosen.count))
        optimizer.update(
          gradients: workers.gradients, step: step, gradientScale: Float(norm > 1 ? 1 / norm : 1))
        prepared.secondsTrain += start.duration(to: .now) / .seconds(1)
        try watch(&prepared)
      }
    }
  }
}
