import Support

/// A family of models that Recto runs: how its `config.json` reads, and the tensors and blocks of
/// which its models are made.
///
/// A family is one file of this folder and one line of `all`. It is a class, so that a
/// configuration that names one stays small.
public final class ModelFamily: Sendable {
  public static let all = [llama, qwen2, qwen3, gpt2, gptNeoX, gemma3]

  /// The name in `architectures` of `config.json`.
  public let architecture: String
  /// `model_type` of `config.json`.
  public let modelType: String
  /// How the sizes in `config.json` read.
  public let format: ConfigurationFormat
  /// Reads the settings of `config.json` that not all families have into a configuration whose
  /// sizes are set.
  package let readSettings: @Sendable (SettingsReader, inout Configuration) throws -> Void
  /// The settings that `readSettings` reads.
  package let settings: @Sendable (Configuration) -> [(key: String, value: JSONValue)]
  /// What the names of all tensors but the head's begin with; some files leave it out.
  public let prefix: String
  /// The table of the embedding.
  public let embedding: String
  /// The matrix of the head, which some tools save although it is tied to the embedding.
  public let tiedHead: String
  /// The ends of names of tensors that old tools save and no model needs.
  public let ignoredTensors: [String]
  /// Takes a model's tensors from an arena, in the order in which they stand there, and puts them
  /// into its parts.
  let weights: @Sendable (inout ParameterArena, Configuration) -> Weights

  init(
    architecture: String, modelType: String, format: ConfigurationFormat,
    readSettings: @escaping @Sendable (SettingsReader, inout Configuration) throws -> Void = {
      _, _ in
    },
    settings: @escaping @Sendable (Configuration) -> [(key: String, value: JSONValue)] = { _ in
      []
    },
    prefix: String = "model.", embedding: String = "embed_tokens.weight",
    tiedHead: String = "lm_head.weight", ignoredTensors: [String] = ["rotary_emb.inv_freq"],
    weights: @escaping @Sendable (inout ParameterArena, Configuration) -> Weights
  ) {
    self.architecture = architecture
    self.modelType = modelType
    self.format = format
    self.readSettings = readSettings
    self.settings = settings
    self.prefix = prefix
    self.embedding = prefix + embedding
    self.tiedHead = tiedHead
    self.ignoredTensors = ignoredTensors
    self.weights = weights
  }

  /// The family with that name in `architectures`, such as `LlamaForCausalLM`.
  public static func named(_ architecture: String) -> ModelFamily? {
    all.first { $0.architecture == architecture }
  }
}

extension ModelFamily: Equatable, CustomStringConvertible {
  public static func == (a: ModelFamily, b: ModelFamily) -> Bool { a === b }

  public var description: String { architecture }
}
