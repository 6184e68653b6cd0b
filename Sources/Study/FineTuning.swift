import Corpora
import Randomness
import Tokenization
import Training
import Transformer

/// Full-parameter fine-tuning on documents: AdamW, constant rate, loss on whole documents.
///
/// The same settings serve every arm. They were chosen on validation worlds by the accuracy on
/// `trained` and `rephrased` questions alone.
public struct FineTuning: Codable, Sendable, Equatable {
  public var learningRate: Float = 3e-4
  public var epochs = 5
  public var documentsPerBatch = 10
  /// Whether documents are split into sentences first; not chosen by validation.
  public var splitting = SentenceSplitting.none

  public init() {}

  /// The epochs after which the accuracies are taken that make a learning curve; early ones count.
  private static let watched: [Double] = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]
  private static let watchedQuestions = 40

  /// The tokens of each document, cut where the context ends.
  func rows(_ bench: Bench, _ documents: [String]) -> [[Int32]] {
    splitting.documents(documents).map { document in
      Array(
        bench.tokenizer.prompt([document]).prefix(bench.model.configuration.contextLength))
    }
  }

  /// Trains a copy of the bench's model.
  ///
  /// - Parameters:
  ///   - dose: as many tokens as the training shall have; `epochs` decides where nil.
  ///   - watches: takes the accuracy of every split along the way.
  /// - Throws: `TrainingError` where the loss stops being a number.
  func train(
    _ bench: Bench, on documents: [String], dose: Int? = nil, watches: Bool = false
  ) throws -> Prepared {
    var prepared = Prepared(model: bench.model.copy())
    let model = prepared.model
    let rows = rows(bench, documents)
    guard !rows.isEmpty else { return prepared }
    let longest = rows.map(\.count).max() ?? 1
    let workers = GradientWorkers(
      model, workerCount: 1, rowLength: longest, tokensPerChunk: 512)
    let optimizer = Optimizer(
      model, settings: OptimizerSettings(learningRate: learningRate, beta2: 0.999),
      workerCount: 1)
    var random = RandomGenerator(seed: bench.seed, keys: 0xF17E)
    let stepsPerEpoch = (rows.count + documentsPerBatch - 1) / documentsPerBatch
    let watched = Set(
      watches
        ? (Self.watched.filter { $0 < Double(epochs) } + [Double(epochs)])
          .map { Int($0 * Double(stepsPerEpoch)) } : [])
    func watch(_ step: Int) throws {
      guard watched.contains(step) else { return }
      prepared.curve.append(
        CurvePoint(
          x: Double(step),
          accuracies: try Scoring(arm: "fine-tuned", bench: bench).accuracies(
            Prepared(model: model), limit: Self.watchedQuestions)))
    }
    try watch(0)
    let goal = dose ?? epochs * rows.reduce(0) { $0 + $1.count }
    var seconds = 0.0
    var step = 0
    while prepared.tokensTrained < goal {
      let order = random.shuffled(Array(rows.indices))
      for first in stride(from: 0, to: order.count, by: documentsPerBatch)
      where prepared.tokensTrained < goal {
        let start = ContinuousClock.now
        let chosen = order[first..<min(first + documentsPerBatch, order.count)].map { rows[$0] }
        let (loss, norm) = workers.run(Batch(documents: chosen))
        guard loss.isFinite, norm.isFinite else {
          throw TrainingError(
            "fine-tuning: the loss is \(loss) at step \(step + 1); lower the learning rate")
        }
        step += 1
        let tokens = chosen.reduce(0) { $0 + $1.count }
        prepared.tokensTrained += tokens
        prepared.operationsTrain +=
          3
          * model.configuration.operations(
            tokens: Double(tokens), context: Double(tokens) / Double(2 * chosen.count))
        optimizer.update(
          gradients: workers.gradients, step: step, gradientScale: Float(norm > 1 ? 1 / norm : 1))
        seconds += start.duration(to: .now) / .seconds(1)
        try watch(step)
      }
    }
    prepared.secondsTrain = seconds
    return prepared
  }
}

extension FineTuning {
  /// The settings of a dataset: for now those that were chosen on validation worlds of `reversal`.
  public static let standard: @Sendable (Dataset) -> FineTuning = { _ in FineTuning() }
}

extension Batch {
  /// One document a row.
  init(documents: [[Int32]]) {
    let documents = documents.filter { $0.count > 1 }
    let tokens = documents.flatMap { $0.dropLast() }
    self.init(
      rowLengths: documents.map { $0.count - 1 }, tokens: tokens,
      targets: documents.flatMap { $0.dropFirst() },
      weights: [Float](repeating: 1, count: tokens.count))
  }
}
