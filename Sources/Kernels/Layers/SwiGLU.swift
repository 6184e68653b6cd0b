// The gated feed-forward unit (Shazeer 2020, arXiv 2002.05202).

/// output = silu(gate) · up, silu(g) = g / (1 + e^−g).
///
/// gateUp: `[rows, 2 · width]`, gate in the first half of each row and up in the second;
/// output: `[rows, width]`.
public func swigluForward(_ gateUp: Matrix, output: Matrix) {
  let width = output.columns
  precondition(gateUp.rows == output.rows && gateUp.columns == 2 * width)
  for row in 0..<output.rows {
    let gate = gateUp.base + row &* gateUp.stride
    let up = gate + width
    let out = output.base + row &* output.stride
    var i = 0
    while i &+ laneWidth <= width {
      let g = gate.lane(i)
      out.store(g / (1 + exponential(-g)) * up.lane(i), i)
      i &+= laneWidth
    }
    while i < width {
      out[i] = gate[i] / (1 + exponential(-gate[i])) * up[i]
      i &+= 1
    }
  }
}

/// Writes the gradient of `swigluForward` by gate and up into `gateUpGradient`.
///
/// outputGradient: `[rows, width]`; gateUpGradient: `[rows, 2 · width]`; it may be `gateUp` itself.
public func swigluBackward(_ gateUp: Matrix, outputGradient: Matrix, gateUpGradient: Matrix) {
  let width = outputGradient.columns
  precondition(gateUp.rows == outputGradient.rows && gateUp.columns == 2 * width)
  precondition(gateUpGradient.rows == gateUp.rows && gateUpGradient.columns == 2 * width)
  for row in 0..<outputGradient.rows {
    let gate = gateUp.base + row &* gateUp.stride
    let up = gate + width
    let dOut = outputGradient.base + row &* outputGradient.stride
    let dGate = gateUpGradient.base + row &* gateUpGradient.stride
    let dUp = dGate + width
    var i = 0
    while i &+ laneWidth <= width {
      let g = gate.lane(i)
      let u = up.lane(i)
      let d = dOut.lane(i)
      let sigmoid = 1 / (1 + exponential(-g))
      let silu = g * sigmoid
      dGate.store(d * u * (sigmoid + silu * (1 - sigmoid)), i)
      dUp.store(d * silu, i)
      i &+= laneWidth
    }
    while i < width {
      let (g, u, d) = (gate[i], up[i], dOut[i])
      let sigmoid = 1 / (1 + exponential(-g))
      let silu = g * sigmoid
      dGate[i] = d * u * (sigmoid + silu * (1 - sigmoid))
      dUp[i] = d * silu
      i &+= 1
    }
  }
}
