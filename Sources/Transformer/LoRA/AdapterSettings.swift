/// Which matrices a low-rank adapter changes, and how each.
public struct AdapterSettings: Hashable, Sendable {
  /// One matrix that is changed.
  public struct Target: Hashable, Sendable {
    /// Its tensor's name without ".weight": "model.layers.0.self_attn.q_proj".
    public var matrix: String
    /// Rows of A and columns of B; it may be more than a side of the matrix.
    public var rank: Int
    /// Decides with the rank how much the product B · A counts; any finite number.
    public var alpha: Float

    public init(matrix: String, rank: Int, alpha: Float) {
      self.matrix = matrix
      self.rank = rank
      self.alpha = alpha
    }
  }

  /// In any order, each matrix once.
  public var targets: [Target]
  /// Whether B · A counts alpha / √rank times, not alpha / rank times (Kalajdzievski 2023,
  /// arXiv 2312.03732).
  public var isRankStabilized = false

  public init(targets: [Target], isRankStabilized: Bool = false) {
    self.targets = targets
    self.isRankStabilized = isRankStabilized
  }

  /// The largest rank of a matrix.
  public var rank: Int { targets.reduce(0) { max($0, $1.rank) } }

  func scale(_ target: Target) -> Float {
    let rank = Float(target.rank)
    return target.alpha / (isRankStabilized ? rank.squareRoot() : rank)
  }

  private static let maxRank = 1 << 20

  /// Checks that an adapter with these settings fits models of a configuration, which is valid.
  ///
  /// - Throws: `ConfigurationError` naming what is wrong.
  func validate(_ matrices: [ParameterLayout.LayerMatrix]) throws {
    guard !targets.isEmpty else {
      throw ConfigurationError("the adapter changes no matrix")
    }
    let known = Set(matrices.map(\.name))
    var names: Set<String> = []
    for target in targets {
      guard known.contains(target.matrix) else {
        throw ConfigurationError("the adapter's target \(target.matrix) is no matrix of the model")
      }
      guard names.insert(target.matrix).inserted else {
        throw ConfigurationError("the adapter has the target \(target.matrix) twice")
      }
      guard (1...Self.maxRank).contains(target.rank) else {
        throw ConfigurationError(
          "the adapter's rank is \(target.rank) for \(target.matrix); it must lie between 1 and "
            + "\(Self.maxRank)")
      }
      guard target.alpha.isFinite else {
        throw ConfigurationError(
          "the adapter's alpha is \(target.alpha) for \(target.matrix); it must be finite")
      }
    }
  }
}

extension AdapterSettings {
  /// A matrix that an adapter may change.
  public struct Matrix: Sendable {
    /// Its tensor's name without ".weight".
    public let name: String
    public let outputs, inputs: Int
  }

  /// The matrices of a model's layers that an adapter may change, in the order of its parameters.
  ///
  /// - Precondition: the configuration is valid.
  public static func matrices(of configuration: Configuration) -> [Matrix] {
    ParameterLayout(configuration).matrices.map {
      Matrix(name: $0.name, outputs: $0.outputs, inputs: $0.inputs)
    }
  }
}
