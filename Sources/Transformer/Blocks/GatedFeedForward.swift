import Kernels

/// The feed-forward part of a block: down(silu(gate(x)) · up(x)) (Shazeer 2020, arXiv 2002.05202).
///
/// `forward` ends before the last product, `down`, whose result the block adds to its residual
/// stream.
struct GatedFeedForward {
  /// `[2 · intermediateSize, hiddenSize]`: the rows of gate, then up.
  let gateUp: Linear
  /// `[hiddenSize, intermediateSize]`
  let down: Linear

  /// What the forward pass writes and the backward pass reads.
  struct Buffers {
    /// `[rows, 2 · intermediateSize]`
    let gateUp: Matrix
    /// `[rows, intermediateSize]`: what `down` reads.
    let gated: Matrix
  }

  /// The same shapes serve the backward pass.
  func buffers(_ arena: inout Arena, rows: Int) -> Buffers {
    Buffers(
      gateUp: arena.matrix(rows: rows, columns: gateUp.weight.rows),
      gated: arena.matrix(rows: rows, columns: down.weight.columns))
  }

  /// From input, `[rows, hiddenSize]`, to `buffers.gated`.
  func forward(_ input: Matrix, _ buffers: Buffers, _ pass: Pass) {
    gateUp.forward(input, into: buffers.gateUp, pass)
    swigluForward(buffers.gateUp, output: buffers.gated)
  }

  /// From the gradient of what `down` wrote to that of the input, `[rows, hiddenSize]`, which is
  /// overwritten.
  func backward(
    _ input: Matrix, _ buffers: Buffers, outputGradient: Matrix, inputGradient: Matrix,
    gradients: Buffers, sums: GatedFeedForward?, _ pass: Pass
  ) {
    down.backward(
      buffers.gated, outputGradient: outputGradient, inputGradient: gradients.gated, pass)
    down.addGradients(buffers.gated, outputGradient: outputGradient, to: sums?.down)
    swigluBackward(
      buffers.gateUp, outputGradient: gradients.gated, gateUpGradient: gradients.gateUp)
    gateUp.addGradients(input, outputGradient: gradients.gateUp, to: sums?.gateUp)
    gateUp.backward(
      input, outputGradient: gradients.gateUp, inputGradient: inputGradient, pass)
  }
}
