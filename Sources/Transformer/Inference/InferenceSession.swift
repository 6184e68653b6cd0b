import Kernels

/// Reads a prompt once and then scores or samples what may follow it.
///
/// Only one thread at a time may use a session.
public final class InferenceSession {
  /// The most tokens that run through the model at a time.
  static let rowsPerPass = 512

  public let model: Model
  private let threadCount: Int
  let cache: KeyValueCache
  private let storage: FloatStorage
  private let headStorage: FloatStorage
  /// Logits of the token after the last one read: `[vocabularySize]`.
  private let nextLogits: FloatStorage

  /// - Parameters:
  ///   - capacity: the most tokens of prompt and continuation together; by default, and at most,
  ///     the model's context length.
  ///   - threadCount: the threads that divide the work of each pass.
  public init(_ model: Model, capacity: Int? = nil, threadCount: Int = 1) {
    self.model = model
    self.threadCount = threadCount
    reserveThreads(threadCount)
    let c = model.configuration
    let capacity = min(capacity ?? c.contextLength, c.contextLength)
    cache = KeyValueCache(c, capacity: capacity)
    var arena = Arena()
    _ = Activations(
      &arena, of: model, rows: Self.rowsPerPass, keyCount: capacity, keeping: .nothing,
      threadCount: threadCount)
    storage = FloatStorage(count: arena.count)
    arena = Arena()
    _ = model.weights.head.buffers(&arena, rows: Self.rowsPerPass)
    headStorage = FloatStorage(count: arena.count)
    nextLogits = FloatStorage(count: c.vocabularySize)
  }

  /// Bytes of the buffers of a session of that capacity, without those of sampled branches.
  public static func byteCount(_ model: Model, capacity: Int, threadCount: Int) -> Int {
    let c = model.configuration
    var arena = Arena()
    _ = Activations(
      &arena, of: model, rows: rowsPerPass, keyCount: capacity, keeping: .nothing,
      threadCount: threadCount)
    _ = model.weights.head.buffers(&arena, rows: rowsPerPass)
    return 4 * (arena.count + KeyValueCache.floatsPerToken(c) * capacity)
  }

  /// Tokens read so far.
  public var count: Int { cache.count }
  public var capacity: Int { cache.capacity }

  /// Reads tokens, after those that were read before.
  ///
  /// - Precondition: `count + tokens.count <= capacity`.
  public func read(_ tokens: some Collection<Int32>) {
    let tokens = Array(tokens)
    precondition(count + tokens.count <= capacity, "the prompt is longer than the session")
    for first in stride(from: 0, to: tokens.count, by: Self.rowsPerPass) {
      let part = tokens[first..<min(first + Self.rowsPerPass, tokens.count)]
      let output = append(part)
      let last = logits(output, rows: [Int32(part.count - 1)])
      nextLogits.floats.copy(from: last.row(0))
    }
  }

  /// Forgets all but the first `count` tokens.
  ///
  /// Until the next `read`, there are no logits to sample from.
  public func rewind(to count: Int) {
    precondition(count >= 0 && count <= cache.count)
    cache.count = count
  }

  /// Logits of the token after the last one read: `[vocabularySize]`.
  public var logits: Floats { nextLogits.floats }

  /// A continuation to score: a prompt and a choice, of which only the choice is scored.
  public struct Continuation: Sendable {
    public let prompt: [Int32]
    public let choice: [Int32]

    /// - Precondition: `prompt` is not empty: its last token predicts the first one of the choice.
    public init(prompt: [Int32], choice: [Int32]) {
      precondition(!prompt.isEmpty)
      self.prompt = prompt
      self.choice = choice
    }

    /// Tokens of both.
    public var count: Int { prompt.count + choice.count }
  }

  /// The log-likelihood of each choice, given what was read and its prompt, in nats.
  ///
  /// Nothing is run twice: neither what was read nor the prompt of consecutive continuations that
  /// have the same one, as the choices of a question do. The session's own tokens stay as they
  /// were.
  ///
  /// - Precondition: there is room for each continuation after what was read.
  public func logLikelihoods(_ continuations: [Continuation]) -> [Double] {
    scores(continuations).map(\.logLikelihood)
  }

  /// How likely a choice is.
  public struct Score: Sendable, Equatable {
    /// In nats.
    public var logLikelihood = 0.0
    /// Whether each of its tokens is the likeliest one, so that greedy decoding gives this choice.
    public var isGreedy = true

    mutating func add(_ logits: Floats, target: Int32) {
      logLikelihood += logProbability(logits, target: target)
      if isGreedy { isGreedy = isLargest(logits, target: target) }
    }
  }

  /// The same as `logLikelihoods`, and whether greedy decoding would give each choice.
  ///
  /// - Precondition: there is room for each continuation after what was read.
  public func scores(_ continuations: [Continuation]) -> [Score] {
    var result = [Score](repeating: Score(), count: continuations.count)
    var pass = ScoringPass(past: count)
    for (index, continuation) in continuations.enumerated() {
      precondition(
        count + continuation.count <= capacity, "a continuation is longer than the session")
      if continuation.count > Self.rowsPerPass {
        result[index] = scoreOfLong(continuation)
        continue
      }
      if pass.rowCount(with: continuation) > Self.rowsPerPass { score(&pass, &result) }
      pass.append(continuation, index: index)
    }
    score(&pass, &result)
    return result
  }

