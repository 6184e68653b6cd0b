import Kernels

extension ModelFamily {
  /// Llama (`modeling_llama.py` of transformers), SmolLM2 and many others.
  public static let llama = ModelFamily(
    architecture: "LlamaForCausalLM", modelType: "llama",
    format: ConfigurationFormat(
      contextLength: 2048, endOfTextToken: 2, usesAnySlidingWindow: true,
      absentFeatures: ["mlp_bias"])
  ) { parameters, c in
    .llama(&parameters, c)
  }
}

extension Weights {
  /// The tensors of Llama, and of the families that differ from it by a bias or a norm of queries
  /// and keys, in the order of the arena.
  ///
  /// - Parameters:
  ///   - hasQueryKeyValueBias: whether a bias is added to queries, keys and values.
  ///   - normalizesQueriesAndKeys: whether these are normalised head by head before the rotation.
  static func llama(
    _ parameters: inout ParameterArena, _ c: Configuration, hasQueryKeyValueBias: Bool = false,
    normalizesQueriesAndKeys: Bool = false
  ) -> Weights {
    let embedding = TokenEmbedding(&parameters, "model.embed_tokens", c)
    let layers = (0..<c.layerCount).map { layer in
      parameters.layer("model.layers.\(layer).") { parameters in
        LlamaBlock(
          attentionNorm: RMSNorm(
            &parameters, "input_layernorm", width: c.hiddenSize, epsilon: c.normEpsilon),
          attention: SelfAttention(
            queryKeyValue: Linear(
              &parameters,
              [
                ("self_attn.q_proj", c.queryWidth), ("self_attn.k_proj", c.keyValueWidth),
                ("self_attn.v_proj", c.keyValueWidth),
              ], inputs: c.hiddenSize, hasBias: hasQueryKeyValueBias),
            queryNorm: normalizesQueriesAndKeys
              ? parameters.vector("self_attn.q_norm.weight", c.headSize, initial: .ones) : nil,
            keyNorm: normalizesQueriesAndKeys
              ? parameters.vector("self_attn.k_norm.weight", c.headSize, initial: .ones) : nil,
            output: Linear(
              &parameters, [("self_attn.o_proj", c.hiddenSize)], inputs: c.queryWidth,
              initial: .zeros),
            c, layer: layer),
          feedForwardNorm: RMSNorm(
            &parameters, "post_attention_layernorm", width: c.hiddenSize, epsilon: c.normEpsilon),
          feedForward: GatedFeedForward(
            gateUp: Linear(
              &parameters,
              [("mlp.gate_proj", c.intermediateSize), ("mlp.up_proj", c.intermediateSize)],
              inputs: c.hiddenSize),
            down: Linear(
              &parameters, [("mlp.down_proj", c.hiddenSize)], inputs: c.intermediateSize,
              initial: .zeros)))
      }
    }
    let head = OutputHead(
      &parameters, norm: "model.norm", matrix: "lm_head", tiedTo: embedding, c)
    return Weights(embedding: embedding, layers: layers, head: head)
  }
}

/// A block that normalises before each of its two parts: x += attention(norm(x)), then
/// x += feedForward(norm(x)).
struct LlamaBlock: Block {
  let attentionNorm: RMSNorm
  let attention: SelfAttention
  let feedForwardNorm: RMSNorm
  let feedForward: GatedFeedForward

  struct Buffers {
    let attentionNorm: RMSNorm.Buffers
    let attention: SelfAttention.Buffers
    /// `[rows, hiddenSize]`: the residual stream between the two parts.
    let middle: Matrix
    let feedForwardNorm: RMSNorm.Buffers
    let feedForward: GatedFeedForward.Buffers
  }

  struct Gradients {
    /// `[rows, hiddenSize]`: of what a norm wrote.
    let normed: Matrix
    let attention: SelfAttention.Gradients
    let feedForward: GatedFeedForward.Buffers
  }

  func buffers(_ arena: inout Arena, input: Matrix, keeping: Activations.Keeping) -> Buffers {
    let (rows, width) = (input.rows, input.columns)
    return Buffers(
      attentionNorm: RMSNorm.Buffers(&arena, rows: rows, width: width),
      attention: attention.buffers(&arena, rows: rows),
      middle: keeping == .nothing ? input : arena.matrix(rows: rows, columns: width),
      feedForwardNorm: RMSNorm.Buffers(&arena, rows: rows, width: width),
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
    feedForward.down.add(b.feedForward.gated, to: output, pass)
  }

  func backward(
    _ input: Matrix, residual: Matrix, _ b: Buffers, _ g: Gradients, sums: LlamaBlock?,
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
