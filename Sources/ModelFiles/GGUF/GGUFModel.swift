import Foundation
import Kernels
import Support
import Transformer

/// The model in a GGUF file: its configuration, and its tensors under the names that Hugging Face
/// gives them.
struct GGUFModel: Sendable {
  let file: GGUF
  let configuration: Configuration
  /// The name in the file of each tensor, by its name in the model.
  private let names: [String: String]

  /// The families that llama.cpp knows by these names.
  private static let families: [(architecture: String, family: ModelFamily)] = [
    ("llama", .llama), ("qwen2", .qwen2), ("qwen3", .qwen3),
  ]

  /// - Throws: `FileError` naming the file: a rule of the format that it breaks, or a model that
  ///   cannot be run.
  init(contentsOf url: URL) throws {
    (file, configuration, names) = try FileError.naming(url) {
      let file = try GGUF(contentsOf: url)
      if let parts = try file.integer("split.count"), parts > 1 {
        throw ConfigurationError(
          "is one of \(parts) parts of a model; join them with llama-gguf-split --merge")
      }
      let names = try Self.names(file)
      return (file, try Self.configuration(file, tensors: Set(names.keys)), names)
    }
  }

  // MARK: Configuration

  private static func configuration(
    _ file: GGUF, tensors: Set<String>
  ) throws -> Configuration {
    let name = try needed(file.string("general.architecture"), "general.architecture")
    guard let (architecture, family) = families.first(where: { $0.architecture == name }) else {
      throw ConfigurationError(
        "general.architecture is \(quoted(name)), which is not supported; there are "
          + families.map(\.architecture).joined(separator: ", "))
    }
    func key(_ suffix: String) -> String { architecture + "." + suffix }
    try refuseUnknown(file, architecture)
    let hiddenSize = try needed(file.integer(key("embedding_length")), key("embedding_length"))
    let headCount = try needed(
      file.integer(key("attention.head_count")), key("attention.head_count"))
    let headSize =
      try file.integer(key("attention.key_length"))
      ?? (headCount > 0 && hiddenSize % headCount == 0 ? hiddenSize / headCount : nil)
    guard let headSize else {
      throw GGUFError.missingKey(key("attention.key_length"))
    }
    for suffix in ["attention.value_length", "rope.dimension_count"] {
      if let size = try file.integer(key(suffix)), size != headSize {
        throw ConfigurationError(
          "\(key(suffix)) is \(size), but a head has \(headSize); only equal sizes are supported")
      }
    }
    guard let embedding = file.tensor(named: "token_embd.weight"), embedding.shape.count == 2 else {
      throw GGUFError.missingTensor("token_embd.weight")
    }
    var configuration = Configuration(
      family: family, vocabularySize: embedding.shape[0], hiddenSize: hiddenSize,
      intermediateSize: try needed(
        file.integer(key("feed_forward_length")), key("feed_forward_length")),
      layerCount: try needed(file.integer(key("block_count")), key("block_count")),
      headCount: headCount,
      keyValueHeadCount: try file.integer(key("attention.head_count_kv")),
      headSize: headSize,
      contextLength: try needed(file.integer(key("context_length")), key("context_length")),
      ropeTheta: shortest(try file.number(key("rope.freq_base")) ?? 10_000),
      normEpsilon: shortest(
        try needed(
          file.number(key("attention.layer_norm_rms_epsilon")),
          key("attention.layer_norm_rms_epsilon"))),
      tiesEmbeddings: !tensors.contains("lm_head.weight"),
      endOfTextToken: try needed(
        file.integer("tokenizer.ggml.eos_token_id") ?? file.integer("tokenizer.ggml.bos_token_id"),
        "tokenizer.ggml.eos_token_id"))
    try configuration.validate()
    configuration.ropeScaling = try GGUFRope.scaling(file, architecture, configuration)
    // The biases that a Llama may have are known by their tensors.
    if family == .llama {
      configuration.hasAttentionBias = tensors.contains("model.layers.0.self_attn.q_proj.bias")
      configuration.hasFeedForwardBias = tensors.contains("model.layers.0.mlp.up_proj.bias")
    }
    try configuration.validate()
    return configuration
  }

  /// The shortest decimal number that rounds to the float that the file has: 1e-5, not
  /// 9.99999974737875e-06, which is what the model's maker wrote.
  private static func shortest(_ number: Double) -> Double {
    Double(Float(number)) == number ? Double("\(Float(number))") ?? number : number
  }

  private static func needed<Value>(_ value: Value?, _ key: String) throws -> Value {
    guard let value else { throw GGUFError.missingKey(key) }
    return value
  }

  /// Refuses settings of the architecture that change what the model computes and are not read.
  private static func refuseUnknown(_ file: GGUF, _ architecture: String) throws {
    let read: Set = [
      "context_length", "embedding_length", "block_count", "feed_forward_length", "vocab_size",
      "attention.head_count", "attention.head_count_kv", "attention.key_length",
      "attention.value_length", "attention.layer_norm_rms_epsilon", "rope.dimension_count",
      "rope.freq_base",
    ]
    /// Values that change nothing.
    let neutral: [String: [GGUF.Value]] = [
      "expert_count": [.integer(0)], "expert_used_count": [.integer(0)],
      "use_parallel_residual": [.boolean(false)], "attention.causal": [.boolean(true)],
      "attention.sliding_window": [.integer(0)], "attention.scale": [.number(0)],
    ]
    for (key, value) in file.metadata.sorted(by: { $0.key < $1.key })
    where key.hasPrefix(architecture + ".") {
      let suffix = String(key.dropFirst(architecture.count + 1))
      if read.contains(suffix) || GGUFRope.keys.contains(suffix)
        || neutral[suffix]?.contains(value) == true
      {
        continue
      }
      throw ConfigurationError(
        "\(quoted(key)) changes what the model computes in a way that is not supported; convert the "
          + "model from a version without it")
    }
  }

