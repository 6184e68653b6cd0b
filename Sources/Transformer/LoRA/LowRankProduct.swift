import Kernels

/// The matrix scale · b · a, which is added to another one; or the gradients of a and b.
struct LowRankProduct: Sendable {
  /// `[rank, inputs]`
  let a: Matrix
  /// `[outputs, rank]`
  let b: Matrix
  let scale: Float

  /// Two buffers of a pass, `[rows, rank]` or wider.
  struct Scratch {
    let inner, gradient: Matrix

    /// The first columns of both.
    fileprivate func columns(_ rank: Int) -> Scratch {
      Scratch(inner: inner.columns(0, rank), gradient: gradient.columns(0, rank))
    }
  }

  /// output += scale · (input · aᵀ) · bᵀ; input: `[rows, inputs]`, output: `[rows, outputs]`.
  func add(_ input: Matrix, into output: Matrix, _ scratch: Scratch) {
    let inner = scratch.columns(a.rows).inner
    multiply(input, a.transposed, into: inner)
    multiply(inner, b.transposed, into: output, scale: scale, accumulate: true)
  }

  /// Adds the gradients of `add`: that of the input to `inputGradient`, those of a and b to `sums`.
  ///
  /// With u = input · aᵀ and h = scale · outputGradient · b, they are h · a for the input,
  /// hᵀ · input for a and scale · outputGradientᵀ · u for b. u is computed again, which is cheaper
  /// than keeping it.
  func backward(
    _ input: Matrix, outputGradient: Matrix, inputGradient: Matrix, sums: LowRankProduct,
    _ scratch: Scratch
  ) {
    let scratch = scratch.columns(a.rows)
    multiply(input, a.transposed, into: scratch.inner)
    multiply(
      outputGradient.transposed, scratch.inner, into: sums.b, scale: scale, accumulate: true)
    multiply(outputGradient, b, into: scratch.gradient, scale: scale)
    multiply(scratch.gradient.transposed, input, into: sums.a, accumulate: true)
    multiply(scratch.gradient, a, into: inputGradient, accumulate: true)
  }

  /// matrix += scale · b · a
  func merge(into matrix: Matrix) {
    multiply(b, a, into: matrix, scale: scale, accumulate: true)
  }
}
