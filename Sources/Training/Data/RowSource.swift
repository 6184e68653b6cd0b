import Corpora
import Kernels
import Tokenization
import Transformer

/// Rows of pretraining data: documents tokenised and packed end to end.
///
/// A row depends only on the seed, its number and the mixture, so rows are the same whichever
/// worker makes them, and a resumed run continues where it stopped.
public struct RowSource: Sendable {
  let tokenizer: Tokenizer
  let seed: UInt64
  let mixture: Mixture
  let rowLength: Int

  /// The weight of the loss on a sentence's opening. Which fact comes next is mostly chance, but a
  /// model that is to generate sentences has to learn how they begin.
  static let openingWeight: Float = 0.1

  public init(tokenizer: Tokenizer, seed: UInt64, mixture: Mixture, rowLength: Int) {
    self.tokenizer = tokenizer
    self.seed = seed
    self.mixture = mixture
    self.rowLength = rowLength
  }

  /// The rows of one step, made by all workers in parallel.
  public func batch(firstRow: UInt64, rowCount: Int, workerCount: Int) -> Batch {
    let parts = concurrently(workerCount: workerCount) { worker in
      share(of: rowCount, worker: worker, workerCount: workerCount).map {
        row(firstRow + UInt64($0))
      }
    }
    let rows = parts.flatMap { $0 }
    return Batch(
      rowLength: rowLength, tokens: rows.flatMap(\.tokens), targets: rows.flatMap(\.targets),
      weights: rows.flatMap(\.weights))
  }

  /// One row: an end-of-text token before each document, every sentence after a space, the last
  /// document cut where the row ends.
  func row(_ index: UInt64) -> (tokens: [Int32], targets: [Int32], weights: [Float]) {
    var documents = DocumentStream(seed: seed, row: index, mixture: mixture)
    var tokens: [Int32] = []
    var weights: [Float] = []
    tokens.reserveCapacity(rowLength + 64)
    weights.reserveCapacity(rowLength + 64)
    while tokens.count <= rowLength {
      tokens.append(tokenizer.endOfText)
      weights.append(0)
      for sentence in documents.next().sentences where tokens.count <= rowLength {
        let opening = tokenizer.encode(" " + sentence.opening)
        let answer = tokenizer.encode(sentence.answer)
        tokens += opening
        tokens += answer
        weights += repeatElement(
          sentence.isLearned ? Self.openingWeight : 0, count: opening.count)
        weights += repeatElement(sentence.isLearned ? 1 : 0, count: answer.count)
      }
    }
    return (
      Array(tokens[..<rowLength]), Array(tokens[1...rowLength]), Array(weights[1...rowLength])
    )
  }
}
