import Kernels

/// The shape of a model, in the names of Hugging Face's `config.json`.
public struct Configuration: Equatable, Sendable {
  public var family: ModelFamily = .qwen3
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
  /// Width of one head; even if rotary positions turn all of it, in pairs.
  public var headSize: Int
  /// The longest row of tokens, prompt and continuation together.
  public var contextLength: Int
  /// Base of the rotary frequencies.
  public var ropeTheta: Double = 10_000
  /// How the frequencies change for a context longer than the model was first trained on.
  public var ropeScaling: RopeScaling?
  /// The share of a head's elements, from the first, that rotary positions turn; 0 for a model
  /// without them.
  public var rotaryShare: Double = 1
  /// The most tokens that a query of a layer in `slidingLayers` sees, its own included.
  public var slidingWindow: Int?
  /// Layers, counted from 0, whose queries do not see the whole context.
  public var slidingLayers: Set<Int> = []
  /// Base of the rotary frequencies of those layers, which are not scaled; nil for the same
  /// frequencies as in the others.
  public var slidingRopeTheta: Double?
  /// What the product of a query and a key is multiplied with; nil for 1 / √headSize.
  public var attentionScale: Double?
  /// The nonlinear function of the feed-forward layers.
  public var activation = Activation.silu
  /// Whether a bias is added to queries, keys and values, and to what attention writes.
  public var hasAttentionBias = false
  /// Whether a bias is added in the feed-forward layers.
  public var hasFeedForwardBias = false
  /// Whether attention and feed-forward read the same residual stream, side by side, in a family
  /// that knows both.
  public var hasParallelResidual = false
  public var normEpsilon: Double = 1e-6
  /// Whether the output head is the embedding matrix.
  public var tiesEmbeddings: Bool = false
  /// The token that begins every row and separates documents.
  public var endOfTextToken: Int = 0

  public init(
    family: ModelFamily = .qwen3, vocabularySize: Int, hiddenSize: Int,
    intermediateSize: Int, layerCount: Int, headCount: Int, keyValueHeadCount: Int? = nil,
    headSize: Int? = nil, contextLength: Int, ropeTheta: Double = 10_000,
    ropeScaling: RopeScaling? = nil, normEpsilon: Double = 1e-6, tiesEmbeddings: Bool = false,
    endOfTextToken: Int = 0
  ) {
    self.family = family
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount ?? headCount
    self.headSize = headSize ?? (headCount > 0 ? hiddenSize / headCount : 0)
    self.contextLength = contextLength
    activation = Activation(named: family.format.activation) ?? .silu
    // A file that says nothing has the family's defaults.
    try? family.readSettings(SettingsReader([]), &self)
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.normEpsilon = normEpsilon
    self.tiesEmbeddings = tiesEmbeddings
    self.endOfTextToken = endOfTextToken
  }

  /// Elements of a head that rotary positions turn; an odd number is rounded up.
  public var rotaryWidth: Int { Int(Double(headSize) * rotaryShare) }
  /// Radians that each pair of a head's dimensions turns from one position to the next.
  public var rotaryFrequencies: [Double] {
    let plain = RotaryTable.frequencies(width: rotaryWidth, theta: ropeTheta)
    return ropeScaling?.scaled(plain, width: rotaryWidth, theta: ropeTheta) ?? plain
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
  /// The limit of positions times the width of a head: half a gigabyte of angles.
  private static let maxRotaryAngles = 1 << 27

  /// The key of the head's size, or in words what it follows from.
  private var headSizeName: String {
    let keys = family.format.keys
    return keys.headSize ?? "\(keys.hiddenSize) / \(keys.headCount)"
  }

  /// Checks that the sizes fit together and are small enough that no product of them overflows.
  ///
  /// - Throws: `ConfigurationError` naming the key of `config.json` that is wrong.
  public func validate() throws {
    let keys = family.format.keys
    let sizes: [(name: String, value: Int, limit: Int)] = [
      (keys.vocabularySize, vocabularySize, 1 << 20), (keys.hiddenSize, hiddenSize, 1 << 16),
      (keys.intermediateSize, intermediateSize, 1 << 18), (keys.layerCount, layerCount, 1 << 10),
      (keys.headCount, headCount, 1 << 10),
      (keys.keyValueHeadCount ?? keys.headCount, keyValueHeadCount, 1 << 10),
      (headSizeName, headSize, 1 << 12), (keys.contextLength, contextLength, 1 << 20),
      ("sliding_window", slidingWindow ?? 1, .max),
    ]
    for (name, value, limit) in sizes where value < 1 || value > limit {
      throw ConfigurationError("\(name) is \(value); it must lie between 1 and \(limit)")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw ConfigurationError(
        "\(keys.headCount) (\(headCount)) is not a multiple of "
          + "\(keys.keyValueHeadCount ?? "the key/value heads") (\(keyValueHeadCount))")
    }
    guard keys.keyValueHeadCount != nil || keyValueHeadCount == headCount else {
      throw ConfigurationError("\(family) has a key and a value for each head")
    }
    guard keys.headSize != nil || headSize * headCount == hiddenSize else {
      throw ConfigurationError(
        "\(keys.hiddenSize) (\(hiddenSize)) is not \(keys.headCount) (\(headCount)) times the width "
          + "of a head (\(headSize))")
    }
    guard rotaryShare >= 0, rotaryShare <= 1 else {
      throw ConfigurationError(
        "partial_rotary_factor is \(rotaryShare); it must lie between 0 and 1")
    }
    guard rotaryShare < 1 || headSize % 2 == 0 else {
      throw ConfigurationError(
        "\(headSizeName) is \(headSize); rotary positions need an even number")
    }
    for theta in [ropeTheta, slidingRopeTheta ?? 1] where !(theta.isFinite && theta > 0) {
      throw ConfigurationError("rope_theta is \(theta); it must be a positive number")
    }
    guard slidingLayers.isEmpty || slidingWindow != nil else {
      throw ConfigurationError("layers slide, but sliding_window is missing; add it")
    }
    guard attentionScale.map({ $0.isFinite }) ?? true else {
      throw ConfigurationError("the scale of attention is \(attentionScale ?? 0); correct it")
    }
    // The table of rotary positions is made for the whole context, however few the parameters.
    guard contextLength <= Self.maxRotaryAngles / headSize else {
      throw ConfigurationError(
        "\(keys.contextLength) (\(contextLength)) times \(headSizeName) (\(headSize)) is more "
          + "than \(Self.maxRotaryAngles); lower \(keys.contextLength)")
    }
    try ropeScaling?.validate(theta: ropeTheta)
    guard normEpsilon.isFinite, normEpsilon >= 0 else {
      throw ConfigurationError("\(keys.normEpsilon) is \(normEpsilon); it must not be negative")
    }
    guard (0..<vocabularySize).contains(endOfTextToken) else {
      throw ConfigurationError("eos_token_id is \(endOfTextToken), outside the vocabulary")
    }
  }
}

extension Configuration {
  /// "width 192, 7 layers, 3 heads of 64, feed-forward 224", for people.
  public var sizes: String {
    "width \(hiddenSize), \(layerCount) layers, \(headCount) heads of \(headSize), feed-forward "
      + "\(intermediateSize)"
  }
}
