import Foundation
import Randomness
import Testing
import Transformer

@testable import ModelFiles

@Suite struct ConfigurationFileTests {
  /// A config.json with some keys set to other JSON.
  private func data(_ changes: [String: String]) -> Data {
    let values = [
      "architectures": "[\"LlamaForCausalLM\"]", "model_type": "\"llama\"", "vocab_size": "11",
      "hidden_size": "8", "intermediate_size": "12", "num_hidden_layers": "2",
      "num_attention_heads": "4",
    ].merging(changes) { _, changed in changed }
    return Data("{\(values.map { "\"\($0)\": \($1)" }.joined(separator: ", "))}".utf8)
  }

  /// Llama 3's rope_scaling with its four numbers.
  private static func llama3(_ numbers: String) -> String {
    let names = [
      "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings",
    ]
    let values = numbers.split(separator: ", ")
    return "{\"rope_type\": \"llama3\", "
      + zip(names, values).map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }

  private func read(_ changes: [String: String]) throws -> Configuration {
    try ConfigurationFile(data: data(changes)).configuration
  }

  @Test(arguments: ModelFamily.all, [true, false])
  func `reads what it wrote`(family: ModelFamily, tied: Bool) throws {
    let file = ConfigurationFile(tinyConfiguration(family, tied: tied))
    #expect(try ConfigurationFile(data: file.encoded()) == file)
  }

  @Test func `has the defaults of transformers`() throws {
    let c = try read([:])
    #expect(c.family == .llama)
    #expect(c.keyValueHeadCount == 4)
    #expect(c.headSize == 2)
    #expect(c.contextLength == 2048)
    #expect(c.ropeTheta == 10_000)
    #expect(c.normEpsilon == 1e-6)
    #expect(!c.tiesEmbeddings)
    #expect(c.endOfTextToken == 2)
    let qwen = try read(["architectures": "null", "model_type": "\"qwen3\""])
    #expect(qwen.family == .qwen3)
    #expect(qwen.headSize == 128)
    #expect(qwen.contextLength == 32768)
  }

  @Test func `reads and writes llama3s scaling`() throws {
    let numbers = #""factor": 8, "low_freq_factor": 1, "high_freq_factor": 4"#
    let scaling = #"{"rope_type": "llama3", \#(numbers), "original_max_position_embeddings": 64"#
    let expected = RopeScaling.llama3(
      factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 64)
    let older = try read(["rope_scaling": scaling + "}", "rope_theta": "5e5"])
    let newer = try read(["rope_parameters": scaling + #", "rope_theta": 5e5}"#])
    #expect(older.ropeScaling == expected)
    #expect(older == newer)
    #expect(try ConfigurationFile(data: ConfigurationFile(older).encoded()).configuration == older)
  }

  @Test(arguments: [
    (#"{"type": "linear", "factor": 4}"#, RopeScaling.linear(factor: 4)),
    (#"{"rope_type": "dynamic", "factor": 2, "rope_theta": 10000}"#, .dynamic(factor: 2)),
    (
      #"{"type": "yarn", "factor": 4, "original_max_position_embeddings": 512}"#,
      .yarn(
        factor: 4, originalContextLength: 512, fastTurns: 32, slowTurns: 1, truncates: true,
        attentionFactor: 0.1 * log(4) + 1)
    ),
    (
      #"{"type": "yarn", "factor": null, "attention_factor": 1.5, "truncate": false}"#,
      .yarn(
        factor: 1, originalContextLength: 2048, fastTurns: 32, slowTurns: 1, truncates: false,
        attentionFactor: 1.5)
    ),
  ])
  func `reads and writes every kind of scaling`(text: String, expected: RopeScaling) throws {
    let c = try read(["rope_scaling": text])
    #expect(c.ropeScaling == expected)
    #expect(try ConfigurationFile(data: ConfigurationFile(c).encoded()).configuration == c)
    // The base within the settings comes first, then the one beside them.
    let inner = text.replacing("}", with: #", "rope_theta": 700}"#)
    if !text.contains("rope_theta") {
      #expect(try read(["rope_scaling": inner, "rope_theta": "900"]).ropeTheta == 700)
      #expect(try read(["rope_scaling": text, "rope_theta": "900"]).ropeTheta == 900)
    }
  }

  @Test func `reads biases and windows`() throws {
    #expect(try read(["attention_bias": "true"]).hasAttentionBias)
    #expect(try read(["mlp_bias": "true"]).hasFeedForwardBias)
    let qwen = [
      "architectures": "[\"Qwen2ForCausalLM\"]", "model_type": "\"qwen2\"",
      "attention_bias": "true", "use_sliding_window": "true", "sliding_window": "32",
    ]
    let none = try read(qwen)
    #expect(none.slidingWindow == nil && none.slidingLayers.isEmpty)
    let one = try read(qwen.merging(["max_window_layers": "1"]) { $1 })
    #expect(one.slidingWindow == 32 && one.slidingLayers == [1])
    #expect(try ConfigurationFile(data: ConfigurationFile(one).encoded()).configuration == one)
  }

  @Test func `reads newer and older forms`() throws {
    let nested = #"{"rope_theta": 5e5, "rope_type": "default"}"#
    #expect(try read(["rope_parameters": nested]).ropeTheta == 5e5)
    #expect(try read(["rope_theta": "1000000"]).ropeTheta == 1e6)
    #expect(try read(["rope_scaling": "null", "head_dim": "null"]).headSize == 2)
    #expect(try read(["rope_scaling": #"{"type": "default"}"#]).ropeTheta == 10_000)
    #expect(try read(["eos_token_id": "[7, 8]"]).endOfTextToken == 7)
    #expect(try read(["eos_token_id": "null", "bos_token_id": "4"]).endOfTextToken == 4)
    #expect(try read(["quantization_config": "null", "note": "null"]).headCount == 4)
  }

  @Test(arguments: [
    ("architectures", "[\"OPTForCausalLM\"]", "OPTForCausalLM"),
    (
      "architectures", "[\"OPTForCausalLM\"]",
      "LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, GPT2LMHeadModel, GPTNeoXForCausalLM, "
        + "Gemma3ForCausalLM"
    ),
    ("architectures", "[\"Qwen3ForCausalLM\"]", "model_type"),
    ("architectures", "\"LlamaForCausalLM\"", "architectures"),
    ("model_type", "\"mistral\"", "mistral"),
    ("architectures", "[\"MixtralForCausalLM\"]", "mixture of experts"),
    ("architectures", "[\"Gemma2ForCausalLM\"]", "capped logits"),
    ("architectures", "[\"Gemma3ForConditionalGeneration\"]", "images"),
    ("architectures", "[\"OPTForCausalLM\"]", "learned positions"),
    ("architectures", "[\"PhiForCausalLM\"]", "partly rotated heads"),
    ("architectures", "[\"Qwen3MoeForCausalLM\"]", "mixture of experts"),
    ("architectures", "[\"SmolLM3ForCausalLM\"]", "layers without positions"),
    ("architectures", "[\"MistralForCausalLM\"]", "with sliding_window null"),
    ("architectures", "[\"NeverHeardOfForCausalLM\"]", "supported are LlamaForCausalLM"),
    ("num_local_experts", "8", "num_local_experts is 8, which means a mixture of experts"),
    ("partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5"),
    ("final_logit_softcapping", "30.0", "capped logits"),
    ("logit_scale", "0.0625", "scaled logits"), ("alibi", "true", "ALiBi"),
    ("residual_multiplier", "0.22", "scaled residuals"),
    ("no_rope_layers", "[1, 1, 0]", "layers without positions"),
    ("use_qk_norm", "true", "use_qk_norm is true"), ("is_encoder_decoder", "true", "an encoder"),
    ("num_experts", "{}", "num_experts is set"), ("sliding_window", "64", "a setting of Mistral"),
    ("sliding_window", "\"a\"", "sliding_window"),
    ("rope_scaling", "{\"rope_type\":\"longrope\",\"factor\":2}", "longrope"),
    ("rope_scaling", "{\"rope_type\":\"dynamic\"}", "rope_scaling.factor is missing"),
    ("hidden_act", "\"quick_gelu\"", "quick_gelu"),
    ("use_sliding_window", "true", "use_sliding_window is true"),
    ("layer_types", "[\"full_attention\",\"sliding_attention\"]", "layer_types"),
    ("rope_scaling", "{\"type\":\"linear\"}", "rope_scaling.factor"),
    ("rope_scaling", "{\"type\":\"linear\",\"factor\":0}", "rope_scaling.factor is 0"),
    (
      "rope_scaling", "{\"type\":\"linear\",\"factor\":2,\"beta_fast\":3}", "rope_scaling.beta_fast"
    ),
    ("rope_scaling", "{\"factor\":2}", "rope_scaling"),
    ("rope_scaling", "[1]", "rope_scaling must be a JSON object"),
    ("rope_parameters", "{\"rope_type\":\"yarn\",\"factor\":-1}", "factor is -1"),
    ("rope_parameters", "{\"rope_type\":\"yarn\",\"beta_fast\":-1}", "beta_fast is -1"),
    ("frobnicate", "0.5", "frobnicate is 0.5, which is not known for LlamaForCausalLM"),
    ("frobnicate", "[1]", "frobnicate is set, which is not known"),
    ("quantization", "{\"bits\":4,\"group_size\":64}", "quantized (\"MLX\", 4 bits)"),
    ("quantization_config", "{\"quant_method\":\"gptq\",\"bits\":4}", "\"gptq\", 4 bits"),
    ("rope_scaling", "{\"type\":\"llama3\",\"factor\":2}", "rope_scaling.low_freq_factor"),
    ("rope_scaling", Self.llama3("0, 1, 4, 64"), "rope_scaling.factor is 0"),
    ("rope_scaling", Self.llama3("8, -1, 4, 64"), "low_freq_factor"),
    ("rope_scaling", Self.llama3("1e999, 1, 4, 64"), "factor"),
    ("rope_scaling", Self.llama3("8, 1, 4, 99999999999999999999"), "original_max_position"),
    ("rope_scaling", Self.llama3("8, 4, 4, 64"), "high_freq_factor"),
    ("rope_scaling", Self.llama3("8, 1, 4, 0"), "original_max_position_embeddings"),
    ("rope_parameters", "{\"partial_rotary_factor\":0.5}", "partial_rotary_factor"),
    ("rope_parameters", "{\"full_attention\":{\"rope_theta\":1}}", "full_attention"),
    ("quantization_config", "{\"bits\":4}", "quantization_config"),
    ("num_attention_heads", "3", "num_attention_heads"),
    ("num_attention_heads", "0", "num_attention_heads"),
    ("num_key_value_heads", "3", "num_key_value_heads"),
    ("hidden_size", "-8", "hidden_size"),
    ("hidden_size", "-9223372036854775808", "hidden_size"),
    ("num_hidden_layers", "99999999999999999999", "num_hidden_layers"),
    ("num_hidden_layers", "1000000000000", "num_hidden_layers"),
    ("num_hidden_layers", "1e999", "num_hidden_layers"),
    ("vocab_size", "2.5", "vocab_size"),
    ("rope_theta", "1e999", "rope_theta"),
    ("rope_theta", "true", "rope_theta"),
    ("vocab_size", "null", "vocab_size"),
    ("vocab_size", "\"11\"", "vocab_size"),
    ("rms_norm_eps", "-1", "rms_norm_eps"),
    ("rope_theta", "0", "rope_theta"),
    ("eos_token_id", "11", "eos_token_id"),
    ("max_position_embeddings", "1048576, \"head_dim\": 4096", "times head_dim"),
    ("hidden_size", "8, \"note\": 1, \"note\": 2", "the key \"note\" comes twice"),
  ])
  func `refuses by name and value`(key: String, value: String, named: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try read([key: value]) }
    #expect(error?.description.contains(named) == true, "\(String(describing: error))")
  }

  @Test func `names mistrals sliding window`() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try read([
        "architectures": "[\"MistralForCausalLM\"]", "model_type": "\"mistral\"",
        "sliding_window": "4096",
      ])
    }
    #expect(
      error?.description
        == "architectures names \"MistralForCausalLM\" (mistral sliding window: each token attends to the "
        + "last 4096 only), which is not supported; supported are LlamaForCausalLM, Qwen2ForCausalLM, "
        + "Qwen3ForCausalLM, GPT2LMHeadModel, GPTNeoXForCausalLM, Gemma3ForCausalLM")
  }

  @Test func `passes what means nothing`() throws {
    let plain = try read([:])
    for (key, value) in [
      ("sliding_window", "null"), ("sliding_window", "1000000"), ("num_experts", "0"),
      ("num_local_experts", "1"), ("partial_rotary_factor", "1.0"), ("alibi", "false"),
      ("logit_scale", "1"), ("final_logit_softcapping", "null"), ("no_rope_layers", "[1, 1]"),
      ("is_encoder_decoder", "false"), ("add_cross_attention", "false"), ("pretraining_tp", "1"),
      ("frobnicate", "false"), ("frobnicate", "{}"), ("temperature", "0.6"),
      ("id2label", "{\"0\": \"a\"}"), ("hidden_act", "\"swish\""), ("attention_dropout", "0.1"),
      ("rope_scaling", "{\"rope_type\": \"default\", \"factor\": 1.0}"),
    ] {
      #expect(
        try read([key: value, "max_position_embeddings": "2048"]) == plain, "\(key) \(value)")
    }
    // Qwen's files name a window that is not used.
    #expect(
      try read([
        "architectures": "[\"Qwen2ForCausalLM\"]", "model_type": "\"qwen2\"",
        "sliding_window": "32", "use_sliding_window": "false",
      ]).family == .qwen2)
  }

  @Test func `refuses what is not a configuration`() throws {
    let deep = String(repeating: "[", count: 100_000)
    let nested = String(repeating: "{\"a\":", count: 100_000)
    for text in ["", "{", "[]", "3", "{}", "null", "{\"vocab_size\":NaN}", deep, nested, "\u{0}"] {
      #expect(throws: ConfigurationError.self, "\(text.prefix(20))") {
        try ConfigurationFile(data: Data(text.utf8))
      }
    }
    #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(data: Data([0xFF, 0xFE, 0x7B, 0x00]))
    }
    #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(data: Data(repeating: 0x20, count: 2 << 20))
    }
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(
        data: Data(#"{"architectures":["LlamaForCausalLM"],"hidden_size":8}"#.utf8))
    }
    #expect(error?.description == "num_attention_heads is missing; add it")
  }

  @Test func `survives damage`() throws {
    let valid = [UInt8](try ConfigurationFile(tinyConfiguration()).encoded())
    var random = RandomGenerator(seed: 11)
    for _ in 0..<400 {
      var bytes = valid
      let index = Int.random(in: 0..<bytes.count, using: &random)
      bytes[index] = UInt8.random(in: 0...255, using: &random)
      do {
        _ = try ConfigurationFile(data: Data(bytes))
      } catch let error as ConfigurationError {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
