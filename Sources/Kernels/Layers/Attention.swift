// Causal scaled dot-product attention, a block of query rows at a time, so that the matrix of all
// scores is never in memory as a whole (after Dao et al. 2022, arXiv 2205.14135). The backward pass
// computes the probabilities of a block again, from the log-sum of exponentials of each row.

import Foundation

/// Query rows of one block: so few that the block's scores stay in the cache.
private let blockRows = 64

/// The buffers of attention over one sequence.
private struct Scratch {
  /// `[blockRows, keys]`, rows `stride` apart: scores, then probabilities; and their gradients.
  let scores, scoreGradients: UnsafeMutablePointer<Float>
  let stride: Int
  /// `[headSize, keys]` each.
  let keysAcross, valuesAcross: Panels
  /// `[keys, headSize]` each; the backward pass needs the keys, the forward pass the values.
  let keysOrValues: Panels
  /// `[blockRows, headSize]` each.
  let queries, outputGradients: Panels

  init(_ arena: inout Arena, keyCount: Int, headSize: Int) {
    // One lane more, so that rows do not compete for the same places of the cache.
    stride = roundedToPanels(keyCount) + laneWidth
    scores = arena.vector(blockRows * stride).base
    keysAcross = Panels(&arena, rows: headSize, columns: keyCount)
    keysOrValues = Panels(&arena, rows: keyCount, columns: headSize)
    scoreGradients = arena.vector(blockRows * stride).base
    valuesAcross = Panels(&arena, rows: headSize, columns: keyCount)
    queries = Panels(&arena, rows: blockRows, columns: headSize)
    outputGradients = Panels(&arena, rows: blockRows, columns: headSize)
  }
}

/// Floats of scratch that attention over a sequence of `keyCount` tokens needs.
public func attentionScratchCount(keyCount: Int, headSize: Int) -> Int {
  var arena = Arena()
  _ = Scratch(&arena, keyCount: keyCount, headSize: headSize)
  return arena.count
}

/// How attention scores its keys, and which of them a query sees.
public struct AttentionRule: Sendable, Equatable {
  /// What the product of a query and a key is multiplied with.
  public var scale: Float
  /// The most keys that a query sees, its own included: the last ones.
  public var window: Int

  /// - Parameter scale: nil for 1 / √headSize (Vaswani et al. 2017, arXiv 1706.03762).
  public init(headSize: Int, scale: Float? = nil, window: Int? = nil) {
    self.scale = scale ?? 1 / Float(headSize).squareRoot()
    self.window = window ?? .max
    precondition(self.window > 0)
  }

  /// The first key that a query sees which is at place `visible - 1`.
  @inline(always) func firstKey(before visible: Int) -> Int { max(0, visible &- window) }
}

/// Attention of one head over one sequence: query t sees the keys up to t that are in its window.
///
/// query, key, value, output: `[rows, headSize]`. logSums: `[rows]`, log Σ e^score of each row,
/// written for the backward pass. scratch: `attentionScratchCount` floats.
public func attentionForward(
  query: Matrix, key: Matrix, value: Matrix, output: Matrix, logSums: Floats,
  rule: AttentionRule, scratch: Floats
) {
  let (rows, headSize) = (query.rows, query.columns)
  precondition(key.rows == rows && value.rows == rows && output.rows == rows)
  precondition(key.columns == headSize && value.columns == headSize && output.columns == headSize)
  precondition(logSums.count == rows)
  var arena = Arena(scratch)
  let s = Scratch(&arena, keyCount: rows, headSize: headSize)
  s.keysAcross.fill(from: key.transposed)
  s.keysOrValues.fill(from: value)
  for first in stride(from: 0, to: rows, by: blockRows) {
    let block = Block(first: first, count: min(blockRows, rows - first))
    block.multiply(query, s.keysAcross, into: s.scores, s.stride, scale: rule.scale)
    for i in 0..<block.count {
      let row = s.scores + i &* s.stride
      let visible = first + i + 1
      let start = rule.firstKey(before: visible)
      row.update(repeating: 0, count: start)
      let (shift, sum) = exponentiate(row + start, visible - start)
      logSums.base[first + i] = shift + log(sum)
      Floats(base: row + start, count: visible - start).scale(by: 1 / sum)
      (row + visible).update(repeating: 0, count: block.seen(byTileOf: i) - visible)
    }
    block.multiply(s.scores, s.stride, s.keysOrValues, into: output)
  }
}

