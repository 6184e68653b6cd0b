import Support
import Transformer

/// The keys of `config.json` that no family reads: those that do not change what a model computes,
/// and those that do unless they have one value.
///
/// A key that is in neither list may mean anything, so the file is refused.
enum KnownSettings {
  /// Keys that are not read because they say nothing of the computation: notes, names, what
  /// training or generation uses.
  private static let harmless: Set<String> = [
    // Of transformers itself.
    "_attn_implementation", "_attn_implementation_autoset", "_commit_hash", "_flash_attn_2_enabled",
    "_model_name_or_path", "_name_or_path", "attn_implementation", "auto_map",
    "cache_implementation",
    "chunk_size_feed_forward", "dtype", "experts_implementation", "gradient_checkpointing",
    "is_decoder", "name_or_path", "output_attentions", "output_hidden_states", "return_dict",
    "tf_legacy_loss", "torch_dtype", "torchscript", "transformers_version", "use_bfloat16",
    "use_cache", "use_return_dict",
    // Tokens, which the tokenizer's files and `generation_config.json` settle.
    "bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id", "sep_token_id",
    "unk_token_id", "tokenizer_class",
    // Training.
    "attention_dropout", "attn_pdrop", "classifier_dropout", "embd_pdrop", "hidden_dropout",
    "initializer_range", "pretraining_tp", "resid_pdrop", "layer_norm_init",
    "initializer_cutoff_factor",
    // Classification, which a language model's head does not do.
    "finetuning_task", "id2label", "label2id", "num_labels", "problem_type",
    "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
    "summary_use_proj", "task_specific_params",
    // Generation, from before `generation_config.json`.
    "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping",
    "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty", "forced_bos_token_id",
    "forced_eos_token_id", "length_penalty", "max_length", "max_new_tokens", "min_length",
    "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences",
    "output_scores", "prefix", "remove_invalid_values", "repetition_penalty",
    "return_dict_in_generate", "suppress_tokens", "temperature", "top_k", "top_p", "typical_p",
    // Other tools.
    "is_llama_config", "quantize", "transformers.js_config", "unsloth_fixed", "unsloth_version",
    // Sizes that are said elsewhere too.
    "n_ctx", "max_window_layers", "max_sequence_length", "model_max_length",
  ]

  /// Keys that mean something else than what Recto computes, and the value that means nothing.
  private static let meaningful: [String: (feature: String, neutral: Double?)] = [
    "num_experts": ("a mixture of experts", 1), "num_local_experts": ("a mixture of experts", 1),
    "n_routed_experts": ("a mixture of experts", 1),
    "partial_rotary_factor": ("partly rotated heads", 1),
    "rotary_pct": ("partly rotated heads", 1),
    "attn_logit_softcapping": ("capped logits", nil),
    "final_logit_softcapping": ("capped logits", nil), "logit_scale": ("scaled logits", 1),
    "logits_scaling": ("scaled logits", 1), "embedding_multiplier": ("scaled embeddings", 1),
    "residual_multiplier": ("scaled residuals", 1),
    "attention_multiplier": ("another scale of attention", nil),
    "query_pre_attn_scalar": ("another scale of attention", nil),
    "clip_qkv": ("clipped queries, keys and values", nil), "alibi": ("positions by ALiBi", 0),
    "is_encoder_decoder": ("an encoder", 0), "tie_encoder_decoder": ("an encoder", 0),
    "add_cross_attention": ("attention to an encoder", 0),
    "qk_layernorm": ("a norm of queries and keys", 0),
    "use_qk_norm": ("a norm of queries and keys", 0),
    "no_rope_layers": ("layers without positions", 1),
    "attention_bias": ("biases of attention", 0),
    "mlp_bias": ("biases of the feed-forward layers", 0),
    "use_parallel_residual": ("attention beside the feed-forward layer", 0),
    "use_sliding_window": ("sliding windows of attention", 0),
    "sliding_window": ("sliding windows of attention", nil),
    "rope_interleaved": ("rotary positions in another order", 0),
    "use_mrope": ("rotary positions in several dimensions", 0),
    "num_nextn_predict_layers": ("layers that predict further tokens", 0),
  ]

  /// Dropouts of training that are written as 0.
  static func dropouts(of family: ModelFamily) -> [String] {
    family == .gpt2 ? ["attn_pdrop", "embd_pdrop", "resid_pdrop"] : ["attention_dropout"]
  }

  /// Refuses a model whose numbers are stored in a form that Recto does not read.
  ///
  /// - Throws: `ConfigurationError` naming the method and the way out.
  static func refuseQuantized(_ file: SettingsReader) throws {
    for key in ["quantization_config", "quantization"] {
      guard let value = file.read(key) else { continue }
      let method = value["quant_method"]?.string ?? (key == "quantization" ? "MLX" : "unknown")
      let bits = value["bits"]?.integer ?? (value["load_in_4bit"]?.boolean == true ? 4 : nil)
      throw ConfigurationError(
        "\(key) is set: the weights are quantized (\(quoted(method))"
          + (bits.map { ", \($0) bits" } ?? "")
          + "), which is not read; take the model that is not "
          + "quantized, or a GGUF file of it")
    }
  }

  /// Refuses keys that nothing read and that may mean something.
  ///
  /// - Throws: `ConfigurationError` naming the first of them.
  static func refuseOthers(_ file: SettingsReader, _ family: ModelFamily) throws {
    for key in file.keys.sorted() where !file.readKeys.contains(key) && !harmless.contains(key) {
      guard let value = file.value(key) else { continue }
      if let (feature, neutral) = meaningful[key] {
        let number = number(value)
        if number != nil && number == neutral { continue }
        // No experts are no mixture either.
        if feature.hasSuffix("experts"), number == 0 { continue }
        throw ConfigurationError(
          "\(key) is \(describe(value)), which means \(feature); that is not supported")
      }
      if isEmpty(value) { continue }
      throw ConfigurationError(
        "\(key) is \(describe(value)), which is not known for \(family); if it does not change what "
          + "the model computes, remove it")
    }
  }

  /// A number, true or false as 1 or 0, or the first number of a list that is not 1.
  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .boolean(let flag): flag ? 1 : 0
    case .integer(let number): Double(number)
    case .number(let number): number
    case .array(let values):
      values.allSatisfy { number($0) != nil }
        ? values.compactMap(number).first { $0 != 1 } ?? 1 : nil
    default: nil
    }
  }

  /// Whether a value says that something is not there.
  private static func isEmpty(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .boolean(false): true
    case .string(let text): text.isEmpty
    case .array(let values): values.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }

  private static func describe(_ value: JSONValue) -> String {
    switch value {
    case .array, .object: "set"
    case .string(let text): quoted(text)
    default: value.compact
    }
  }
}
