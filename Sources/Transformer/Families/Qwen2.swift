extension ModelFamily {
  /// Qwen2 and Qwen2.5 (`modeling_qwen2.py` of transformers): Llama with a bias on queries, keys
  /// and values.
  public static let qwen2 = ModelFamily(
    architecture: "Qwen2ForCausalLM", modelType: "qwen2",
    format: ConfigurationFormat(
      contextLength: 32_768, endOfTextToken: 0, absentFeatures: ["use_sliding_window"])
  ) { parameters, c in
    .llama(&parameters, c, hasQueryKeyValueBias: true)
  }
}
