// The gated feed-forward unit (Shazeer 2020, arXiv 2002.05202).

/// output = silu(gate) · up, silu(g) = g / (1 + e^−g).
///
/// gateUp: `[rows, 2 · width]`, in each row first gate, then up; output: `[rows, width]`.
public func swigluForward(_ gateUp: Matrix, output: Matrix) {
  let width = output.columns
  precondition(gateUp.rows == output.rows && gateUp.columns == 2 * width)
  for row in 0..<output.rows {
    let gate = gateUp.base + row &* gateUp.stride
    let up = gate + width
    let out = output.base + row &* output.stride
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      let g = gate[i]
      out[i] = g / (1 + (-g).exponential) * up[i]
    }
    forEachLane(of: width, step, step)
  }
}

/// The backward pass of `swigluForward`: overwrites `gateUpGradient`, which may be `gateUp` itself.
///
/// gateUp, gateUpGradient: `[rows, 2 · width]`; outputGradient: `[rows, width]`.
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
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      let (g, u, d) = (gate[i], up[i], dOut[i])
      let sigmoid = 1 / (1 + (-g).exponential)
      let silu = g * sigmoid
      dGate[i] = d * u * (sigmoid + silu * (1 - sigmoid))
      dUp[i] = d * silu
    }
    forEachLane(of: width, step, step)
  }
}
