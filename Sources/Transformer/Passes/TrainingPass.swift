import Kernels

/// Rows of tokens to learn from: token t of a row predicts target t, and loses by its weight.
public struct Batch: Sendable, Equatable {
  /// The tokens of all rows, one row behind the other. They may be changed, their number not, nor
  /// that of targets and weights.
  public var tokens: [Int32]
  /// For each token the one that follows.
  public var targets: [Int32]
  /// For each token the weight of its prediction's loss; 0 where nothing is to be learned.
  public var weights: [Float]
  /// What is to be predicted in place of `targets`, where it is more than one token.
  public var distributions: TargetDistributions?
  /// Where each row is among the tokens.
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
  /// Tokens that may follow one; where there are fewer, the rest have no probability.
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

/// One worker's buffers for losses and gradients, made once and used for every step.
///
/// One thread at a time may use it.
public final class TrainingPass: @unchecked Sendable {
  /// Rows of logits that are in memory at a time.
  private static let headRows = 512

  private let model: Model
  private let adapter: Adapter?
  private let keeping: Activations.Keeping
  private let tokenCapacity: Int
  private let rowCapacity: Int
  private let storage: FloatStorage
  private let headStorage: FloatStorage

  /// - Parameters:
  ///   - adapter: an adapter that the model runs with.
  ///   - tokensPerChunk: tokens run through the model at a time; a chunk that fits the cache is fast.
  ///   - rowLength: the longest row; a chunk holds one row at least.
  ///   - recomputes: whether layers run again in the backward pass instead of keeping more than their
  ///     inputs: the same bits for less memory and a third more work.
  public init(
    _ model: Model, adapter: Adapter? = nil, tokensPerChunk: Int = 1024, rowLength: Int,
    recomputes: Bool = false
  ) {
    self.model = model
    self.adapter = adapter
    keeping = recomputes ? .inputs : .everything
    let c = model.configuration
    tokenCapacity = max(tokensPerChunk, rowLength)
    rowCapacity = rowLength
    var arena = Arena()
    _ = Activations(
      &arena, configuration: c, rows: tokenCapacity, keyCount: rowLength, keeping: keeping,
      rank: adapter?.settings.rank)
    storage = FloatStorage(count: arena.count)
    headStorage = FloatStorage(count: Self.headRows * (4 * c.hiddenSize + c.vocabularySize + 16))
  }

  /// Adds the gradients of Σ weight · loss · `gradientScale` over some rows of a batch to
  /// `gradients`.
  ///
  /// - Parameter layerCount: the layers to run, from the first; the head reads after the last of them.
  /// - Returns: Σ weight · loss over those rows, in nats.
  public func accumulate(
    _ batch: Batch, rows: Range<Int>, gradients: GradientSums, gradientScale: Float,
    layerCount: Int? = nil
  ) -> Double {
    precondition(rows.upperBound <= batch.rows.count)
    var configuration = model.configuration
    configuration.layerCount = layerCount ?? configuration.layerCount
    precondition((1...model.configuration.layerCount).contains(configuration.layerCount))
    precondition(batch.rows[rows].allSatisfy { $0.count <= rowCapacity }, "a row is too long")
    var loss = 0.0
    var first = rows.lowerBound
    while first < rows.upperBound {
      // As many rows as a chunk holds, and one at least.
      let start = batch.rows[first].lowerBound
      let count = batch.rows[first..<rows.upperBound]
        .prefix { $0.upperBound - start <= tokenCapacity }.count
      loss += accumulateChunk(
        batch, first..<first + count, gradients, gradientScale, configuration)
      first += count
    }
    return loss
  }

  private func accumulateChunk(
    _ batch: Batch, _ rows: Range<Int>, _ sums: GradientSums, _ gradientScale: Float,
    _ configuration: Configuration
  ) -> Double {
    let range = batch.rows[rows.lowerBound].lowerBound..<batch.rows[rows.upperBound - 1].upperBound
    let segments = batch.rows[rows].map {
      Segment(first: $0.lowerBound - range.lowerBound, count: $0.count)
    }
    var arena = Arena(storage.floats)
    let activations = Activations(
      &arena, configuration: configuration, rows: range.count,
      keyCount: segments.reduce(0) { max($0, $1.count) }, keeping: keeping,
      rank: adapter?.settings.rank)
    model.forward(
      batch.tokens[range], segments: segments, activations: activations,
      adapter: adapter?.weights)
    let loss = headLoss(batch, range, activations, sums, gradientScale)
    model.backward(
      batch.tokens[range], segments: segments, activations: activations, sums: sums,
      adapter: adapter?.weights)
    return loss
  }

  /// The loss, and its gradient by the residual stream, of those rows alone that have a weight:
  /// many tokens cannot be predicted and carry none.
  private func headLoss(
    _ batch: Batch, _ range: Range<Int>, _ activations: Activations, _ sums: GradientSums,
    _ gradientScale: Float
  ) -> Double {
    guard let residual = activations.gradients?.residual else { return 0 }
    let c = model.configuration
    let chosen = range.filter { batch.weights[$0] != 0 }
    var loss = 0.0
    residual.floats.fill(0)
    for first in stride(from: 0, to: chosen.count, by: Self.headRows) {
      let indices = chosen[first..<min(first + Self.headRows, chosen.count)]
      let rows = indices.map { Int32($0 - range.lowerBound) }
      var arena = Arena(headStorage.floats)
      let input = arena.matrix(rows: rows.count, columns: c.hiddenSize)
      let normed = arena.matrix(rows: rows.count, columns: c.hiddenSize)
      let normedGradient = arena.matrix(rows: rows.count, columns: c.hiddenSize)
      let inputGradient = arena.matrix(rows: rows.count, columns: c.hiddenSize)
      let inverse = arena.vector(rows.count)
      let logits = arena.matrix(rows: rows.count, columns: c.vocabularySize)
      gatherRows(activations.output, rows: rows, output: input)
      model.head(input, normed: normed, inverse: inverse, logits: logits)
      let weights = indices.map { batch.weights[$0] }
      if let soft = batch.distributions {
        func gathered<Value>(_ values: [Value]) -> [Value] {
          indices.flatMap { values[$0 * soft.width..<($0 + 1) * soft.width] }
        }
        loss += crossEntropy(
          logits, targets: gathered(soft.tokens), probabilities: gathered(soft.probabilities),
          weights: weights, gradientScale: gradientScale)
      } else {
        loss += crossEntropy(
          logits, targets: indices.map { batch.targets[$0] }, weights: weights,
          gradientScale: gradientScale)
      }
      if let sums = sums.weights {
        multiply(logits.transposed, normed, into: sums.head, accumulate: true)
      }
      multiply(logits, model.weights.head, into: normedGradient)
      inputGradient.floats.fill(0)
      rmsNormBackward(
        input, weight: model.weights.finalNorm, inverse: inverse, outputGradient: normedGradient,
        inputGradient: inputGradient, weightGradient: sums.weights?.finalNorm)
      scatterRows(inputGradient, rows: rows, into: residual.rows(0, range.count))
    }
    return loss
  }
}
