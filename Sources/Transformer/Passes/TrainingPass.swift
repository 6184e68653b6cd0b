import Kernels

/// Rows of tokens to learn from: each token predicts its target, and the loss counts by its weight.
public struct Batch: Sendable, Equatable {
  /// The tokens of all rows, one row after the other. Tokens, targets and weights may be changed,
  /// but not their number.
  public var tokens: [Int32]
  /// For each token the one that it predicts.
  public var targets: [Int32]
  /// For each token the weight of its prediction's loss; 0 where nothing is to be learned.
  public var weights: [Float]
  /// What is to be predicted instead of `targets`, if it is more than one token.
  public var distributions: TargetDistributions?
  /// The tokens of each row.
  public let rows: [Range<Int>]

  /// - Precondition: the lengths add up to the number of tokens, and there are as many targets and
  ///   weights.
  public init(
    rowLengths: [Int], tokens: [Int32], targets: [Int32], weights: [Float],
    distributions: TargetDistributions? = nil
  ) {
    var end = 0
    rows = rowLengths.map { length in
      end += length
      return end - length..<end
    }
    precondition(end == tokens.count)
    precondition(targets.count == tokens.count && weights.count == tokens.count)
    precondition(distributions.map { $0.count == tokens.count } ?? true)
    self.distributions = distributions
    self.tokens = tokens
    self.targets = targets
    self.weights = weights
  }

  /// Rows of one length.
  public init(rowLength: Int, tokens: [Int32], targets: [Int32], weights: [Float]) {
    precondition(rowLength > 0 && tokens.count % rowLength == 0)
    self.init(
      rowLengths: Array(repeating: rowLength, count: tokens.count / rowLength), tokens: tokens,
      targets: targets, weights: weights)
  }

  /// The sum of the weights.
  public var weight: Double { weights.reduce(0) { $0 + Double($1) } }
}

/// For each token of a batch, tokens that may follow it and their probabilities: soft targets.
public struct TargetDistributions: Sendable, Equatable {
  /// Entries for each token; those that are not needed have probability 0.
  public let width: Int
  /// `[count, width]`
  public private(set) var tokens: [Int32] = []
  /// `[count, width]`
  public private(set) var probabilities: [Float] = []

  public init(width: Int) { self.width = width }

  public var count: Int { tokens.count / width }

  /// Adds one token's distribution.
  ///
  /// - Precondition: no more than ``width`` tokens.
  public mutating func append(_ distribution: some Collection<(token: Int32, probability: Float)>) {
    precondition(distribution.count <= width)
    for (token, probability) in distribution {
      tokens.append(token)
      probabilities.append(probability)
    }
    tokens += repeatElement(0, count: width - distribution.count)
    probabilities += repeatElement(0, count: width - distribution.count)
  }

  /// Adds those of another, of the same width.
  public mutating func append(_ other: TargetDistributions) {
    precondition(other.width == width)
    tokens += other.tokens
    probabilities += other.probabilities
  }
}

/// Computes losses and gradients, with buffers that are made once and used for every step.
///
/// Only one thread at a time may use it.
public final class TrainingPass: @unchecked Sendable {
  /// The most rows of logits in memory at a time.
  private static let headRows = 512

  private let model: Model
  private let adapter: Adapter?
  private let keeping: Activations.Keeping
  private let tokenCapacity: Int
  private let rowCapacity: Int
  private let threadCount: Int
  private let storage: FloatStorage
  private let headStorage: FloatStorage

  /// - Parameters:
  ///   - adapter: an adapter that the model runs with.
  ///   - tokensPerChunk: tokens run through the model at a time; a chunk that fits the processor's
  ///     cache is fast.
  ///   - rowLength: the most tokens of a row; a chunk holds at least one row.
  ///   - recomputes: whether only the inputs of layers are kept, so that the backward pass runs
  ///     each again: the same bits for less memory and a third more work.
  ///   - threadCount: the threads that divide the work of the pass.
  public init(
    _ model: Model, adapter: Adapter? = nil, tokensPerChunk: Int = 1024, rowLength: Int,
    recomputes: Bool = false, threadCount: Int = 1
  ) {
    self.model = model
    self.threadCount = threadCount
    reserveThreads(threadCount)
    self.adapter = adapter
    keeping = recomputes ? .inputs : .everything
    tokenCapacity = max(tokensPerChunk, rowLength)
    rowCapacity = rowLength
    var arena = Arena()
    _ = Activations(
      &arena, of: model, rows: tokenCapacity, keyCount: rowLength, keeping: keeping,
      rank: adapter?.settings.rank, threadCount: threadCount)
    storage = FloatStorage(count: arena.count)
    arena = Arena()
    _ = HeadBuffers(&arena, model, rows: Self.headRows)
    headStorage = FloatStorage(count: arena.count)
  }

