import Testing

@testable import Transformer

struct ConfigurationTests {
  static let valid = Configuration(
    vocabularySize: 10, hiddenSize: 8, intermediateSize: 12, layerCount: 1, headCount: 4,
    contextLength: 16)

  @Test func `defaults follow the other sizes`() throws {
    try Self.valid.validate()
    #expect(Self.valid.headSize == 2 && Self.valid.keyValueHeadCount == 4)
    #expect(Self.valid.family.modelType == "qwen3")
    #expect(ModelFamily.llama.modelType == "llama")
  }

  struct Mistake: Sendable {
    let key: String
    let make: @Sendable (inout Configuration) -> Void
  }

  static let mistakes = [
    Mistake(key: "vocab_size") { $0.vocabularySize = 0 },
    Mistake(key: "vocab_size") { $0.vocabularySize = .max },
    Mistake(key: "hidden_size") { $0.hiddenSize = -8 },
    Mistake(key: "hidden_size") { $0.hiddenSize = 1 << 40 },
    Mistake(key: "intermediate_size") { $0.intermediateSize = 0 },
    Mistake(key: "num_hidden_layers") { $0.layerCount = 0 },
    Mistake(key: "num_attention_heads") { $0.headCount = 0 },
    Mistake(key: "num_attention_heads") { $0.headCount = 5 },
    Mistake(key: "num_key_value_heads") { $0.keyValueHeadCount = 0 },
    Mistake(key: "num_key_value_heads") { $0.keyValueHeadCount = 3 },
    Mistake(key: "head_dim") { $0.headSize = 0 },
    Mistake(key: "head_dim") { $0.headSize = 3 },
    Mistake(key: "max_position_embeddings") { $0.contextLength = 0 },
    Mistake(key: "rope_theta") { $0.ropeTheta = 0 },
    Mistake(key: "rope_theta") { $0.ropeTheta = .nan },
    Mistake(key: "rms_norm_eps") { $0.normEpsilon = -1 },
    Mistake(key: "rms_norm_eps") { $0.normEpsilon = .infinity },
    Mistake(key: "eos_token_id") { $0.endOfTextToken = 10 },
    Mistake(key: "eos_token_id") { $0.endOfTextToken = -1 },
  ]

  @Test(arguments: mistakes) func `mistakes are named`(mistake: Mistake) {
    var configuration = Self.valid
    mistake.make(&configuration)
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.description.contains(mistake.key) == true)
    #expect(throws: ConfigurationError.self) { _ = try Model(configuration) }
  }

  @Test(arguments: ModelFamily.all, [false, true])
  func `tensors fill the arena`(family: ModelFamily, tied: Bool) throws {
    let layout = try randomModel(family, tied: tied).layout
    var next = 0
    for entry in layout.entries {
      #expect(entry.offset == next)
      next += entry.count
    }
    #expect(layout.count == next)
    #expect(layout.entries.contains { $0.name == family.tiedHead } == !tied)
    #expect(layout.entries.contains { $0.name == family.embedding })
    #expect(
      layout.entries.contains { $0.name.hasSuffix("q_norm.weight") }
        == (family == .qwen3 || family == .gemma3))
    #expect(
      layout.entries.contains { $0.name.hasSuffix("v_proj.bias") } == (family == .qwen2))
  }
}
