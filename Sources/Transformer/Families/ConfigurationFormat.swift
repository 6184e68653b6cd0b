/// How a family's `config.json` reads: the names of its keys, and what transformers takes for keys
/// that are missing.
public struct ConfigurationFormat: Sendable {
  /// Names of keys; families of today agree on these.
  public struct Keys: Sendable {
    public var vocabularySize = "vocab_size"
    public var hiddenSize = "hidden_size"
    public var intermediateSize = "intermediate_size"
    public var layerCount = "num_hidden_layers"
    public var headCount = "num_attention_heads"
    public var keyValueHeadCount = "num_key_value_heads"
    public var headSize = "head_dim"
    public var contextLength = "max_position_embeddings"
    public var normEpsilon = "rms_norm_eps"
    public var activation = "hidden_act"

    public init() {}
  }

  public var keys = Keys()
  /// The width of a head if no key states it; nil for `hidden_size / num_attention_heads`.
  public var headSize: Int?
  /// The context length if no key states it, in tokens.
  public var contextLength: Int
  /// The end-of-text token if no key states it.
  public var endOfTextToken: Int
  public var normEpsilon = 1e-6
  /// The name of the activation function that the family's models have.
  public var activation = "silu"
  /// Whether a `sliding_window` is in use wherever it is a number; if not, `use_sliding_window`
  /// says so.
  public var usesAnySlidingWindow = false
  /// Keys of features that the family's code knows and Recto does not run; they are written as
  /// false.
  public var absentFeatures: [String] = []
}
