import Corpora
import Randomness
import Tokenization
import Training
import Transformer

/// Full-parameter fine-tuning on documents: AdamW, constant rate, loss on whole documents.
///
/// The same settings serve every arm and dataset. They were chosen on validation worlds by the
/// accuracy on `trained` and `rephrased` questions alone.
public struct FineTuning: Codable, Sendable, Equatable {
  public var learningRate: Float = 2e-3
  public var epochs = 2
  /// A batch ends with the document that reaches so many tokens, so that datasets of long articles take
  /// as many steps for their tokens as those of short ones.
  public var tokensPerBatch = 160
  /// Whether documents are split into sentences first; not chosen by validation.
  public var splitting = SentenceSplitting.none

  public init() {}

  /// The epochs after which the accuracies are taken that make a learning curve; early ones count.
  private static let watched: [Double] = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]
  private static let watchedQuestions = 40

  /// The tokens of each document, cut where the context ends.
  static func rows(_ bench: Bench, _ documents: [String]) -> [[Int32]] {
    documents.map { document in
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
    let rows = Self.rows(bench, documents)
    guard !rows.isEmpty else { return prepared }
    let longest = rows.map(\.count).max() ?? 1
    let workers = GradientWorkers(
      model, workerCount: 1, rowLength: longest, tokensPerChunk: 512)
    let optimizer = Optimizer(
      model, settings: OptimizerSettings(learningRate: learningRate, beta2: 0.999),
      workerCount: 1)
    var random = RandomGenerator(seed: bench.seed, keys: 0xF17E)
    let epochTokens = rows.reduce(0) { $0 + $1.count }
    var unwatched =
      watches
      ? (Self.watched.filter { $0 < Double(epochs) } + [Double(epochs)])
        .map { Int($0 * Double(epochTokens)) } : []
    func watch(_ step: Int) throws {
      let count = unwatched.count
      unwatched.removeAll { $0 <= prepared.tokensTrained }
      guard unwatched.count < count else { return }
      let accuracies = try Scoring(arm: "fine-tuned", bench: bench).accuracies(
        Prepared(model: model), limit: Self.watchedQuestions)
      // A step may pass several of them; every world has as many points, to be averaged.
      for _ in unwatched.count..<count {
        prepared.curve.append(
          CurvePoint(x: Double(step), place: prepared.curve.count, accuracies: accuracies))
      }
    }
    try watch(0)
    let goal = dose ?? epochs * epochTokens
    var seconds = 0.0
    var step = 0
    while prepared.tokensTrained < goal {
      var rest = random.shuffled(rows)[...]
      while !rest.isEmpty, prepared.tokensTrained < goal {
        let start = ContinuousClock.now
        let chosen = takeBatch(from: &rest)
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

  /// The next documents, up to the one that fills the batch.
  func takeBatch(from rest: inout ArraySlice<[Int32]>) -> [[Int32]] {
    precondition(tokensPerBatch > 0)
    var batch: [[Int32]] = []
    var tokens = 0
    while tokens < tokensPerBatch, let document = rest.popFirst() {
      batch.append(document)
      tokens += document.count
    }
    return batch
  }
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
