import Kernels

/// Reads a prompt once and then scores or samples what may follow it.
///
/// One thread at a time may use a session.
public final class InferenceSession {
  /// Tokens run through the model at a time.
  static let rowsPerPass = 512

  public let model: Model
  let cache: KeyValueCache
  private let storage: FloatStorage
  private let headStorage: FloatStorage
  /// Log-probabilities of the token after the last one read, before normalisation.
  private let nextLogits: FloatStorage

  /// - Parameter capacity: the most tokens of prompt and continuation together; the model's context
  ///   length where not given.
  public init(_ model: Model, capacity: Int? = nil) {
    self.model = model
    let c = model.configuration
    let capacity = min(capacity ?? c.contextLength, c.contextLength)
    cache = KeyValueCache(c, capacity: capacity)
    var arena = Arena()
    _ = Activations(
      &arena, configuration: c, rows: Self.rowsPerPass, keyCount: capacity, keeping: .nothing)
    storage = FloatStorage(count: arena.count)
    arena = Arena()
    _ = HeadBuffers(&arena, c, rows: Self.rowsPerPass)
    headStorage = FloatStorage(count: arena.count)
    nextLogits = FloatStorage(count: c.vocabularySize)
  }

  private struct HeadBuffers {
    let input, normed, logits: Matrix
    let inverse: Floats
    init(_ arena: inout Arena, _ c: Configuration, rows: Int) {
      input = arena.matrix(rows: rows, columns: c.hiddenSize)
      normed = arena.matrix(rows: rows, columns: c.hiddenSize)
      inverse = arena.vector(rows)
      logits = arena.matrix(rows: rows, columns: c.vocabularySize)
    }
  }

  /// Tokens read so far.
  public var count: Int { cache.count }
  public var capacity: Int { cache.capacity }

  /// Reads tokens; what follows is conditioned on them.
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

  /// A continuation to score: only the tokens of the choice count.
  public struct Continuation: Sendable {
    public let prompt: [Int32]
    public let choice: [Int32]

    /// - Precondition: `prompt` is not empty, as its last token is what predicts the first choice.
    public init(prompt: [Int32], choice: [Int32]) {
      precondition(!prompt.isEmpty)
      self.prompt = prompt
      self.choice = choice
    }

    /// Tokens of both.
    public var count: Int { prompt.count + choice.count }
  }

  /// The log-likelihood of each continuation's scored tokens given all that was read, in nats.
  ///
  /// Nothing is run twice: neither what was read nor, where consecutive continuations have the same
  /// prompt, as the choices of a question have, that prompt. What the session has read is left as
  /// it was.
  ///
  /// - Precondition: each continuation fits behind what was read.
  public func logLikelihoods(_ continuations: [Continuation]) -> [Double] {
    scores(continuations).map(\.logLikelihood)
  }

  /// How a continuation's scored tokens follow what was read.
  public struct Score: Sendable, Equatable {
    /// In nats.
    public var logLikelihood = 0.0
    /// Whether each is the likeliest at its place, so that greedy decoding gives just these.
    public var isGreedy = true

    mutating func add(_ logits: Floats, target: Int32) {
      logLikelihood += logProbability(logits, target: target)
      if isGreedy { isGreedy = isLargest(logits, target: target) }
    }
  }

  /// The same, and whether greedy decoding would give the tokens.
  ///
  /// - Precondition: each continuation fits behind what was read.
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

  /// A continuation that is too long for one pass is read in several, as if it were a prompt.
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

  /// The logits after each token of several texts that all stand after what was read.
  ///
  /// - Parameter visit: is given a text's number, the number of its tokens that were read, from 1 to all
  ///   of them, and the logits of the next token: `[vocabularySize]`.
  /// - Precondition: each text fits behind what was read.
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

  /// Continuations that go through the model together.
  private struct ScoringPass {
    /// Tokens of the sequences that the session has read.
    let past: Int
    private(set) var tokens: [Int32] = []
    private(set) var segments: [Segment] = []
    /// The rows whose next token counts.
    private(set) var predictingRows: [Int32] = []
    /// Which continuation's token counts after which of `predictingRows`.
    private(set) var targets: [(continuation: Int, token: Int32, predicting: Int)] = []
    /// The prompt of the last continuation, its rows, and which of `predictingRows` its last one
    /// is.
    private var stem: (prompt: [Int32], rows: Range<Int>, predicting: Int) = ([], 0..<0, 0)

    init(past: Int) { self.past = past }

    /// Rows of the pass after another continuation. The last token of a choice predicts nothing
    /// that counts and is not run.
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
      let own = tokens.count - continuation.choice.count + 1
      for (row, token) in zip(own..., continuation.choice.dropFirst()) {
        targets.append((index, token, predictingRows.count))
        predictingRows.append(Int32(row))
      }
    }
  }

  /// Runs a pass, adds its log-likelihoods to those of its continuations, and empties it.
  private func score(_ pass: inout ScoringPass, _ result: inout [Score]) {
    if pass.tokens.isEmpty { return }
    let output = forward(pass.tokens[...], pass.segments, .read(cache))
    let logits = logits(output, rows: pass.predictingRows)
    for target in pass.targets {
      result[target.continuation].add(logits.row(target.predicting), target: target.token)
    }
    pass = ScoringPass(past: count)
  }

  /// Runs tokens behind those read so far, which they join.
  private func append(_ tokens: ArraySlice<Int32>) -> Matrix {
    let segment = Segment(first: 0, count: tokens.count, past: count)
    let output = forward(tokens, [segment], .append(cache))
    cache.count += tokens.count
    return output
  }

  func forward(
    _ tokens: ArraySlice<Int32>, _ segments: [Segment], _ use: CacheUse
  ) -> Matrix {
    var arena = Arena(storage.floats)
    let activations = Activations(
      &arena, configuration: model.configuration, rows: tokens.count,
      keyCount: segments.map { $0.past + $0.count }.max() ?? 0, keeping: .nothing)
    model.forward(tokens, segments: segments, activations: activations, cache: use)
    return activations.output
  }

  func logits(_ output: Matrix, rows: [Int32]) -> Matrix {
    var arena = Arena(headStorage.floats)
    let buffers = HeadBuffers(&arena, model.configuration, rows: rows.count)
    gatherRows(output, rows: rows, output: buffers.input)
    model.head(
      buffers.input, normed: buffers.normed, inverse: buffers.inverse, logits: buffers.logits)
    return buffers.logits
  }
}
