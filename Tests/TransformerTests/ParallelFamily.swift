import Kernels

@testable import Transformer

/// A family that only the tests have: its blocks run attention and feed-forward side by side, as
/// GPT-NeoX's do.
///
/// It shows that a family is one file, and that the parts of a block can be put together anew.
extension ModelFamily {
  static let parallel = ModelFamily(
    architecture: "ParallelForCausalLM", modelType: "parallel",
    format: ConfigurationFormat(contextLength: 2048, endOfTextToken: 0)
  ) { parameters, c in
    let embedding = TokenEmbedding(&parameters, "embed_in", c)
    let layers = (0..<c.layerCount).map { layer in
      parameters.layer("layers.\(layer).") { ParallelBlock(&$0, c, layer: layer) }
    }
    let head = OutputHead(
      &parameters, norm: "final_norm", matrix: "embed_out", tiedTo: embedding, c)
    return Weights(embedding: embedding, layers: layers, head: head)
  }
}

/// x += attention(norm₁(x)) + feedForward(norm₂(x)).
private struct ParallelBlock: Block {
  let attentionNorm, feedForwardNorm: RMSNorm
  let attention: SelfAttention
  let feedForward: GatedFeedForward

  init(_ parameters: inout ParameterArena, _ c: Configuration, layer: Int) {
    attentionNorm = RMSNorm(
      &parameters, "norm_1", width: c.hiddenSize, epsilon: c.normEpsilon)
    feedForwardNorm = RMSNorm(
      &parameters, "norm_2", width: c.hiddenSize, epsilon: c.normEpsilon)
    attention = SelfAttention(
      queryKeyValue: Linear(
        &parameters, [("attention.query_key_value", c.queryWidth + 2 * c.keyValueWidth)],
        inputs: c.hiddenSize, hasBias: true),
      output: Linear(&parameters, [("attention.o_proj", c.hiddenSize)], inputs: c.queryWidth),
      c, layer: layer)
    feedForward = GatedFeedForward(
      gateUp: Linear(
        &parameters, [("mlp.gate_up", 2 * c.intermediateSize)], inputs: c.hiddenSize),
      down: Linear(&parameters, [("mlp.down_proj", c.hiddenSize)], inputs: c.intermediateSize))
  }

  struct Buffers {
    let attentionNorm, feedForwardNorm: RMSNorm.Buffers
    let attention: SelfAttention.Buffers
    let feedForward: GatedFeedForward.Buffers
  }

  struct Gradients {
    let attentionNormed, feedForwardNormed: Matrix
    let attention: SelfAttention.Gradients
    let feedForward: GatedFeedForward.Buffers
  }

  func buffers(_ arena: inout Arena, input: Matrix, keeping: Activations.Keeping) -> Buffers {
    let (rows, width) = (input.rows, input.columns)
    return Buffers(
      attentionNorm: RMSNorm.Buffers(&arena, rows: rows, width: width),
      feedForwardNorm: RMSNorm.Buffers(&arena, rows: rows, width: width),
      attention: attention.buffers(&arena, rows: rows),
      feedForward: feedForward.buffers(&arena, rows: rows))
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
    feedForward.down.add(b.feedForward.gated, to: output, pass)
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
