import Corpora
import Tokenization
import Training
import Transformer

/// Fresh documents of the kind that the shipped model was pretrained on, about words that no world
/// has, to be mixed into fine-tuning so that the model does not forget how to read a prompt (arXiv
/// 2502.06042, 2603.04964).
struct Replay: Sendable {
  /// The share of all tokens learned that are to be replayed, below 1.
  private let share: Double
  private let source: RowSource
  private var nextRow: UInt64 = 0
  /// Tokens that are still to be replayed.
  private var due = 0.0

  /// Tokens of a row.
  static let rowLength = 512

  /// Nil where nothing is to be replayed.
  init?(share: Double, tokenizer: Tokenizer, seed: UInt64) {
    // Whole sentences about up to thirty facts, in rows that are not much longer than a batch.
    guard share > 0, share < 1,
      let stage = Recipe.standard.stages.last(where: { $0.rowLength == Self.rowLength })
    else { return nil }
    self.share = share
    // Not the rows that the model has seen.
    source = RowSource(
      tokenizer: tokenizer, seed: seed ^ 0x5EED_0F4E_97A1, mixture: stage.mixture,
      rowLength: Self.rowLength)
  }

  /// The rows that are due after so many more tokens of other texts.
  mutating func rows(after tokens: Int) -> [TrainingRow] {
    due += Double(tokens) * share / (1 - share)
    var rows: [TrainingRow] = []
    while due >= Double(Self.rowLength) {
      due -= Double(Self.rowLength)
      let batch = source.batch(firstRow: nextRow, rowCount: 1, workerCount: 1)
      nextRow += 1
      rows.append(
        TrainingRow(tokens: batch.tokens + batch.targets.suffix(1), weights: batch.weights))
    }
    return rows
  }
}
