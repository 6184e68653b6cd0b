import Kernels

/// Root-mean-square normalisation of each row, with a weight (Zhang & Sennrich 2019,
/// arXiv 1910.07467).
struct RMSNorm {
  /// `[width]`
  let weight: Floats
  private let epsilon: Float

  /// What the forward pass writes and the backward pass reads.
  struct Buffers {
    /// `[rows, width]`
    let output: Matrix
    /// `[rows]`: 1 / root-mean-square
    let inverse: Floats

    init(_ arena: inout Arena, rows: Int, width: Int) {
      output = arena.matrix(rows: rows, columns: width)
      inverse = arena.vector(rows)
    }
  }

  /// - Parameter name: the tensor's, without ".weight".
  init(_ parameters: inout ParameterArena, _ name: String, width: Int, epsilon: Double) {
    weight = parameters.vector(name + ".weight", width, initial: .ones)
    self.epsilon = Float(epsilon)
  }

  /// input: `[rows, width]`
  func forward(_ input: Matrix, _ buffers: Buffers) {
    rmsNormForward(
      input, weight: weight, epsilon: epsilon, output: buffers.output, inverse: buffers.inverse)
  }

  /// Adds the gradient of the input to `inputGradient`, and that of the weight to `sums`.
  func backward(
    _ input: Matrix, _ buffers: Buffers, outputGradient: Matrix, inputGradient: Matrix,
    sums: RMSNorm?
  ) {
    rmsNormBackward(
      input, weight: weight, inverse: buffers.inverse, outputGradient: outputGradient,
      inputGradient: inputGradient, weightGradient: sums?.weight)
  }
}
