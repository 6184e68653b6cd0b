// Queries and keys before attention: optional RMS norm of each head (Qwen3), then rotary positions
// (Su et al. 2021, arXiv 2104.09864) in Hugging Face's layout, where element i of a head is paired
// with element i + pairs. Elements after the pairs, if only a part of a head turns, stay as they
// are.

import Foundation

/// The cosines and sines of position · frequency[i]: `[positionCount, pairs]` each.
public final class RotaryTable: Sendable {
  private let storage: FloatStorage
  public let positionCount: Int
  /// Pairs of a head's elements that turn.
  let half: Int

  /// The usual frequencies, theta^(−2i / width) for pair i, in radians per position.
  ///
  /// - Parameter width: elements of a head that turn; an odd number is rounded up.
  public static func frequencies(width: Int, theta: Double) -> [Double] {
    (0..<(width + 1) / 2).map { pow(theta, -2 * Double($0) / Double(width)) }
  }

  /// - Parameters:
  ///   - frequencies: radians per position, one for each pair of a head's elements.
  ///   - scale: what cosines and sines are multiplied with.
  public init(positionCount: Int, frequencies: [Double], scale: Double = 1) {
    half = frequencies.count
    self.positionCount = positionCount
    storage = FloatStorage(count: 2 * positionCount * half)
    let floats = storage.floats
    for position in 0..<positionCount {
      for i in 0..<half {
        let angle = Double(position) * frequencies[i]
        floats[position * half + i] = Float(scale * cos(angle))
        floats[(positionCount + position) * half + i] = Float(scale * sin(angle))
      }
    }
  }

  var cosines: UnsafeMutablePointer<Float> { storage.floats.base }
  var sines: UnsafeMutablePointer<Float> { storage.floats.base + positionCount * half }
}

/// Normalises each head of each row by `weight + offset`, unless `weight` is nil, and rotates it.
///
/// input, output: `[rows, heads · headSize]`, not the same memory; weight: `[headSize]`;
/// inverse: `[rows, heads]`, written for the backward pass where heads are normalised. Row r is at
/// position `firstPosition + r`.
public func headRotationForward(
  _ input: Matrix, headSize: Int, weight: Floats?, offset: Float = 0, epsilon: Float,
  inverse: Matrix, table: RotaryTable, firstPosition: Int, output: Matrix
) {
  let half = table.half
  let heads = input.columns / headSize
  precondition(output.rows == input.rows && output.columns == input.columns && 2 * half <= headSize)
  precondition(inverse.rows == input.rows && inverse.columns == heads)
  precondition(firstPosition + input.rows <= table.positionCount)
  for row in 0..<input.rows {
    let position = firstPosition + row
    let cosine = table.cosines + position &* half
    let sine = table.sines + position &* half
    for head in 0..<heads {
      let x = input.base + (row &* input.stride &+ head &* headSize)
      let y = output.base + (row &* output.stride &+ head &* headSize)
      let (secondX, secondY, w) = (x + half, y + half, weight?.base)
      var scale: Float = 1
      if weight != nil {
        scale = 1 / (dot(x, x, headSize) / Float(headSize) + epsilon).squareRoot()
        inverse.base[row &* inverse.stride &+ head] = scale
      }
      let inverse = scale
      @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
        var (a, b) = (x[i] * inverse, secondX[i] * inverse)
        if let w { (a, b) = (a * (offset + w[i]), b * (offset + (w + half)[i])) }
        let (c, s) = (cosine[i], sine[i])
        y[i] = a * c - b * s
        secondY[i] = b * c + a * s
      }
      forEachLane(of: half, step, step)
      let turned = 2 &* half
      guard turned < headSize else { continue }
      let (restX, restY) = (x + turned, y + turned)
      @inline(always) func copy<V: LaneOrFloat>(_ i: Place<V>) {
        var a: V = restX[i] * inverse
        if let w { a = a * (offset + (w + turned)[i]) }
        restY[i] = a
      }
      forEachLane(of: headSize &- turned, copy, copy)
    }
  }
}

/// The backward pass of `headRotationForward`: turns the gradient of its output into that of its
/// input, in place, and adds to `weightGradient` unless it is nil.
///
/// input: `[rows, heads · headSize]`, as in the forward pass; gradient: the same shape; weight,
/// weightGradient: `[headSize]`; inverse: `[rows, heads]`.
public func headRotationBackward(
  _ input: Matrix, headSize: Int, weight: Floats?, offset: Float = 0, inverse: Matrix,
  table: RotaryTable, firstPosition: Int, gradient: Matrix, weightGradient: Floats?
) {
  let half = table.half
  let heads = input.columns / headSize
  precondition(gradient.rows == input.rows && gradient.columns == input.columns)
  precondition(2 * half <= headSize)
  for row in 0..<input.rows {
    let position = firstPosition + row
    let cosine = table.cosines + position &* half
    let sine = table.sines + position &* half
    for head in 0..<heads {
      let g = gradient.base + (row &* gradient.stride &+ head &* headSize)
      let second = g + half
      @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
        let (a, b, c, s) = (g[i], second[i], cosine[i], sine[i])
        g[i] = a * c + b * s
        second[i] = b * c - a * s
      }
      forEachLane(of: half, step, step)
      guard let weight else { continue }
      let (w, dw) = (weight.base, weightGradient?.base)
      let x = input.base + (row &* input.stride &+ head &* headSize)
      let scale = inverse.base[row &* inverse.stride &+ head]
      var sums = Lane(repeating: 0)
      var i = 0
      while i &+ laneWidth <= headSize {
        sums = sums.addingProduct(g.lane(i) * (offset + w.lane(i)), x.lane(i))
        i &+= laneWidth
      }
      var projection = sums.total
      while i < headSize {
        projection += g[i] * (offset + w[i]) * x[i]
        i &+= 1
      }
      let correction = -projection * scale * scale * scale / Float(headSize)
      i = 0
      while i &+ laneWidth <= headSize {
        let xs = x.lane(i)
        let d = g.lane(i) * scale
        if let dw { dw.store(dw.lane(i).addingProduct(d, xs), i) }
        g.store((d * (offset + w.lane(i))).addingProduct(xs, correction), i)
        i &+= laneWidth
      }
      while i < headSize {
        let d = g[i] * scale
        if let dw { dw[i] += d * x[i] }
        g[i] = d * (offset + w[i]) + x[i] * correction
        i &+= 1
      }
    }
  }
}
