import Corpora
import Tokenization
import Training
import Transformer

/// Fresh documents of the kind that the shipped model was pretrained on, about words that no world
/// has; mixed into fine-tuning, they keep the model from forgetting how to read a prompt (arXiv
/// 2502.06042, 2603.04964).
struct Replay: Sendable {
  /// The replayed share of all learned tokens, below 1.
  private let share: Double
  private let source: RowSource
  private var nextRow: UInt64 = 0
  /// The number of tokens that are still to be replayed.
  private var due = 0.0

  /// Tokens of a row.
  static let rowLength = 512

  /// Nil where nothing is to be replayed.
  init?(share: Double, tokenizer: Tokenizer, seed: UInt64) {
    // This stage has whole sentences about up to thirty facts, in rows not much longer than a
    // batch.
    guard share > 0, share < 1,
      let stage = Recipe.standard.stages.last(where: { $0.rowLength == Self.rowLength })
    else { return nil }
    self.share = share
    // Another seed, so that the rows are not those that the model was pretrained on.
    source = RowSource(
      tokenizer: tokenizer, seed: seed ^ 0x5EED_0F4E_97A1, mixture: stage.mixture,
      rowLength: Self.rowLength)
  }

  /// The rows that are due after `tokens` more tokens of other texts.
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
