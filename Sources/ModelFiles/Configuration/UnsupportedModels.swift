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
    ("gemma", "norms with an offset of one, scaled embeddings and GELU"),
    ("gpt2", "learned positions, layer norms with biases and GELU"),
    ("gpt_neox", "partly rotated heads, parallel blocks and layer norms"),
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

/// Settings of other families that change what a model computes into what Recto does not do.
///
/// In the file of a supported family they are a mistake, such as a mixture of two files.
struct ForeignSettings: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case experts = "num_experts"
    case localExperts = "num_local_experts"
    case routedExperts = "n_routed_experts"
    case turnedShare = "partial_rotary_factor"
    case attentionCap = "attn_logit_softcapping"
    case logitCap = "final_logit_softcapping"
    case logitScale = "logit_scale"
    case logitDivisor = "logits_scaling"
    case embeddingScale = "embedding_multiplier"
    case residualScale = "residual_multiplier"
    case attentionScale = "attention_multiplier"
    case clipping = "clip_qkv"
    case alibi
    case hasEncoder = "is_encoder_decoder"
    case crossAttention = "add_cross_attention"
    case normalizesHeads = "qk_layernorm"
    case usesHeadNorm = "use_qk_norm"
    case positionlessLayers = "no_rope_layers"

    /// What the setting means, and the value that changes nothing.
    var meaning: (feature: String, neutral: Double?) {
      switch self {
      case .experts, .localExperts, .routedExperts: ("a mixture of experts", 1)
      case .turnedShare: ("partly rotated heads", 1)
      case .attentionCap, .logitCap: ("capped logits", nil)
      case .logitScale, .logitDivisor: ("scaled logits", 1)
      case .embeddingScale: ("scaled embeddings", 1)
      case .residualScale: ("scaled residuals", 1)
      case .attentionScale: ("another scale of attention", nil)
      case .clipping: ("clipped queries, keys and values", nil)
      case .alibi: ("positions by ALiBi", 0)
      case .hasEncoder: ("an encoder", 0)
      case .crossAttention: ("attention to an encoder", 0)
      case .normalizesHeads, .usesHeadNorm: ("a norm of queries and keys", 0)
      case .positionlessLayers: ("layers without positions", 1)
      }
    }
  }

  /// A number, true or false as 1 or 0, or the first number of a list that is not 1.
  private struct Setting: Decodable {
    let value: Double?
    var isFlag = false

    var text: String {
      guard let value else { return "set" }
      if isFlag { return value == 1 ? "true" : "false" }
      return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        value = flag ? 1 : 0
        isFlag = true
      } else if let number = try? container.decode(Double.self) {
        value = number
      } else if let list = try? container.decode([Double].self) {
        value = list.first { $0 != 1 } ?? 1
      } else {
        value = nil
      }
    }
  }

  /// - Throws: `ConfigurationError` naming the first setting that is not neutral.
  init(from decoder: any Decoder) throws {
    let file = try decoder.container(keyedBy: Key.self)
    for key in Key.allCases where file.contains(key) {
      let (feature, neutral) = key.meaning
      guard try !file.decodeNil(forKey: key) else { continue }
      let setting = try file.decode(Setting.self, forKey: key)
      // No experts are no mixture either.
      if setting.value == neutral || (feature.hasSuffix("experts") && setting.value == 0) {
        continue
      }
      throw ConfigurationError(
        "\(key.rawValue) is \(setting.text), which means \(feature); that is not supported")
    }
  }
}