/// The backward pass of `attentionForward`.
///
/// All but logSums: `[rows, headSize]`; logSums: `[rows]`. query, key, value, output and logSums
/// are those of the forward pass. queryGradient is overwritten; keyGradient and valueGradient are
/// added to, so that the gradients of query heads that share a key/value head are summed. scratch:
/// `attentionScratchCount` floats.
public func attentionBackward(
  query: Matrix, key: Matrix, value: Matrix, output: Matrix, logSums: Floats,
  outputGradient: Matrix, queryGradient: Matrix, keyGradient: Matrix, valueGradient: Matrix,
  rule: AttentionRule, scratch: Floats
) {
  let (rows, headSize) = (query.rows, query.columns)
  precondition(key.rows == rows && value.rows == rows && output.rows == rows)
  precondition(outputGradient.rows == rows && queryGradient.rows == rows)
  precondition(keyGradient.rows == rows && valueGradient.rows == rows && logSums.count == rows)
  let scale = rule.scale
  var arena = Arena(scratch)
  let s = Scratch(&arena, keyCount: rows, headSize: headSize)
  s.keysAcross.fill(from: key.transposed)
  s.valuesAcross.fill(from: value.transposed)
  s.keysOrValues.fill(from: key)
  for first in stride(from: 0, to: rows, by: blockRows) {
    let block = Block(first: first, count: min(blockRows, rows - first))
    block.multiply(query, s.keysAcross, into: s.scores, s.stride, scale: scale)
    block.multiply(outputGradient, s.valuesAcross, into: s.scoreGradients, s.stride, scale: 1)
    for i in 0..<block.count {
      let visible = first + i + 1
      let start = rule.firstKey(before: visible)
      let p = s.scores + (i &* s.stride + start)
      let d = s.scoreGradients + (i &* s.stride + start)
      let shift = logSums.base[first + i]
      let mean = dot(
        outputGradient.base + (first + i) &* outputGradient.stride,
        output.base + (first + i) &* output.stride, headSize)
      @inline(always) func step<V: LaneOrFloat>(_ j: Place<V>) {
        let probability = (p[j] - shift).exponential
        p[j] = probability
        d[j] = probability * (d[j] - mean) * scale
      }
      forEachLane(of: visible - start, step, step)
      let hidden = block.seen(byTileOf: i) - visible
      (p - start).update(repeating: 0, count: start)
      (d - start).update(repeating: 0, count: start)
      (p + (visible - start)).update(repeating: 0, count: hidden)
      (d + (visible - start)).update(repeating: 0, count: hidden)
    }
    block.multiply(s.scoreGradients, s.stride, s.keysOrValues, into: queryGradient)
    block.addTransposed(s.scoreGradients, s.stride, query, s.queries, to: keyGradient)
    block.addTransposed(s.scores, s.stride, outputGradient, s.outputGradients, to: valueGradient)
  }
}

/// A block of query rows and the keys that they see; its products take a tile of rows at a time.
private struct Block {
  /// A multiple of `tileRows`.
  let first: Int
  let count: Int

  /// How many keys the last row of the tile of row `index` sees; scores past them are never read.
  @inline(always) func seen(byTileOf index: Int) -> Int {
    first + min(count, index / tileRows * tileRows + tileRows)
  }

  /// scores = scale · rows · across, up to the last key that each tile sees.
  ///
  /// rows: `[all, headSize]`, of which the block's are taken; across: `[headSize, keys]`.
  func multiply(
    _ rows: Matrix, _ across: Panels, into scores: UnsafeMutablePointer<Float>, _ stride: Int,
    scale: Float
  ) {
    for column in Swift.stride(from: 0, to: first + count, by: panelWidth) {
      for tile in Swift.stride(from: 0, to: count, by: tileRows)
      where column < seen(byTileOf: tile) {
        multiplyTile(
          LeftOperand(rows.place(first + tile, 0), stride: rows.stride),
          rows: min(tileRows, count - tile), inner: across.rows, across.panel(column: column),
          into: scores + (tile &* stride + column), stride: stride, columns: panelWidth,
          scale: scale)
      }
    }
  }

  /// The block's rows of output = weights · values.
  ///
  /// weights: `[count, keys]`, values: `[keys, headSize]`.
  func multiply(
    _ weights: UnsafeMutablePointer<Float>, _ stride: Int, _ values: Panels, into output: Matrix
  ) {
    for column in Swift.stride(from: 0, to: values.columns, by: panelWidth) {
      for tile in Swift.stride(from: 0, to: count, by: tileRows) {
        multiplyTile(
          LeftOperand(weights + tile &* stride, stride: stride),
          rows: min(tileRows, count - tile), inner: seen(byTileOf: tile),
          values.panel(column: column),
          into: output.place(first + tile, column), stride: output.stride,
          columns: min(panelWidth, values.columns - column))
      }
    }
  }

  /// sums += weightsᵀ · rows, for every key that the block sees.
  ///
  /// weights: `[count, keys]`; rows: `[all, headSize]`, of which the block's are packed into
  /// `panels`.
  func addTransposed(
    _ weights: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Matrix, _ panels: Panels,
    to sums: Matrix
  ) {
    let panels = panels.first(count)
    panels.fill(from: rows.rows(first, count))
    for key in Swift.stride(from: 0, to: first + count, by: tileRows) {
      // Earlier rows do not see these keys.
      let start = max(0, key - first)
      for column in Swift.stride(from: 0, to: panels.columns, by: panelWidth) {
        multiplyTile(
          LeftOperand(transposed: weights + (start &* stride + key), stride: stride),
          rows: min(tileRows, first + count - key), inner: count - start,
          panels.panel(column: column, row: start),
          into: sums.place(key, column), stride: sums.stride,
          columns: min(panelWidth, panels.columns - column), accumulate: true)
      }
    }
  }
}
