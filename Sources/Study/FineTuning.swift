import Corpora
import Tokenization
import Training
import Transformer

/// Full-parameter fine-tuning on documents: AdamW, constant rate, loss on whole documents.
///
/// The same settings serve every arm and dataset. They were chosen on validation worlds by the
/// accuracy on `trained` and `rephrased` questions, and by the time they take; by nothing that is to be shown.
public struct FineTuning: Codable, Sendable, Equatable {
  public var learningRate: Float = 2e-3
  public var epochs = 2
  /// A batch ends with the document that reaches so many tokens, so that datasets of long articles take
  /// as many steps for their tokens as those of short ones.
  public var tokensPerBatch = 160
  /// Whether documents are split into sentences first; not chosen by validation.
  public var splitting = SentenceSplitting.none

  public init() {}

  /// The tokens of each document, cut where the context ends.
  static func rows(_ bench: Bench, _ documents: [String]) -> [[Int32]] {
    documents.map { document in
      Array(
        bench.tokenizer.prompt([document]).prefix(bench.model.configuration.contextLength))
    }
  }

  /// Trains a copy of the bench's model.
  ///
  /// - Throws: `TrainingError` where the loss stops being a number.
  func train(_ bench: Bench, on documents: [String]) throws -> Prepared {
    var course = FineTuningCourse(self, bench)
    try course.train(bench, on: documents)
    return course.prepared
  }

  /// The tokens that training on documents has, each epoch's counted.
  func dose(of documents: [String], _ bench: Bench) -> Int {
    epochs * Self.rows(bench, documents).reduce(0) { $0 + $1.count }
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
