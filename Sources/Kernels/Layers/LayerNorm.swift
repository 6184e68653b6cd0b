// Layer normalisation (Ba, Kiros & Hinton 2016, arXiv 1607.06450).

/// output = (input − mean) · inverse · weight + bias, row by row, where
/// inverse = 1 / √(variance + epsilon).
///
/// input, output: `[rows, columns]`; weight, bias: `[columns]`; mean, inverse: `[rows]`, written
/// for the backward pass.
public func layerNormForward(
  _ input: Matrix, weight: Floats, bias: Floats, epsilon: Float, output: Matrix, mean: Floats,
  inverse: Floats
) {
  let columns = input.columns
  precondition(output.rows == input.rows && output.columns == columns)
  precondition(weight.count == columns && bias.count == columns)
  precondition(mean.count == input.rows && inverse.count == input.rows)
  let (w, b) = (weight.base, bias.base)
  for row in 0..<input.rows {
    let x = input.base + row &* input.stride
    let y = output.base + row &* output.stride
    let center = sum(x, columns) / Float(columns)
    // Centred first: the difference of two large means would lose the variance.
    @inline(always) func centre<V: LaneOrFloat>(_ i: Place<V>) { y[i] = x[i] - center }
    forEachLane(of: columns, centre, centre)
    let scale = 1 / (dot(y, y, columns) / Float(columns) + epsilon).squareRoot()
    mean.base[row] = center
    inverse.base[row] = scale
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      let normed: V = y[i] * scale
      y[i] = normed * w[i] + b[i]
    }
    forEachLane(of: columns, step, step)
  }
}

/// The backward pass of `layerNormForward`: adds to `inputGradient` and, unless they are nil, to
/// `weightGradient` and `biasGradient`.
///
/// input, outputGradient, inputGradient: `[rows, columns]`; weight and its gradients: `[columns]`;
/// mean, inverse: `[rows]`. With g = outputGradient · weight and n = (input − mean) · inverse:
/// inputGradient += inverse · (g − mean(g) − n · mean(g · n)).
public func layerNormBackward(
  _ input: Matrix, weight: Floats, mean: Floats, inverse: Floats, outputGradient: Matrix,
  inputGradient: Matrix, weightGradient: Floats?, biasGradient: Floats?
) {
  let columns = input.columns
  precondition(outputGradient.rows == input.rows && outputGradient.columns == columns)
  precondition(inputGradient.rows == input.rows && inputGradient.columns == columns)
  precondition(weight.count == columns && (weightGradient?.count ?? columns) == columns)
  precondition((biasGradient?.count ?? columns) == columns)
  precondition(mean.count == input.rows && inverse.count == input.rows)
  let w = weight.base
  for row in 0..<input.rows {
    let x = input.base + row &* input.stride
    let dy = outputGradient.base + row &* outputGradient.stride
    let dx = inputGradient.base + row &* inputGradient.stride
    let (center, scale) = (mean.base[row], inverse.base[row])
    var gradients = Lane(repeating: 0)
    var projections = Lane(repeating: 0)
    var i = 0
    while i &+ laneWidth <= columns {
      let g = dy.lane(i) * w.lane(i)
      gradients += g
      projections = projections.addingProduct(g, x.lane(i) - center)
      i &+= laneWidth
    }
    var (gradient, projection) = (gradients.total, projections.total)
    while i < columns {
      let g = dy[i] * w[i]
      gradient += g
      projection = projection.addingProduct(g, x[i] - center)
      i &+= 1
    }
    let shift = -gradient * scale / Float(columns)
    let correction = -projection * scale * scale * scale / Float(columns)
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      let g: V = dy[i] * w[i]
      let centred: V = x[i] - center
      let change: V = g * scale + centred * correction
      dx[i] = dx[i] + (shift + change)
    }
    forEachLane(of: columns, step, step)
    if let dw = weightGradient?.base {
      @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
        let normed: V = (x[i] - center) * scale
        dw[i] = dw[i] + dy[i] * normed
      }
      forEachLane(of: columns, step, step)
    }
    biasGradient?.add(outputGradient.row(row))
  }
}

/// Σ x over `count` floats.
@inline(always) private func sum(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
  var sums = Lane(repeating: 0)
  var index = 0
  while index &+ laneWidth <= count {
    sums += x.lane(index)
    index &+= laneWidth
  }
  var sum = sums.total
  while index < count {
    sum += x[index]
    index &+= 1
  }
  return sum
}
