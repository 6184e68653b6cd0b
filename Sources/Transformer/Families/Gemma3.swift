import Kernels
import Support

extension ModelFamily {
  /// Gemma 3 without images (`modeling_gemma3.py` of transformers): scaled embeddings, norms before
  /// and after each part whose weights count from one, and layers that see a window of tokens with
  /// rotary positions of their own.
  public static let gemma3 = ModelFamily(
    architecture: "Gemma3ForCausalLM", modelType: "gemma3_text",
    format: {
      var format = ConfigurationFormat(
        headSize: 256, contextLength: 131_072, endOfTextToken: 1)
      format.keys.activation = "hidden_activation"
      format.activation = "gelu_pytorch_tanh"
      format.tiesEmbeddings = true
      return format
    }(),
    readSettings: { file, c in
      try readGemmaRope(file, &c)
      let window = try file.integer("sliding_window") ?? 4096
      let pattern = try file.integer("sliding_window_pattern") ?? 6
      guard pattern > 0 else {
        throw ConfigurationError("sliding_window_pattern is \(pattern); it must be positive")
      }
      let types = try file.texts("layer_types")
      file.skip("_sliding_window_pattern")
      try file.readLayerTypes(
        types ?? c.layers { ($0 + 1) % pattern != 0 }, window: window, into: &c)
      let scalar = try file.number("query_pre_attn_scalar") ?? 256
      guard scalar > 0 else {
        throw ConfigurationError("query_pre_attn_scalar is \(scalar); it must be positive")
      }
      c.attentionScale = 1 / scalar.squareRoot()
      c.hasAttentionBias = try file.flag("attention_bias") ?? false
      for (key, feature) in [
        ("use_bidirectional_attention", "attention in both directions"),
        ("attn_logit_softcapping", "capped scores"), ("final_logit_softcapping", "capped logits"),
      ] {
        switch file.read(key) {
        case nil, .boolean(false)?: continue
        default:
          throw ConfigurationError(
            "\(key) is set, which means \(feature); that is not supported")
        }
      }
    },
    settings: { c in
      let scale = c.attentionScale ?? 1 / Double(c.headSize).squareRoot()
      let scalar = 1 / (scale * scale)
      // Usually a whole number, which transformers wants.
      let whole = scalar.rounded()
      return [
        ("rope_theta", .number(c.ropeTheta)),
        ("rope_local_base_freq", .number(c.slidingRopeTheta ?? c.ropeTheta)),
        ("rope_scaling", c.ropeScaling.map { .object($0.settings) } ?? nil),
        ("sliding_window", .integer(c.slidingWindow ?? c.contextLength)),
        ("layer_types", .array(c.layers { c.slidingLayers.contains($0) }.map(JSONValue.string))),
        (
          "query_pre_attn_scalar",
          abs(scalar - whole) < 1e-9 * whole && whole < 1e15
            ? .integer(Int(whole)) : .number(scalar)
        ),
        ("attention_bias", .boolean(c.hasAttentionBias)),
      ]
    },
    weights: { parameters, c in
      let norm = Norm.Kind.rootMeanSquare(offset: 1)
      let embedding = TokenEmbedding(
        &parameters, "model.embed_tokens", scale: Float(c.hiddenSize).squareRoot(), c)
      let layers = (0..<c.layerCount).map { layer in
        parameters.layer("model.layers.\(layer).") { parameters in
          SandwichBlock(
            attentionNorm: Norm(&parameters, "input_layernorm", c, norm),
            attention: .separate(
              &parameters, c, layer: layer, queryKeyValueBias: c.hasAttentionBias,
              outputBias: c.hasAttentionBias, norm: norm),
            attentionOutputNorm: Norm(&parameters, "post_attention_layernorm", c, norm),
            feedForwardNorm: Norm(&parameters, "pre_feedforward_layernorm", c, norm),
            feedForward: .gated(&parameters, c),
            feedForwardOutputNorm: Norm(&parameters, "post_feedforward_layernorm", c, norm))
        }
      }
      let head = OutputHead(
        &parameters, norm: "model.norm", norm, matrix: "lm_head", tiedTo: embedding, c)
      return Weights(embedding: embedding, layers: layers, head: head)
    })

  /// The rotary positions of layers that see everything, and the base of those that slide.
  private static func readGemmaRope(_ file: SettingsReader, _ c: inout Configuration) throws {
    let newer = try file.settings("rope_parameters")
    let older = try file.settings("rope_scaling")
    let full = try newer?.settings("full_attention")
    let sliding = try newer?.settings("sliding_attention")
    guard newer == nil || full != nil || sliding != nil else {
      throw ConfigurationError(
        "rope_parameters has neither \"full_attention\" nor \"sliding_attention\"; add them")
    }
    try file.readRope(older ?? full, into: &c, defaultTheta: 1_000_000)
    if older != nil, let theta = try full?.number("rope_theta") { c.ropeTheta = theta }
    // The same reading for the other kind of layer, of which only the base is kept.
    var local = c
    try file.readRope(
      sliding, into: &local, thetaKey: "rope_local_base_freq", defaultTheta: 10_000)
    guard local.ropeScaling == nil else {
      throw ConfigurationError(
        "rope_parameters.sliding_attention is scaled; only \"default\" is supported there")
    }
    c.slidingRopeTheta = local.ropeTheta
  }
}
