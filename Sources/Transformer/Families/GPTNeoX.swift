import Kernels
import Support

extension ModelFamily {
  /// GPT-NeoX (`modeling_gpt_neox.py` of transformers), Pythia among them: partly rotated heads,
  /// layer norms, biases, and attention beside the feed-forward layer.
  public static let gptNeoX = ModelFamily(
    architecture: "GPTNeoXForCausalLM", modelType: "gpt_neox",
    format: {
      var format = ConfigurationFormat(contextLength: 2048, endOfTextToken: 2)
      format.keys.keyValueHeadCount = nil
      format.keys.headSize = nil
      format.keys.normEpsilon = "layer_norm_eps"
      format.normEpsilon = 1e-5
      format.activation = "gelu"
      return format
    }(),
    readSettings: { file, c in
      try file.readRope(
        file.ropeSettings(), into: &c, thetaKey: "rotary_emb_base", shareKey: "rotary_pct",
        defaultShare: 0.25)
      // Transformers does not read it here.
      if let theta = try file.number("rope_theta"), theta != c.ropeTheta {
        throw ConfigurationError(
          "rope_theta is \(theta), but the base of the rotary positions is \(c.ropeTheta) "
            + "(rotary_emb_base); correct one of them")
      }
      c.hasAttentionBias = try file.flag("attention_bias") ?? true
      c.hasFeedForwardBias = true
      c.hasParallelResidual = try file.flag("use_parallel_residual") ?? true
    },
    settings: { c in
      [
        ("rotary_emb_base", .number(c.ropeTheta)), ("rotary_pct", .number(c.rotaryShare)),
        ("attention_bias", .boolean(c.hasAttentionBias)),
        ("use_parallel_residual", .boolean(c.hasParallelResidual)),
      ] + (c.ropeScaling.map { [("rope_scaling", .object($0.settings))] } ?? [])
    },
    prefix: "gpt_neox.", embedding: "embed_in.weight", tiedHead: "embed_out.weight",
    ignoredTensors: ["rotary_emb.inv_freq", ".attention.bias", ".attention.masked_bias"],
    weights: { parameters, c in
      let embedding = TokenEmbedding(&parameters, "gpt_neox.embed_in", c)
      let layers: [any Block] = (0..<c.layerCount).map { layer in
        parameters.layer("gpt_neox.layers.\(layer).") { parameters in
          let attentionNorm = Norm(&parameters, "input_layernorm", c, .layer)
          let feedForwardNorm = Norm(&parameters, "post_attention_layernorm", c, .layer)
          let attention = SelfAttention(
            queryKeyValue: Linear(
              &parameters, [("attention.query_key_value", 3 * c.queryWidth)], inputs: c.hiddenSize,
              hasBias: c.hasAttentionBias, order: .headByHead(heads: c.headCount)),
            output: Linear(
              &parameters, [("attention.dense", c.hiddenSize)], inputs: c.queryWidth,
              hasBias: c.hasAttentionBias, initial: .zeros),
            c, layer: layer)
          let feedForward = FeedForward(
            up: Linear(
              &parameters, [("mlp.dense_h_to_4h", c.intermediateSize)], inputs: c.hiddenSize,
              hasBias: true),
            down: Linear(
              &parameters, [("mlp.dense_4h_to_h", c.hiddenSize)], inputs: c.intermediateSize,
              hasBias: true, initial: .zeros),
            isGated: false, c)
          return c.hasParallelResidual
            ? ParallelBlock(
              attentionNorm: attentionNorm, attention: attention, feedForwardNorm: feedForwardNorm,
              feedForward: feedForward)
            : SequentialBlock(
              attentionNorm: attentionNorm, attention: attention, feedForwardNorm: feedForwardNorm,
              feedForward: feedForward)
        }
      }
      let head = OutputHead(
        &parameters, norm: "gpt_neox.final_layer_norm", .layer, matrix: "embed_out",
        tiedTo: embedding, c)
      return Weights(embedding: embedding, layers: layers, head: head)
    })
}
