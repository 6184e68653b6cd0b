extension ModelFamily {
  /// Qwen3 (`modeling_qwen3.py` of transformers): Llama with a norm of each query and key.
  public static let qwen3 = ModelFamily(
    architecture: "Qwen3ForCausalLM", modelType: "qwen3",
    format: ConfigurationFormat(
      headSize: 128, contextLength: 32_768, endOfTextToken: 0,
      absentFeatures: ["use_sliding_window"])
  ) { parameters, c in
    .llama(&parameters, c, normalizesQueriesAndKeys: true)
  }
}
