import Corpora
import Kernels
import Randomness
import Tokenization
import Transformer

/// A user's documents as rows of tokens to learn from.
///
/// A document longer than a row continues in the next row.
struct DocumentRows: Sendable {
  /// The tokens of all rows, one row after the other; a row's last token is only a target.
  private let tokens: [Int32]
  private let rows: [Row]

  private struct Row: Sendable {
    let tokens: Range<Int>
    /// The index in `tokens` of the first target that has a loss.
    let learnedFrom: Int
    /// The number of tokens that the model reads.
    var length: Int { tokens.count - 1 }
  }

  /// - Parameters:
  ///   - rowLength: the maximum number of tokens per row.
  ///   - learnsPrompts: whether prompts have a loss, as completions do.
  init(
    _ documents: [UserDocument], tokenizer: Tokenizer, rowLength: Int, learnsPrompts: Bool,
    workerCount: Int
  ) {
    let encoded = concurrently(workerCount: workerCount) { worker in
      share(of: documents.count, worker: worker, workerCount: workerCount).map { index in
        EncodedDocument(
          prompt: documents[index].prompt, completion: documents[index].completion, tokenizer,
          frame: .document, learnsPrompt: learnsPrompts)
      }
    }
    var tokens: [Int32] = []
    var rows: [Row] = []
    for document in encoded.joined() {
      let first = tokens.count
      tokens += document.tokens
      var place = first
      while place < tokens.count - 1 {
        let end = min(place + rowLength + 1, tokens.count)
        let learnedFrom = max(first + document.readCount, place + 1)
        if learnedFrom < end { rows.append(Row(tokens: place..<end, learnedFrom: learnedFrom)) }
        place = end - 1
      }
    }
    self.tokens = tokens
    self.rows = rows
  }

  var count: Int { rows.count }
  /// Tokens of the longest row; 1 where there are none.
  var longest: Int { rows.reduce(1) { max($0, $1.length) } }
  /// Tokens of all rows.
  var tokenCount: Int { rows.reduce(0) { $0 + $1.length } }

  /// A hash of these rows: FNV-1a over their tokens and which of these have a loss.
  var digest: UInt64 {
    var hash = FNV1a()
    func add(_ value: Int) { hash.combine(UInt64(truncatingIfNeeded: value)) }
    for row in rows {
      add(row.length)
      add(row.learnedFrom - row.tokens.lowerBound)
      for token in tokens[row.tokens] { add(Int(token)) }
    }
    return hash.value
  }

  /// The rows with these numbers, in this order.
  func batch(_ numbers: some Sequence<Int32>) -> Batch {
    let chosen = numbers.map { rows[Int($0)] }
    return Batch(
      rowLengths: chosen.map(\.length), tokens: chosen.flatMap { tokens[$0.tokens].dropLast() },
      targets: chosen.flatMap { tokens[$0.tokens].dropFirst() },
      weights: chosen.flatMap { row in
        (row.tokens.lowerBound + 1..<row.tokens.upperBound).map { $0 < row.learnedFrom ? 0 : 1 }
      })
  }

  /// Which rows each step of a run learns from.
  struct Plan: Sendable {
    /// The numbers of the rows, epoch after epoch, each epoch in its own order.
    fileprivate(set) var order: [Int32] = []
    /// Where each step's rows end in `order`.
    fileprivate(set) var ends: [Int] = []
    /// The tokens of each step.
    fileprivate(set) var tokens: [Int] = []

    /// The range of a step's rows in `order`.
    func range(of step: Int) -> Range<Int> { (step == 0 ? 0 : ends[step - 1])..<ends[step] }
  }

  /// Divides the epochs into steps; a step ends with the row that reaches `tokensPerStep` tokens,
  /// and with its epoch.
  func plan(epochs: Int, tokensPerStep: Int, seed: UInt64) -> Plan {
    var plan = Plan()
    let numbers = (0..<Int32(rows.count)).map { $0 }
    for epoch in 0..<epochs {
      var random = RandomGenerator(seed: seed, keys: 0xD0C5, UInt64(epoch))
      var tokens = 0
      func endStep() {
        if tokens > 0 {
          plan.ends.append(plan.order.count)
          plan.tokens.append(tokens)
          tokens = 0
        }
      }
      for number in random.shuffled(numbers) {
        plan.order.append(number)
        tokens += rows[Int(number)].length
        if tokens >= tokensPerStep { endStep() }
      }
      endStep()
    }
    return plan
  }
}
