import Kernels

/// A block whose two parts read the same residual stream:
/// x += attention(norm₁(x)) + feedForward(norm₂(x)).
struct ParallelBlock: Block {
  let attentionNorm: Norm
  let attention: SelfAttention
  let feedForwardNorm: Norm
  let feedForward: FeedForward

  struct Buffers {
    let attentionNorm, feedForwardNorm: Norm.Buffers
    let attention: SelfAttention.Buffers
    let feedForward: FeedForward.Buffers
  }

  struct Gradients {
    /// `[rows, hiddenSize]` each: of what the norms wrote.
    let attentionNormed, feedForwardNormed: Matrix
    let attention: SelfAttention.Gradients
    let feedForward: FeedForward.Buffers
  }

  func buffers(_ arena: inout Arena, input: Matrix, keeping: Activations.Keeping) -> Buffers {
    Buffers(
      attentionNorm: attentionNorm.buffers(&arena, rows: input.rows),
      feedForwardNorm: feedForwardNorm.buffers(&arena, rows: input.rows),
      attention: attention.buffers(&arena, rows: input.rows),
      feedForward: feedForward.buffers(&arena, rows: input.rows))
  }

  func gradients(_ arena: inout Arena, rows: Int) -> Gradients {
    let width = attentionNorm.weight.count
    return Gradients(
      attentionNormed: arena.matrix(rows: rows, columns: width),
      feedForwardNormed: arena.matrix(rows: rows, columns: width),
      attention: attention.gradients(&arena, rows: rows),
      feedForward: feedForward.buffers(&arena, rows: rows))
  }

  func forward(_ input: Matrix, into output: Matrix?, _ b: Buffers, _ pass: Pass) {
    attentionNorm.forward(input, b.attentionNorm)
    feedForwardNorm.forward(input, b.feedForwardNorm)
    attention.forward(b.attentionNorm.output, b.attention, pass)
    feedForward.forward(b.feedForwardNorm.output, b.feedForward, pass)
    guard let output else { return }
    output.copyIfElsewhere(from: input)
    attention.output.add(b.attention.mixed, to: output, pass)
    feedForward.down.add(b.feedForward.activated, to: output, pass)
  }

  func backward(
    _ input: Matrix, residual: Matrix, _ b: Buffers, _ g: Gradients, sums: ParallelBlock?,
    _ pass: Pass
  ) {
    attention.backward(
      b.attentionNorm.output, b.attention, outputGradient: residual,
      inputGradient: g.attentionNormed, gradients: g.attention, sums: sums?.attention, pass)
    feedForward.backward(
      b.feedForwardNorm.output, b.feedForward, outputGradient: residual,
      inputGradient: g.feedForwardNormed, gradients: g.feedForward, sums: sums?.feedForward, pass)
    attentionNorm.backward(
      input, b.attentionNorm, outputGradient: g.attentionNormed, inputGradient: residual,
      sums: sums?.attentionNorm)
    feedForwardNorm.backward(
      input, b.feedForwardNorm, outputGradient: g.feedForwardNormed, inputGradient: residual,
      sums: sums?.feedForwardNorm)
  }
}