  // MARK: Tensors

  private static let names: [String: String] = [
    "token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]
  private static let layerNames: [String: String] = [
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
  ]

  /// llama.cpp's name for a family; nil where it has none that is supported.
  static func architecture(of family: ModelFamily) -> String? {
    families.first { $0.family == family }?.architecture
  }

  /// The name that a tensor has in a GGUF file; nil for one that has none.
  static func fileName(of name: String) -> String? {
    if let own = names.first(where: { $0.value == name }) { return own.key }
    let prefix = "model.layers."
    guard name.hasPrefix(prefix) else { return nil }
    let parts = name.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let layer = Int(parts[0]) else { return nil }
    for ending in ["weight", "bias"] where parts[1].hasSuffix("." + ending) {
      let own = parts[1].dropLast(ending.count + 1)
      return layerNames.first { $0.value == own }.map { "blk.\(layer).\($0.key).\(ending)" }
    }
    return nil
  }

  /// - Throws: `GGUFError` for a tensor that no supported model has.
  private static func names(_ file: GGUF) throws -> [String: String] {
    var result: [String: String] = [:]
    for tensor in file.tensors where tensor.name != GGUFRope.tensorName {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      if let name = names[tensor.name] {
        result[name] = tensor.name
      } else if parts.count == 4, parts[0] == "blk", let layer = Int(parts[1]),
        String(layer) == parts[1], let name = layerNames[String(parts[2])],
        ["weight", "bias"].contains(parts[3])
      {
        result["model.layers.\(layer).\(name).\(parts[3])"] = tensor.name
      } else {
        throw ConfigurationError(
          "holds the tensor \(quoted(tensor.name)), which no supported model has")
      }
    }
    return result
  }
}

extension GGUFModel: TensorSource {
  var url: URL { file.url }
  var tensorNames: [String] { Array(names.keys) }
  func file(ofTensor name: String) -> URL { url }
  // The types that a file may have are all read.
  func checkType(ofTensor name: String) throws { _ = try tensor(name) }
  func shape(ofTensor name: String) throws -> [Int] { try tensor(name).shape }

  private func tensor(_ name: String) throws -> GGUF.Tensor {
    guard let own = names[name], let tensor = file.tensor(named: own) else {
      throw TensorError.missing(name)
    }
    return tensor
  }

  func readFloats(ofTensor name: String, into destination: Floats) throws {
    let tensor = try tensor(name)
    guard tensor.count == destination.count else {
      throw TensorError.unexpectedShape(
        tensor: name, expected: [destination.count], found: tensor.shape)
    }
    try file.floats(named: tensor.name, into: destination)
    if let heads = Self.reorderedHeads(tensor.name, configuration) {
      Self.reorder(destination, heads: heads, headSize: configuration.headSize, forFile: false)
    }
  }

  /// The heads whose rows a file has in another order; nil where it has Hugging Face's.
  ///
  /// llama.cpp pairs neighbouring numbers of a head in its rotation, and stores the queries and
  /// keys of Llama in that order; Hugging Face pairs a head's first half with its second.
  private static func reorderedHeads(_ name: String, _ configuration: Configuration) -> Int? {
    guard configuration.family == .llama else { return nil }
    return switch name.split(separator: ".").dropFirst(2).first {
    case "attn_q": configuration.headCount
    case "attn_k": configuration.keyValueHeadCount
    default: nil
    }
  }

  /// Calls `body` with a tensor's numbers in the order of a file.
  ///
  /// - Parameter name: the tensor's name in the file.
  static func withFileOrder(
    _ floats: Floats, of name: String, _ configuration: Configuration,
    _ body: (Floats) throws -> Void
  ) throws {
    guard let heads = reorderedHeads(name, configuration) else { return try body(floats) }
    let copy = FloatStorage(count: floats.count)
    copy.floats.copy(from: floats)
    reorder(copy.floats, heads: heads, headSize: configuration.headSize, forFile: true)
    try withExtendedLifetime(copy) { try body(copy.floats) }
  }

  /// Rows 0, 1, 2, 3, … of each head become rows 0, half, 1, half + 1, …; for a file the other way
  /// round.
  private static func reorder(_ floats: Floats, heads: Int, headSize: Int, forFile: Bool) {
    guard heads > 0, headSize > 1, floats.count % (heads * headSize) == 0 else { return }
    let columns = floats.count / (heads * headSize)
    let half = headSize / 2
    let copy = FloatStorage(count: headSize * columns)
    for head in 0..<heads {
      let own = floats.slice(head * headSize * columns, headSize * columns)
      copy.floats.copy(from: own)
      for row in 0..<headSize {
        let other = row % 2 * half + row / 2
        let (source, target) = forFile ? (other, row) : (row, other)
        own.slice(target * columns, columns)
          .copy(from: copy.floats.slice(source * columns, columns))
      }
    }
  }
}
