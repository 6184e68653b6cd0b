import Kernels

/// A block that normalises before each of its two parts: x += attention(norm(x)), then
/// x += feedForward(norm(x)).
struct SequentialBlock: Block {
  let attentionNorm: Norm
  let attention: SelfAttention
  let feedForwardNorm: Norm
  let feedForward: FeedForward

  struct Buffers {
    let attentionNorm: Norm.Buffers
    let attention: SelfAttention.Buffers
    /// `[rows, hiddenSize]`: the residual stream between the two parts.
    let middle: Matrix
    let feedForwardNorm: Norm.Buffers
    let feedForward: FeedForward.Buffers
  }

  struct Gradients {
    /// `[rows, hiddenSize]`: of what a norm wrote.
    let normed: Matrix
    let attention: SelfAttention.Gradients
    let feedForward: FeedForward.Buffers
  }

  func buffers(_ arena: inout Arena, input: Matrix, keeping: Activations.Keeping) -> Buffers {
    let rows = input.rows
    return Buffers(
      attentionNorm: attentionNorm.buffers(&arena, rows: rows),
      attention: attention.buffers(&arena, rows: rows),
      middle: keeping == .nothing ? input : arena.matrix(rows: rows, columns: input.columns),
      feedForwardNorm: feedForwardNorm.buffers(&arena, rows: rows),
      feedForward: feedForward.buffers(&arena, rows: rows))
  }

  func gradients(_ arena: inout Arena, rows: Int) -> Gradients {
    Gradients(
      normed: arena.matrix(rows: rows, columns: attentionNorm.weight.count),
      attention: attention.gradients(&arena, rows: rows),
      feedForward: feedForward.buffers(&arena, rows: rows))
  }

  func forward(_ input: Matrix, into output: Matrix?, _ b: Buffers, _ pass: Pass) {
    attentionNorm.forward(input, b.attentionNorm)
    attention.forward(b.attentionNorm.output, b.attention, pass)
    b.middle.copyIfElsewhere(from: input)
    attention.output.add(b.attention.mixed, to: b.middle, pass)

    feedForwardNorm.forward(b.middle, b.feedForwardNorm)
    feedForward.forward(b.feedForwardNorm.output, b.feedForward, pass)
    guard let output else { return }
    output.copyIfElsewhere(from: b.middle)
    feedForward.down.add(b.feedForward.activated, to: output, pass)
  }

  func backward(
    _ input: Matrix, residual: Matrix, _ b: Buffers, _ g: Gradients, sums: SequentialBlock?,
    _ pass: Pass
  ) {
    feedForward.backward(
      b.feedForwardNorm.output, b.feedForward, outputGradient: residual, inputGradient: g.normed,
      gradients: g.feedForward, sums: sums?.feedForward, pass)
    feedForwardNorm.backward(
      b.middle, b.feedForwardNorm, outputGradient: g.normed, inputGradient: residual,
      sums: sums?.feedForwardNorm)

    attention.backward(
      b.attentionNorm.output, b.attention, outputGradient: residual, inputGradient: g.normed,
      gradients: g.attention, sums: sums?.attention, pass)
    attentionNorm.backward(
      input, b.attentionNorm, outputGradient: g.normed, inputGradient: residual,
      sums: sums?.attentionNorm)
  }
}
