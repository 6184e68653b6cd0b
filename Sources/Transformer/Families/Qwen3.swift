import Support

extension ModelFamily {
  /// Qwen3 (`modeling_qwen3.py` of transformers): Llama with a norm of each query and key.
  public static let qwen3 = ModelFamily(
    architecture: "Qwen3ForCausalLM", modelType: "qwen3",
    format: ConfigurationFormat(headSize: 128, contextLength: 32_768, endOfTextToken: 0),
    readSettings: { file, c in
      try file.readRope(file.ropeSettings(), into: &c)
      try file.readSlidingLayers(into: &c)
      c.hasAttentionBias = try file.flag("attention_bias") ?? false
    },
    settings: { c in
      c.ropeSettings + c.slidingSettings + [("attention_bias", .boolean(c.hasAttentionBias))]
    },
    weights: { parameters, c in
      .llama(
        &parameters, c, queryKeyValueBias: c.hasAttentionBias, outputBias: c.hasAttentionBias,
        normalizesQueriesAndKeys: true)
    })
}