  /// Bytes of the buffers of a pass with these settings.
  public static func byteCount(
    _ model: Model, adapter: AdapterSettings? = nil, tokensPerChunk: Int, rowLength: Int,
    threadCount: Int
  ) -> Int {
    var arena = Arena()
    _ = Activations(
      &arena, of: model, rows: max(tokensPerChunk, rowLength), keyCount: rowLength,
      keeping: .everything, rank: adapter?.rank, threadCount: threadCount)
    _ = HeadBuffers(&arena, model, rows: headRows)
    return 4 * arena.count
  }

  /// The buffers of the head's forward and backward pass.
  private struct HeadBuffers {
    let head: OutputHead.Buffers
    /// `[rows, hiddenSize]` each.
    let normGradient, inputGradient: Matrix

    init(_ arena: inout Arena, _ model: Model, rows: Int) {
      head = model.weights.head.buffers(&arena, rows: rows)
      let width = model.configuration.hiddenSize
      normGradient = arena.matrix(rows: rows, columns: width)
      inputGradient = arena.matrix(rows: rows, columns: width)
    }
  }

  /// Adds the gradients of Σ weight · loss · `gradientScale` over some rows of a batch to
  /// `gradients`.
  ///
  /// - Parameter layerCount: the layers to run, from the first; the head reads the output of the
  ///   last of them. All by default.
  /// - Returns: Σ weight · loss over those rows, in nats.
  public func accumulate(
    _ batch: Batch, rows: Range<Int>, gradients: GradientSums, gradientScale: Float,
    layerCount: Int? = nil
  ) -> Double {
    precondition(rows.upperBound <= batch.rows.count)
    let layerCount = layerCount ?? model.configuration.layerCount
    precondition((1...model.configuration.layerCount).contains(layerCount))
    precondition(batch.rows[rows].allSatisfy { $0.count <= rowCapacity }, "a row is too long")
    var loss = 0.0
    var first = rows.lowerBound
    while first < rows.upperBound {
      // As many rows as a chunk holds, and one at least.
      let start = batch.rows[first].lowerBound
      let count = batch.rows[first..<rows.upperBound]
        .prefix { $0.upperBound - start <= tokenCapacity }.count
      loss += accumulateChunk(
        batch, first..<first + count, gradients, gradientScale, layerCount: layerCount)
      first += count
    }
    return loss
  }

  private func accumulateChunk(
    _ batch: Batch, _ rows: Range<Int>, _ sums: GradientSums, _ gradientScale: Float,
    layerCount: Int
  ) -> Double {
    let range = batch.rows[rows.lowerBound].lowerBound..<batch.rows[rows.upperBound - 1].upperBound
    let segments = batch.rows[rows].map {
      Segment(first: $0.lowerBound - range.lowerBound, count: $0.count)
    }
    var arena = Arena(storage.floats)
    let activations = Activations(
      &arena, of: model, layerCount: layerCount, rows: range.count,
      keyCount: segments.reduce(0) { max($0, $1.count) }, keeping: keeping,
      rank: adapter?.settings.rank, threadCount: threadCount)
    model.forward(
      batch.tokens[range], segments: segments, activations: activations,
      adapter: adapter?.weights)
    let loss = headLoss(batch, range, activations, sums, gradientScale)
    model.backward(
      batch.tokens[range], segments: segments, activations: activations, sums: sums,
      adapter: adapter?.weights)
    return loss
  }

  /// Computes the loss, and writes its gradient by the residual stream.
  ///
  /// Only rows that have a weight go through the head: many tokens cannot be predicted and have
  /// none.
  private func headLoss(
    _ batch: Batch, _ range: Range<Int>, _ activations: Activations, _ sums: GradientSums,
    _ gradientScale: Float
  ) -> Double {
    guard let residual = activations.gradients?.residual else { return 0 }
    let chosen = range.filter { batch.weights[$0] != 0 }
    var loss = 0.0
    residual.floats.fill(0)
    for first in stride(from: 0, to: chosen.count, by: Self.headRows) {
      let indices = chosen[first..<min(first + Self.headRows, chosen.count)]
      let rows = indices.map { Int32($0 - range.lowerBound) }
      var arena = Arena(headStorage.floats)
      let buffers = HeadBuffers(&arena, model, rows: rows.count)
      gatherRows(activations.output, rows: rows, output: buffers.head.input)
      model.weights.head.forward(buffers.head, threadCount: threadCount)
      let weights = indices.map { batch.weights[$0] }
      if let soft = batch.distributions {
        func gathered<Value>(_ values: [Value]) -> [Value] {
          indices.flatMap { values[$0 * soft.width..<($0 + 1) * soft.width] }
        }
        loss += crossEntropy(
          buffers.head.logits, targets: gathered(soft.tokens),
          probabilities: gathered(soft.probabilities), weights: weights,
          gradientScale: gradientScale)
      } else {
        loss += crossEntropy(
          buffers.head.logits, targets: indices.map { batch.targets[$0] }, weights: weights,
          gradientScale: gradientScale)
      }
      model.weights.head.backward(
        buffers.head, normGradient: buffers.normGradient, inputGradient: buffers.inputGradient,
        sums: sums.weights?.head, threadCount: threadCount)
      scatterRows(buffers.inputGradient, rows: rows, into: residual.rows(0, range.count))
    }
    return loss
  }
}
