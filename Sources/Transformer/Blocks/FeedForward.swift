import Kernels

/// The feed-forward part of a block: down(f(up(x))), or down(f(gate(x)) · up(x)) if it is gated
/// (Shazeer 2020, arXiv 2002.05202).
///
/// `forward` ends before the last product, `down`, whose result the block adds to its residual
/// stream.
struct FeedForward {
  /// `[intermediateSize, hiddenSize]`; if gated, twice as many rows: those of gate, then up.
  let up: Linear
  /// `[hiddenSize, intermediateSize]`
  let down: Linear
  private let isGated: Bool
  private let activation: Activation

  init(up: Linear, down: Linear, isGated: Bool, _ c: Configuration) {
    self.up = up
    self.down = down
    self.isGated = isGated
    activation = c.activation
  }

  /// What the forward pass writes and the backward pass reads.
  struct Buffers {
    /// `[rows, intermediateSize]`, or twice as wide: what `up` writes.
    let up: Matrix
    /// `[rows, intermediateSize]`: what `down` reads.
    let activated: Matrix
  }

  /// The same shapes serve the backward pass.
  func buffers(_ arena: inout Arena, rows: Int) -> Buffers {
    Buffers(
      up: arena.matrix(rows: rows, columns: up.weight.rows),
      activated: arena.matrix(rows: rows, columns: down.weight.columns))
  }

  /// From input, `[rows, hiddenSize]`, to `buffers.activated`.
  func forward(_ input: Matrix, _ buffers: Buffers, _ pass: Pass) {
    up.forward(input, into: buffers.up, pass)
    divide(input.rows, among: pass.threadCount) { _, rows in
      let up = buffers.up.rows(rows.lowerBound, rows.count)
      let activated = buffers.activated.rows(rows.lowerBound, rows.count)
      if isGated {
        gatedForward(activation, up, output: activated)
      } else {
        activationForward(activation, up, output: activated)
      }
    }
  }

  /// From the gradient of what `down` wrote to that of the input, `[rows, hiddenSize]`, which is
  /// overwritten.
  func backward(
    _ input: Matrix, _ buffers: Buffers, outputGradient: Matrix, inputGradient: Matrix,
    gradients: Buffers, sums: FeedForward?, _ pass: Pass
  ) {
    down.backward(
      buffers.activated, outputGradient: outputGradient, inputGradient: gradients.activated, pass)
    down.addGradients(buffers.activated, outputGradient: outputGradient, to: sums?.down, pass)
    divide(input.rows, among: pass.threadCount) { _, rows in
      func part(_ matrix: Matrix) -> Matrix { matrix.rows(rows.lowerBound, rows.count) }
      if isGated {
        gatedBackward(
          activation, part(buffers.up), outputGradient: part(gradients.activated),
          gateUpGradient: part(gradients.up))
      } else {
        activationBackward(
          activation, part(buffers.up), outputGradient: part(gradients.activated),
          inputGradient: part(gradients.up))
      }
    }
    up.addGradients(input, outputGradient: gradients.up, to: sums?.up, pass)
    up.backward(input, outputGradient: gradients.up, inputGradient: inputGradient, pass)
  }
}
