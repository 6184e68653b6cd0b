import Kernels

/// The shape of a model, in the names of Hugging Face's `config.json`.
public struct Configuration: Equatable, Sendable {
  /// The architectures that Recto runs: Llama's, with a bias on queries, keys and values (Qwen2), or
  /// with a norm of queries and keys (Qwen3).
  public enum Architecture: String, Codable, CaseIterable, Sendable {
    case llama = "LlamaForCausalLM"
    case qwen2 = "Qwen2ForCausalLM"
    case qwen3 = "Qwen3ForCausalLM"

    /// `model_type` in `config.json`.
    public var modelType: String {
      switch self {
      case .llama: "llama"
      case .qwen2: "qwen2"
      case .qwen3: "qwen3"
      }
    }
  }

  public var architecture: Architecture = .qwen3
  /// Number of different tokens.
  public var vocabularySize: Int
  /// Width of the residual stream.
  public var hiddenSize: Int
  /// Width of the feed-forward layer.
  public var intermediateSize: Int
  public var layerCount: Int
  /// Query heads of one layer.
  public var headCount: Int
  /// Key/value heads of one layer; each serves `headCount / keyValueHeadCount` query heads.
  public var keyValueHeadCount: Int
  /// Width of one head; even, since rotary positions turn pairs of it.
  public var headSize: Int
  /// Longest row of tokens, prompt and continuation together.
  public var contextLength: Int
  /// Base of the rotary frequencies.
  public var ropeTheta: Double = 10_000
  /// How the frequencies are stretched for a context longer than the model was first trained on.
  public var ropeScaling: RopeScaling?
  public var normEpsilon: Double = 1e-6
  /// Whether the output head is the embedding matrix.
  public var tiesEmbeddings: Bool = false
  /// The token that begins every row and parts documents.
  public var endOfTextToken: Int = 0

  public init(
    architecture: Architecture = .qwen3, vocabularySize: Int, hiddenSize: Int,
    intermediateSize: Int, layerCount: Int, headCount: Int, keyValueHeadCount: Int? = nil,
    headSize: Int? = nil, contextLength: Int, ropeTheta: Double = 10_000,
    ropeScaling: RopeScaling? = nil, normEpsilon: Double = 1e-6, tiesEmbeddings: Bool = false,
    endOfTextToken: Int = 0
  ) {
    self.architecture = architecture
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount ?? headCount
    self.headSize = headSize ?? (headCount > 0 ? hiddenSize / headCount : 0)
    self.contextLength = contextLength
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.normEpsilon = normEpsilon
    self.tiesEmbeddings = tiesEmbeddings
    self.endOfTextToken = endOfTextToken
  }

  /// Whether queries and keys are RMS-normalised head by head before the rotation.
  public var normalizesQueriesAndKeys: Bool { architecture == .qwen3 }
  /// Whether a bias is added to queries, keys and values.
  public var hasQueryKeyValueBias: Bool { architecture == .qwen2 }
  /// Radians that each pair of a head's dimensions turns from one position to the next.
  public var rotaryFrequencies: [Double] {
    let plain = RotaryTable.frequencies(headSize: headSize, theta: ropeTheta)
    return ropeScaling.map { scaling in plain.map(scaling.scaled) } ?? plain
  }
  /// Width of all query heads together.
  public var queryWidth: Int { headCount * headSize }
  /// Width of all key (or value) heads together.
  public var keyValueWidth: Int { keyValueHeadCount * headSize }
}

/// A configuration that cannot be run.
public struct ConfigurationError: Error, CustomStringConvertible, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}

extension Configuration {
  /// Positions times dimensions of a head at most: half a gigabyte of angles.
  private static let maxRotaryAngles = 1 << 27

  /// Checks that the sizes fit together and are small enough that no product of them overflows.
  ///
  /// - Throws: `ConfigurationError` naming the key of `config.json` that is wrong.
  public func validate() throws {
    let sizes: [(name: String, value: Int, limit: Int)] = [
      ("vocab_size", vocabularySize, 1 << 20), ("hidden_size", hiddenSize, 1 << 16),
      ("intermediate_size", intermediateSize, 1 << 18), ("num_hidden_layers", layerCount, 1 << 10),
      ("num_attention_heads", headCount, 1 << 10),
      ("num_key_value_heads", keyValueHeadCount, 1 << 10), ("head_dim", headSize, 1 << 12),
      ("max_position_embeddings", contextLength, 1 << 20),
    ]
    for (name, value, limit) in sizes where value < 1 || value > limit {
      throw ConfigurationError("\(name) is \(value); it must lie between 1 and \(limit)")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw ConfigurationError(
        "num_attention_heads (\(headCount)) is not a multiple of num_key_value_heads "
          + "(\(keyValueHeadCount))")
    }
    guard headSize % 2 == 0 else {
      throw ConfigurationError("head_dim is \(headSize); rotary positions need an even number")
    }
    guard ropeTheta.isFinite, ropeTheta > 0 else {
      throw ConfigurationError("rope_theta is \(ropeTheta); it must be a positive number")
    }
    // The table of rotary positions is made for the whole context, whatever the parameters take.
    guard contextLength <= Self.maxRotaryAngles / headSize else {
      throw ConfigurationError(
        "max_position_embeddings (\(contextLength)) times head_dim (\(headSize)) is more than "
          + "\(Self.maxRotaryAngles); lower max_position_embeddings")
    }
    try ropeScaling?.validate()
    guard normEpsilon.isFinite, normEpsilon >= 0 else {
      throw ConfigurationError("rms_norm_eps is \(normEpsilon); it must not be negative")
    }
    guard (0..<vocabularySize).contains(endOfTextToken) else {
      throw ConfigurationError("eos_token_id is \(endOfTextToken), outside the vocabulary")
    }
  }
}

extension Configuration {
  /// "width 192, 7 layers, 3 heads of 64, feed-forward 224", for people.
  public var sizes: String {
    "width \(hiddenSize), \(layerCount) layers, \(headCount) heads of \(headSize), feed-forward \(intermediateSize)"
  }
}
