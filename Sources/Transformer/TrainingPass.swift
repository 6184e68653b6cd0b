import Kernels

/// Rows of tokens to learn from: token t of a row predicts target t, and loses by its weight.
public struct Batch: Sendable, Equatable {
  /// Tokens of one row; every row of a batch has as many.
  public var rowLength: Int
  /// `[rows · rowLength]`
  public var tokens: [Int32]
  /// `[rows · rowLength]`: the token that follows.
  public var targets: [Int32]
  /// `[rows · rowLength]`: the weight of the prediction's loss; 0 where nothing is to be learned.
  public var weights: [Float]

  public init(rowLength: Int, tokens: [Int32], targets: [Int32], weights: [Float]) {
    precondition(rowLength > 0 && tokens.count % rowLength == 0)
    precondition(targets.count == tokens.count && weights.count == tokens.count)
    self.rowLength = rowLength
    self.tokens = tokens
    self.targets = targets
    self.weights = weights
  }

  public var rowCount: Int { tokens.count / rowLength }
  /// The sum of the weights.
  public var weight: Double { weights.reduce(0) { $0 + Double($1) } }
}

/// An arena of gradients, laid out like the parameters.
public final class GradientArena: Sendable {
  private let storage: FloatStorage
  public let weights: Weights

  public init(_ model: Model) {
    storage = FloatStorage(count: model.parameterCount)
    weights = Weights(
      storage.floats, configuration: model.configuration, layout: model.layout)
  }

  public var floats: Floats { storage.floats }
}

/// One worker's buffers for losses and gradients, made once and used for every step.
///
/// One thread at a time may use it.
public final class TrainingPass: @unchecked Sendable {
  /// Rows of logits that are in memory at a time.
  private static let headRows = 512

  private let model: Model
  private let tokenCapacity: Int
  private let rowCapacity: Int
  private let storage: FloatStorage
  private let headStorage: FloatStorage

  /// - Parameters:
  ///   - tokensPerChunk: tokens run through the model at a time; a chunk that fits the cache is fast.
  ///   - rowLength: the longest row; a chunk holds one row at least.
  public init(_ model: Model, tokensPerChunk: Int = 1024, rowLength: Int) {
    self.model = model
    let c = model.configuration
    tokenCapacity = max(tokensPerChunk, rowLength)
    rowCapacity = rowLength
    var arena = Arena()
    _ = Activations(
      &arena, configuration: c, rows: tokenCapacity, keyCount: rowLength, keepsLayers: true)
    storage = FloatStorage(count: arena.count)
    headStorage = FloatStorage(count: Self.headRows * (4 * c.hiddenSize + c.vocabularySize + 16))
  }

  /// Adds the gradients of Σ weight · loss · `gradientScale` over some rows of a batch to `gradients`.
  ///
  /// - Returns: Σ weight · loss over those rows, in nats.
  public func accumulate(
    _ batch: Batch, rows: Range<Int>, gradients: Weights, gradientScale: Float
  ) -> Double {
    precondition(batch.rowLength <= rowCapacity && rows.upperBound <= batch.rowCount)
    let rowsPerChunk = max(1, tokenCapacity / batch.rowLength)
    var loss = 0.0
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerChunk) {
      let count = min(rowsPerChunk, rows.upperBound - first)
      loss += accumulateChunk(batch, first, count, gradients, gradientScale)
    }
    return loss
  }

  private func accumulateChunk(
    _ batch: Batch, _ firstRow: Int, _ rowCount: Int, _ sums: Weights, _ gradientScale: Float
  ) -> Double {
    let length = batch.rowLength
    let range = firstRow * length..<(firstRow + rowCount) * length
    let segments = (0..<rowCount).map { Segment(first: $0 * length, count: length) }
    var arena = Arena(storage.floats)
    let activations = Activations(
      &arena, configuration: model.configuration, rows: range.count, keyCount: length,
      keepsLayers: true)
    model.forward(batch.tokens[range], segments: segments, activations: activations)
    let loss = headLoss(batch, range, activations, sums, gradientScale)
    model.backward(
      batch.tokens[range], segments: segments, activations: activations, sums: sums)
    return loss
  }

  /// The loss, and its gradient by the residual stream, of those rows alone that have a weight:
  /// many tokens cannot be predicted and carry none.
  private func headLoss(
    _ batch: Batch, _ range: Range<Int>, _ activations: Activations, _ sums: Weights,
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
      loss += crossEntropy(
        logits, targets: indices.map { batch.targets[$0] },
        weights: indices.map { batch.weights[$0] }, gradientScale: gradientScale)
      multiply(logits.transposed, normed, into: sums.head, accumulate: true)
      multiply(logits, model.weights.head, into: normedGradient)
      inputGradient.floats.fill(0)
      rmsNormBackward(
        input, weight: model.weights.finalNorm, inverse: inverse, outputGradient: normedGradient,
        inputGradient: inputGradient, weightGradient: sums.finalNorm)
      scatterRows(inputGradient, rows: rows, into: residual.rows(0, range.count))
    }
    return loss
  }
}
