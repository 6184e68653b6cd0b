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

  public init() {}

  /// Trains a copy of the bench's model.
  ///
  /// - Throws: `TrainingError` where the loss stops being a number.
  func train(_ bench: Bench, on documents: [String]) throws -> Prepared {
    let start = ContinuousClock.now
    let model = bench.model.copy()
    let rows = documents.map { bench.tokenizer.prompt([$0]) }
      .map { Array($0.prefix(model.configuration.contextLength)) }
    let longest = rows.map(\.count).max() ?? 1
    let workers = GradientWorkers(
      model, workerCount: 1, rowLength: longest, tokensPerChunk: documentsPerBatch * longest)
    let optimizer = Optimizer(
      model, settings: OptimizerSettings(learningRate: learningRate, beta2: 0.999),
      workerCount: 1)
    var random = RandomGenerator(seed: bench.seed, keys: 0xF17E)
    var step = 0
    var tokens = 0
    for _ in 0..<epochs {
      let order = random.shuffled(Array(rows.indices))
      for first in stride(from: 0, to: order.count, by: documentsPerBatch) {
        let chosen = order[first..<min(first + documentsPerBatch, order.count)].map { rows[$0] }
        let (loss, norm) = workers.run(Batch(documents: chosen))
        guard loss.isFinite, norm.isFinite else {
          throw TrainingError(
            "fine-tuning: the loss is \(loss) at step \(step + 1); lower the learning rate")
        }
        step += 1
        tokens += chosen.reduce(0) { $0 + $1.count }
        optimizer.update(
          gradients: workers.gradients, step: step, gradientScale: Float(norm > 1 ? 1 / norm : 1))
      }
    }
    return Prepared(
      model: model, tokensTrained: tokens, secondsTrain: start.duration(to: .now) / .seconds(1))
  }
}

extension Batch {
  /// One document a row, padded at the end with tokens of weight zero.
  init(documents: [[Int32]]) {
    let length = max(1, (documents.map(\.count).max() ?? 2) - 1)
    var tokens: [Int32] = []
    var targets: [Int32] = []
    var weights: [Float] = []
    for document in documents {
      let count = max(0, document.count - 1)
      let padding = length - count
      tokens += document.prefix(count) + [Int32](repeating: 0, count: padding)
      targets += document.dropFirst() + [Int32](repeating: 0, count: padding)
      weights += [Float](repeating: 1, count: count) + [Float](repeating: 0, count: padding)
    }
    self.init(rowLength: length, tokens: tokens, targets: targets, weights: weights)
  }
}
