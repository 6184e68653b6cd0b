import Foundation
import Transformer

/// Why models of other families are not run: what they compute that the supported ones do not.
///
/// From the modelling files of transformers. Only for messages: a family that is not supported is
/// refused, whether it is listed here or not.
enum UnsupportedModels {
  /// What a family does differently, by the beginning of its model type; longer beginnings first.
  private static let features: [(family: String, feature: String)] = [
    ("mixtral", "a mixture of experts"), ("qwen2_moe", "a mixture of experts"),
    ("qwen3_moe", "a mixture of experts"), ("qwen3_next", "linear attention and experts"),
    ("olmoe", "a mixture of experts"), ("deepseek", "latent attention and a mixture of experts"),
    ("gpt_oss", "a mixture of experts and attention sinks"), ("llama4", "a mixture of experts"),
    ("phimoe", "a mixture of experts"), ("dbrx", "a mixture of experts"),
    ("gemma3n", "alternating updates and embeddings of every layer"),
    ("gemma3", "images beside the text"), ("gemma", "capped logits or other norms"),
    ("gpt_neox_japanese", "other biases"),
    ("gpt_neo", "learned positions, local attention and layer norms"),
    ("gptj", "partly rotated heads, parallel blocks and layer norms"),
    ("gpt_bigcode", "learned positions and layer norms"), ("opt", "learned positions and ReLU"),
    ("phi3", "queries, keys and values in one matrix"),
    ("phi", "partly rotated heads, parallel blocks and layer norms"),
    ("falcon", "parallel blocks and layer norms"), ("bloom", "positions by ALiBi"),
    ("mpt", "positions by ALiBi"), ("stablelm", "partly rotated heads and layer norms"),
    ("olmo", "norms in other places or without parameters"),
    ("cohere", "parallel blocks, layer norms and scaled logits"),
    ("granite", "scaled embeddings, residuals and logits"),
    ("smollm3", "layers without positions"), ("glm", "partly rotated heads"),
    ("starcoder2", "layer norms with biases and GELU"),
    ("mamba", "state-space layers instead of attention"),
    ("rwkv", "recurrence instead of attention"), ("t5", "an encoder and a decoder"),
    ("bert", "attention in both directions"), ("roberta", "attention in both directions"),
  ]

  /// What a model of the family does differently, in brackets; empty if that is not known.
  ///
  /// - Parameters:
  ///   - name: an architecture such as `MixtralForCausalLM`, or a model type such as `mixtral`.
  ///   - slidingWindow: `sliding_window`, if it is a number.
  static func explanation(of name: String, slidingWindow: Int?) -> String {
    let family = name.lowercased().replacing("forcausallm", with: "")
      .replacing("lmheadmodel", with: "")
    if family.hasPrefix("mistral") || family.hasPrefix("ministral") {
      return slidingWindow.map {
        " (mistral sliding window: each token attends to the last \($0) only)"
      } ?? " (with sliding_window null it computes what LlamaForCausalLM does: write that in "
        + "architectures, and \"llama\" in model_type)"
    }
    let plain = family.replacing("_", with: "")
    let found = features.first { plain.hasPrefix($0.family.replacing("_", with: "")) }
    return found.map { " (it has \($0.feature))" } ?? ""
  }
}
