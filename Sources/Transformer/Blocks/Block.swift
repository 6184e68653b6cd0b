import Kernels

/// One layer of a model: its weights as views into an arena, and how it runs.
///
/// A value with views into an arena of gradients says where those are added. A type that conforms
/// says which buffers it needs and, side by side, its forward and backward pass; the methods on
/// plain floats, which the passes of the whole model call, follow from that.
protocol Block: Sendable {
  /// What the forward pass writes and the backward pass reads.
  associatedtype Buffers
  /// What the backward pass needs besides.
  associatedtype Gradients

  /// Takes the buffers from an arena.
  ///
  /// - Parameter input: `[rows, hiddenSize]`, the residual stream as it enters the layer.
  func buffers(_ arena: inout Arena, input: Matrix, keeping: Activations.Keeping) -> Buffers
  func gradients(_ arena: inout Arena, rows: Int) -> Gradients

  /// Runs the layer from its input to its output, both `[rows, hiddenSize]`.
  ///
  /// Both are the same memory if nothing is kept for a backward pass.
  ///
  /// - Parameter output: nil to compute only what the backward pass reads.
  func forward(_ input: Matrix, into output: Matrix?, _ buffers: Buffers, _ pass: Pass)

  /// Turns the gradient of the layer's output into that of its input, in place, and adds the
  /// gradients of the weights to `sums`, if there are any.
  ///
  /// - Parameter residual: `[rows, hiddenSize]`
  func backward(
    _ input: Matrix, residual: Matrix, _ buffers: Buffers, _ gradients: Gradients, sums: Self?,
    _ pass: Pass)

  // The same with the buffers as plain floats. They are requirements, so that the compiler makes a
  // specialised copy for each type of block.

  /// Floats that the buffers take.
  func bufferCount(input: Matrix, keeping: Activations.Keeping) -> Int
  func gradientCount(rows: Int) -> Int
  func forward(_ input: Matrix, into output: Matrix?, buffers: Floats, _ pass: Pass)
  func backward(
    _ input: Matrix, residual: Matrix, buffers: Floats, gradients: Floats, sums: (any Block)?,
    _ pass: Pass)
}

extension Block {
  func bufferCount(input: Matrix, keeping: Activations.Keeping) -> Int {
    var arena = Arena()
    _ = buffers(&arena, input: input, keeping: keeping)
    return arena.count
  }

  func gradientCount(rows: Int) -> Int {
    var arena = Arena()
    _ = gradients(&arena, rows: rows)
    return arena.count
  }

  func forward(_ input: Matrix, into output: Matrix?, buffers: Floats, _ pass: Pass) {
    var arena = Arena(buffers)
    forward(
      input, into: output, self.buffers(&arena, input: input, keeping: pass.keeping), pass)
  }

  /// - Precondition: the sums are those of a block of the same type.
  func backward(
    _ input: Matrix, residual: Matrix, buffers: Floats, gradients: Floats, sums: (any Block)?,
    _ pass: Pass
  ) {
    let typedSums = sums as? Self
    precondition((typedSums == nil) == (sums == nil), "gradients of another type of block")
    var arena = Arena(buffers)
    let buffers = self.buffers(&arena, input: input, keeping: pass.keeping)
    arena = Arena(gradients)
    let gradients = self.gradients(&arena, rows: input.rows)
    backward(input, residual: residual, buffers, gradients, sums: typedSums, pass)
  }
}
