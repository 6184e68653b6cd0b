import Kernels

/// A normalisation of each row, with a weight.
struct Norm {
  enum Kind: Sendable, Equatable {
    /// By the root of the mean square; `offset` is added to the weight (Zhang & Sennrich 2019,
    /// arXiv 1910.07467).
    case rootMeanSquare(offset: Float = 0)
    /// By mean and variance, with a bias (Ba, Kiros & Hinton 2016, arXiv 1607.06450).
    case layer

    /// What is added to the weight.
    var offset: Float {
      if case .rootMeanSquare(let offset) = self { offset } else { 0 }
    }
  }

  /// `[width]`
  let weight: Floats
  /// `[width]`, of a layer norm.
  private let bias: Floats?
  private let kind: Kind
  private let epsilon: Float

  /// What the forward pass writes and the backward pass reads.
  struct Buffers {
    /// `[rows, width]`
    let output: Matrix
    /// `[rows]`: 1 / root-mean-square, or 1 / deviation.
    fileprivate let inverse: Floats
    /// `[rows]`, of a layer norm.
    fileprivate let mean: Floats?
  }

  /// - Parameter name: the tensors', without ".weight" and ".bias".
  init(
    _ parameters: inout ParameterArena, _ name: String, _ c: Configuration,
    _ kind: Kind = .rootMeanSquare()
  ) {
    self.kind = kind
    epsilon = Float(c.normEpsilon)
    switch kind {
    case .rootMeanSquare(let offset):
      weight = parameters.vector(
        name + ".weight", c.hiddenSize, initial: offset == 1 ? .zeros : .ones)
      bias = nil
    case .layer:
      weight = parameters.vector(name + ".weight", c.hiddenSize, initial: .ones)
      bias = parameters.vector(name + ".bias", c.hiddenSize, initial: .zeros)
    }
  }

  func buffers(_ arena: inout Arena, rows: Int) -> Buffers {
    Buffers(
      output: arena.matrix(rows: rows, columns: weight.count), inverse: arena.vector(rows),
      mean: kind == .layer ? arena.vector(rows) : nil)
  }

  /// input: `[rows, width]`
  func forward(_ input: Matrix, _ buffers: Buffers) {
    if let bias, let mean = buffers.mean {
      layerNormForward(
        input, weight: weight, bias: bias, epsilon: epsilon, output: buffers.output, mean: mean,
        inverse: buffers.inverse)
    } else {
      rmsNormForward(
        input, weight: weight, offset: offset, epsilon: epsilon, output: buffers.output,
        inverse: buffers.inverse)
    }
  }

  /// Adds the gradient of the input to `inputGradient`, and those of weight and bias to `sums`.
  func backward(
    _ input: Matrix, _ buffers: Buffers, outputGradient: Matrix, inputGradient: Matrix,
    sums: Norm?
  ) {
    if let mean = buffers.mean {
      layerNormBackward(
        input, weight: weight, mean: mean, inverse: buffers.inverse,
        outputGradient: outputGradient, inputGradient: inputGradient,
        weightGradient: sums?.weight, biasGradient: sums?.bias)
    } else {
      rmsNormBackward(
        input, weight: weight, offset: offset, inverse: buffers.inverse,
        outputGradient: outputGradient, inputGradient: inputGradient,
        weightGradient: sums?.weight)
    }
  }

  private var offset: Float { kind.offset }
}
