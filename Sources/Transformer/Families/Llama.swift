import Kernels
import Support

extension ModelFamily {
  /// Llama (`modeling_llama.py` of transformers), SmolLM2 and many others.
  public static let llama = ModelFamily(
    architecture: "LlamaForCausalLM", modelType: "llama",
    format: ConfigurationFormat(contextLength: 2048, endOfTextToken: 2),
    readSettings: { file, c in
      try file.readRope(file.ropeSettings(), into: &c)
      c.hasAttentionBias = try file.flag("attention_bias") ?? false
      c.hasFeedForwardBias = try file.flag("mlp_bias") ?? false
      // Llama has none. In a file that was made from Mistral's, it would be one.
      if let window = try file.integer("sliding_window"), window < c.contextLength {
        throw ConfigurationError(
          "sliding_window is \(window), which LlamaForCausalLM does not have (it is a setting of "
            + "Mistral); if the model attends to all tokens before, write null")
      }
    },
    settings: { c in
      c.ropeSettings + [
        ("attention_bias", .boolean(c.hasAttentionBias)),
        ("mlp_bias", .boolean(c.hasFeedForwardBias)),
      ]
    },
    weights: { parameters, c in
      .llama(
        &parameters, c, queryKeyValueBias: c.hasAttentionBias, outputBias: c.hasAttentionBias)
    })
}

extension Configuration {
  /// Base and scaling of the rotary positions as `config.json` states them.
  var ropeSettings: [(key: String, value: JSONValue)] {
    [("rope_theta", .number(ropeTheta))]
      + (ropeScaling.map { [("rope_scaling", .object($0.settings))] } ?? [])
  }
}

extension Weights {
  /// The tensors of Llama, and of the families that differ from it by a bias or a norm of queries
  /// and keys, in the order of the arena.
  ///
  /// - Parameters:
  ///   - queryKeyValueBias: whether a bias is added to queries, keys and values.
  ///   - outputBias: whether one is added to what attention writes.
  ///   - normalizesQueriesAndKeys: whether these are normalised head by head before the rotation.
  static func llama(
    _ parameters: inout ParameterArena, _ c: Configuration, queryKeyValueBias: Bool,
    outputBias: Bool, normalizesQueriesAndKeys: Bool = false
  ) -> Weights {
    let embedding = TokenEmbedding(&parameters, "model.embed_tokens", c)
    let layers = (0..<c.layerCount).map { layer in
      parameters.layer("model.layers.\(layer).") { parameters in
        SequentialBlock(
          attentionNorm: Norm(&parameters, "input_layernorm", c),
          attention: .separate(
            &parameters, c, layer: layer, queryKeyValueBias: queryKeyValueBias,
            outputBias: outputBias,
            norm: normalizesQueriesAndKeys ? .rootMeanSquare() : nil),
          feedForwardNorm: Norm(&parameters, "post_attention_layernorm", c),
          feedForward: .gated(&parameters, c))
      }
    }
    let head = OutputHead(
      &parameters, norm: "model.norm", matrix: "lm_head", tiedTo: embedding, c)
    return Weights(embedding: embedding, layers: layers, head: head)
  }
}

extension SelfAttention {
  /// Attention whose queries, keys and values have a matrix each, under Llama's names.
  ///
  /// - Parameter norm: the norm of queries and keys, if there is one.
  static func separate(
    _ parameters: inout ParameterArena, _ c: Configuration, layer: Int, queryKeyValueBias: Bool,
    outputBias: Bool, norm: Norm.Kind? = nil
  ) -> SelfAttention {
    let queryKeyValue = Linear(
      &parameters,
      [
        ("self_attn.q_proj", c.queryWidth), ("self_attn.k_proj", c.keyValueWidth),
        ("self_attn.v_proj", c.keyValueWidth),
      ], inputs: c.hiddenSize, hasBias: queryKeyValueBias)
    func headNorm(_ name: String) -> Floats? {
      norm.map {
        parameters.vector(
          "self_attn.\(name).weight", c.headSize, initial: $0.offset == 1 ? .zeros : .ones)
      }
    }
    let (queryNorm, keyNorm) = (headNorm("q_norm"), headNorm("k_norm"))
    return SelfAttention(
      queryKeyValue: queryKeyValue, queryNorm: queryNorm, keyNorm: keyNorm,
      normOffset: norm?.offset ?? 0,
      output: Linear(
        &parameters, [("self_attn.o_proj", c.hiddenSize)], inputs: c.queryWidth,
        hasBias: outputBias, initial: .zeros),
      c, layer: layer)
  }
}

extension FeedForward {
  /// A gated feed-forward layer under Llama's names.
  static func gated(_ parameters: inout ParameterArena, _ c: Configuration) -> FeedForward {
    let gateUp = Linear(
      &parameters,
      [("mlp.gate_proj", c.intermediateSize), ("mlp.up_proj", c.intermediateSize)],
      inputs: c.hiddenSize, hasBias: c.hasFeedForwardBias)
    return FeedForward(
      up: gateUp,
      down: Linear(
        &parameters, [("mlp.down_proj", c.hiddenSize)], inputs: c.intermediateSize,
        hasBias: c.hasFeedForwardBias, initial: .zeros),
      isGated: true, c)
  }
}
