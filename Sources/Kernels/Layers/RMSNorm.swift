// Root-mean-square normalisation (Zhang & Sennrich 2019, arXiv 1910.07467).

/// output = input · inverse · (weight + offset), row by row, where
/// inverse = 1 / √(mean(input²) + epsilon).
///
/// input, output: `[rows, columns]`; weight: `[columns]`; inverse: `[rows]`, written for the
/// backward pass.
public func rmsNormForward(
  _ input: Matrix, weight: Floats, offset: Float = 0, epsilon: Float, output: Matrix,
  inverse: Floats
) {
  let columns = input.columns
  precondition(output.rows == input.rows && output.columns == columns)
  precondition(weight.count == columns && inverse.count == input.rows)
  let w = weight.base
  for row in 0..<input.rows {
    let x = input.base + row &* input.stride
    let y = output.base + row &* output.stride
    let scale = 1 / (dot(x, x, columns) / Float(columns) + epsilon).squareRoot()
    inverse.base[row] = scale
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      y[i] = x[i] * scale * (offset + w[i])
    }
    forEachLane(of: columns, step, step)
  }
}

/// The backward pass of `rmsNormForward`: adds to `inputGradient` and, unless it is nil, to
/// `weightGradient`.
///
/// input, outputGradient, inputGradient: `[rows, columns]`; weight, weightGradient: `[columns]`;
/// inverse: `[rows]`. With g = outputGradient · (weight + offset):
/// inputGradient += inverse · (g − input · inverse² · mean(g · input)).
public func rmsNormBackward(
  _ input: Matrix, weight: Floats, offset: Float = 0, inverse: Floats, outputGradient: Matrix,
  inputGradient: Matrix, weightGradient: Floats?
) {
  let columns = input.columns
  precondition(outputGradient.rows == input.rows && outputGradient.columns == columns)
  precondition(inputGradient.rows == input.rows && inputGradient.columns == columns)
  precondition(weight.count == columns && (weightGradient?.count ?? columns) == columns)
  precondition(inverse.count == input.rows)
  let w = weight.base
  let dw = weightGradient?.base
  for row in 0..<input.rows {
    let x = input.base + row &* input.stride
    let dy = outputGradient.base + row &* outputGradient.stride
    let dx = inputGradient.base + row &* inputGradient.stride
    let scale = inverse.base[row]
    var sums = Lane(repeating: 0)
    var i = 0
    while i &+ laneWidth <= columns {
      sums = sums.addingProduct(dy.lane(i) * (offset + w.lane(i)), x.lane(i))
      i &+= laneWidth
    }
    var projection = sums.total
    while i < columns {
      projection = projection.addingProduct(dy[i] * (offset + w[i]), x[i])
      i &+= 1
    }
    let correction = -projection * scale * scale * scale / Float(columns)
    i = 0
    while i &+ laneWidth <= columns {
      let xs = x.lane(i)
      let dys = dy.lane(i) * scale
      dx.store(
        dx.lane(i).addingProduct(dys, offset + w.lane(i)).addingProduct(xs, correction), i)
      if let dw { dw.store(dw.lane(i).addingProduct(dys, xs), i) }
      i &+= laneWidth
    }
    while i < columns {
      dx[i] += dy[i] * (offset + w[i]) * scale + x[i] * correction
      if let dw { dw[i] += dy[i] * x[i] * scale }
      i &+= 1
    }
  }
}
