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
  /// Width of one head; even, since rotary positions turn pairs of its numbers.
  public var headSize: Int
  /// The longest row of tokens, prompt and continuation together.
  public var contextLength: Int
  /// Base of the rotary frequencies.
  public var ropeTheta: Double = 10_000
  /// How the frequencies change for a context longer than the model was first trained on.
  public var ropeScaling: RopeScaling?
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
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.normEpsilon = normEpsilon
    self.tiesEmbeddings = tiesEmbeddings
    self.endOfTextToken = endOfTextToken
  }

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
  /// The limit of positions times the width of a head: half a gigabyte of angles.
  private static let maxRotaryAngles = 1 << 27

  /// Checks that the sizes fit together and are small enough that no product of them overflows.
  ///
  /// - Throws: `ConfigurationError` naming the key of `config.json` that is wrong.
  public func validate() throws {
    let keys = family.format.keys
    let sizes: [(name: String, value: Int, limit: Int)] = [
      (keys.vocabularySize, vocabularySize, 1 << 20), (keys.hiddenSize, hiddenSize, 1 << 16),
      (keys.intermediateSize, intermediateSize, 1 << 18), (keys.layerCount, layerCount, 1 << 10),
      (keys.headCount, headCount, 1 << 10),
      (keys.keyValueHeadCount, keyValueHeadCount, 1 << 10), (keys.headSize, headSize, 1 << 12),
      (keys.contextLength, contextLength, 1 << 20),
    ]
    for (name, value, limit) in sizes where value < 1 || value > limit {
      throw ConfigurationError("\(name) is \(value); it must lie between 1 and \(limit)")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw ConfigurationError(
        "\(keys.headCount) (\(headCount)) is not a multiple of \(keys.keyValueHeadCount) "
          + "(\(keyValueHeadCount))")
    }
    guard headSize % 2 == 0 else {
      throw ConfigurationError(
        "\(keys.headSize) is \(headSize); rotary positions need an even number")
    }
    guard ropeTheta.isFinite, ropeTheta > 0 else {
      throw ConfigurationError("rope_theta is \(ropeTheta); it must be a positive number")
    }
    // The table of rotary positions is made for the whole context, however few the parameters.
    guard contextLength <= Self.maxRotaryAngles / headSize else {
      throw ConfigurationError(
        "\(keys.contextLength) (\(contextLength)) times \(keys.headSize) (\(headSize)) is more "
          + "than \(Self.maxRotaryAngles); lower \(keys.contextLength)")
    }
    try ropeScaling?.validate()
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
