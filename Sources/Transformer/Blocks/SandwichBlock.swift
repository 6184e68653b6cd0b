import Kernels

/// A block that normalises before and after each of its two parts: x += norm(attention(norm(x))),
/// then x += norm(feedForward(norm(x))).
struct SandwichBlock: Block {
  let attentionNorm: Norm
  let attention: SelfAttention
  let attentionOutputNorm: Norm
  let feedForwardNorm: Norm
  let feedForward: FeedForward
  let feedForwardOutputNorm: Norm

  struct Buffers {
    let attentionNorm, attentionOutputNorm, feedForwardNorm, feedForwardOutputNorm: Norm.Buffers
    let attention: SelfAttention.Buffers
    let feedForward: FeedForward.Buffers
    /// `[rows, hiddenSize]` each: what the two parts wrote, and the residual stream between them.
    let attended, fed, middle: Matrix
  }

  struct Gradients {
    /// `[rows, hiddenSize]` each: of what a norm wrote, and of what a part wrote.
    let normed, written: Matrix
    let attention: SelfAttention.Gradients
    let feedForward: FeedForward.Buffers
  }

  func buffers(_ arena: inout Arena, input: Matrix, keeping: Activations.Keeping) -> Buffers {
    let (rows, columns) = (input.rows, input.columns)
    return Buffers(
      attentionNorm: attentionNorm.buffers(&arena, rows: rows),
      attentionOutputNorm: attentionOutputNorm.buffers(&arena, rows: rows),
      feedForwardNorm: feedForwardNorm.buffers(&arena, rows: rows),
      feedForwardOutputNorm: feedForwardOutputNorm.buffers(&arena, rows: rows),
      attention: attention.buffers(&arena, rows: rows),
      feedForward: feedForward.buffers(&arena, rows: rows),
      attended: arena.matrix(rows: rows, columns: columns),
      fed: arena.matrix(rows: rows, columns: columns),
      middle: keeping == .nothing ? input : arena.matrix(rows: rows, columns: columns))
  }

  func gradients(_ arena: inout Arena, rows: Int) -> Gradients {
    let width = attentionNorm.weight.count
    return Gradients(
      normed: arena.matrix(rows: rows, columns: width),
      written: arena.matrix(rows: rows, columns: width),
      attention: attention.gradients(&arena, rows: rows),
      feedForward: feedForward.buffers(&arena, rows: rows))
  }

  func forward(_ input: Matrix, into output: Matrix?, _ b: Buffers, _ pass: Pass) {
    attentionNorm.forward(input, b.attentionNorm)
    attention.forward(b.attentionNorm.output, b.attention, pass)
    attention.output.forward(b.attention.mixed, into: b.attended, pass)
    attentionOutputNorm.forward(b.attended, b.attentionOutputNorm)
    b.middle.copyIfElsewhere(from: input)
    b.middle.floats.add(b.attentionOutputNorm.output.floats)

    feedForwardNorm.forward(b.middle, b.feedForwardNorm)
    feedForward.forward(b.feedForwardNorm.output, b.feedForward, pass)
    feedForward.down.forward(b.feedForward.activated, into: b.fed, pass)
    feedForwardOutputNorm.forward(b.fed, b.feedForwardOutputNorm)
    guard let output else { return }
    output.copyIfElsewhere(from: b.middle)
    output.floats.add(b.feedForwardOutputNorm.output.floats)
  }

  func backward(
    _ input: Matrix, residual: Matrix, _ b: Buffers, _ g: Gradients, sums: SandwichBlock?,
    _ pass: Pass
  ) {
    g.written.floats.fill(0)
    feedForwardOutputNorm.backward(
      b.fed, b.feedForwardOutputNorm, outputGradient: residual, inputGradient: g.written,
      sums: sums?.feedForwardOutputNorm)
    feedForward.backward(
      b.feedForwardNorm.output, b.feedForward, outputGradient: g.written, inputGradient: g.normed,
      gradients: g.feedForward, sums: sums?.feedForward, pass)
    feedForwardNorm.backward(
      b.middle, b.feedForwardNorm, outputGradient: g.normed, inputGradient: residual,
      sums: sums?.feedForwardNorm)

    g.written.floats.fill(0)
    attentionOutputNorm.backward(
      b.attended, b.attentionOutputNorm, outputGradient: residual, inputGradient: g.written,
      sums: sums?.attentionOutputNorm)
    attention.backward(
      b.attentionNorm.output, b.attention, outputGradient: g.written, inputGradient: g.normed,
      gradients: g.attention, sums: sums?.attention, pass)
    attentionNorm.backward(
      input, b.attentionNorm, outputGradient: g.normed, inputGradient: residual,
      sums: sums?.attentionNorm)
  }
}