  /// Scores a continuation that is too long for one pass: it is read as a prompt is, in several.
  private func scoreOfLong(_ continuation: Continuation) -> Score {
    let tokens = continuation.prompt + continuation.choice
    let predictingRows = continuation.prompt.count - 1..<tokens.count - 1
    let before = count
    var sum = Score()
    for first in stride(from: 0, to: tokens.count, by: Self.rowsPerPass) {
      let part = tokens[first..<min(first + Self.rowsPerPass, tokens.count)]
      let predicting = predictingRows.clamped(to: part.indices)
      let output = append(part)
      let logits = logits(output, rows: predicting.map { Int32($0 - first) })
      for (row, position) in predicting.enumerated() {
        sum.add(logits.row(row), target: tokens[position + 1])
      }
    }
    rewind(to: before)
    return sum
  }

  /// Calls `visit` with the logits after each token of several texts, which all follow what was
  /// read.
  ///
  /// - Parameter visit: takes a text's number, the count of its tokens that were read, from 1 to
  ///   all of them, and the logits of the next token: `[vocabularySize]`.
  /// - Precondition: there is room for each text after what was read.
  public func readAhead(
    _ texts: [[Int32]], visit: (_ text: Int, _ tokens: Int, _ logits: Floats) -> Void
  ) {
    var next = 0
    while next < texts.count {
      let first = next
      var tokens: [Int32] = []
      var segments: [Segment] = []
      while next < texts.count,
        tokens.isEmpty || tokens.count + texts[next].count <= Self.rowsPerPass
      {
        precondition(count + texts[next].count <= capacity, "a text is longer than the session")
        precondition(texts[next].count <= Self.rowsPerPass, "a text is longer than a pass")
        if !texts[next].isEmpty {
          segments.append(Segment(first: tokens.count, count: texts[next].count, past: count))
          tokens += texts[next]
        }
        next += 1
      }
      guard !tokens.isEmpty else { continue }
      let output = forward(tokens[...], segments, .read(cache))
      let logits = logits(output, rows: tokens.indices.map(Int32.init))
      var row = 0
      for text in first..<next {
        for place in texts[text].indices {
          visit(text, place + 1, logits.row(row))
          row += 1
        }
      }
    }
  }

  /// Continuations that run through the model together.
  private struct ScoringPass {
    /// Tokens that the session has read.
    let past: Int
    private(set) var tokens: [Int32] = []
    private(set) var segments: [Segment] = []
    /// The rows whose next token is scored.
    private(set) var predictingRows: [Int32] = []
    /// The tokens to score: whose they are, and which of `predictingRows` predicts each.
    private(set) var targets: [(continuation: Int, token: Int32, predicting: Int)] = []
    /// The prompt of the last continuation, its rows, and the number of the last one among
    /// `predictingRows`.
    private var stem: (prompt: [Int32], rows: Range<Int>, predicting: Int) = ([], 0..<0, 0)

    init(past: Int) { self.past = past }

    /// Rows of the pass with another continuation. The last token of a choice predicts nothing and
    /// is not run.
    func rowCount(with continuation: Continuation) -> Int {
      tokens.count + (continuation.prompt == stem.prompt ? 0 : continuation.prompt.count)
        + continuation.choice.dropLast().count
    }

    mutating func append(_ continuation: Continuation, index: Int) {
      guard let first = continuation.choice.first else { return }
      let row = tokens.count
      if continuation.prompt == stem.prompt {
        tokens += continuation.choice.dropLast()
        if tokens.count > row {
          segments.append(
            Segment(
              first: row, count: tokens.count - row, past: past + stem.rows.count,
              stem: stem.rows))
        }
      } else {
        tokens += continuation.prompt + continuation.choice.dropLast()
        segments.append(Segment(first: row, count: tokens.count - row, past: past))
        stem = (
          continuation.prompt, row..<row + continuation.prompt.count, predictingRows.count
        )
        predictingRows.append(Int32(stem.rows.upperBound - 1))
      }
      targets.append((index, first, stem.predicting))
      let choiceStart = tokens.count - continuation.choice.count + 1
      for (row, token) in zip(choiceStart..., continuation.choice.dropFirst()) {
        targets.append((index, token, predictingRows.count))
        predictingRows.append(Int32(row))
      }
    }
  }

  /// Runs a pass, adds its log-likelihoods to the scores, and empties it.
  private func score(_ pass: inout ScoringPass, _ result: inout [Score]) {
    if pass.tokens.isEmpty { return }
    let output = forward(pass.tokens[...], pass.segments, .read(cache))
    let logits = logits(output, rows: pass.predictingRows)
    for target in pass.targets {
      result[target.continuation].add(logits.row(target.predicting), target: target.token)
    }
    pass = ScoringPass(past: count)
  }

  /// Runs tokens and adds them to those read so far.
  private func append(_ tokens: ArraySlice<Int32>) -> Matrix {
    let segment = Segment(first: 0, count: tokens.count, past: count)
    let output = forward(tokens, [segment], .append(cache))
    cache.count += tokens.count
    return output
  }

  /// Runs tokens through the model.
  ///
  /// - Returns: the residual stream after the last layer, `[tokens, hiddenSize]`, until the next
  ///   pass.
  func forward(
    _ tokens: ArraySlice<Int32>, _ segments: [Segment], _ use: CacheUse
  ) -> Matrix {
    var arena = Arena(storage.floats)
    let activations = Activations(
      &arena, of: model, rows: tokens.count,
      keyCount: segments.map { $0.past + $0.count }.max() ?? 0, keeping: .nothing,
      threadCount: threadCount)
    model.forward(tokens, segments: segments, activations: activations, cache: use)
    return activations.output
  }

  /// The logits after some rows of what `forward` returned: `[rows, vocabularySize]`.
  func logits(_ output: Matrix, rows: [Int32]) -> Matrix {
    var arena = Arena(headStorage.floats)
    let buffers = model.weights.head.buffers(&arena, rows: rows.count)
    gatherRows(output, rows: rows, output: buffers.input)
    model.weights.head.forward(buffers, threadCount: threadCount)
    return buffers.logits
  }
}
