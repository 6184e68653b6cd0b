import Kernels

/// How a family's `config.json` reads: the names of its keys, and what transformers takes for keys
/// that are missing.
public struct ConfigurationFormat: Sendable {
  /// Names of keys; most families agree on these.
  public struct Keys: Sendable {
    public var vocabularySize = "vocab_size"
    public var hiddenSize = "hidden_size"
    public var intermediateSize = "intermediate_size"
    public var layerCount = "num_hidden_layers"
    public var headCount = "num_attention_heads"
    /// Nil if every head has a key and a value of its own.
    public var keyValueHeadCount: String? = "num_key_value_heads"
    /// Nil if the width of a head is always `hidden_size / num_attention_heads`.
    public var headSize: String? = "head_dim"
    public var contextLength = "max_position_embeddings"
    public var normEpsilon = "rms_norm_eps"
    public var activation = "hidden_act"

    public init() {}
  }

  public var keys = Keys()
  /// The width of a head if no key states it; nil for `hidden_size / num_attention_heads`.
  public var headSize: Int?
  /// The width of the feed-forward layer if no key states it, as a multiple of `hidden_size`; nil
  /// if one has to.
  public var feedForwardFactor: Int?
  /// The context length if no key states it, in tokens.
  public var contextLength: Int
  /// The end-of-text token if no key states it.
  public var endOfTextToken: Int
  public var normEpsilon = 1e-6
  /// The activation function if no key states it, by the name that is written.
  public var activation = "silu"
  public var tiesEmbeddings = false
}

extension Activation {
  /// The function that transformers gives this name (`activations.py`); nil for one that Recto does
  /// not have.
  public init?(named name: String) {
    switch name {
    case "silu", "swish": self = .silu
    case "gelu", "gelu_python": self = .gelu
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": self = .geluTanh
    case "relu": self = .relu
    default: return nil
    }
  }

  /// The name that is written.
  public var name: String {
    switch self {
    case .silu: "silu"
    case .gelu: "gelu"
    case .geluTanh: "gelu_pytorch_tanh"
    case .relu: "relu"
    }
  }

  /// Names of all functions, for errors.
  public static let names = "silu, gelu, gelu_new, gelu_pytorch_tanh and relu"
}
