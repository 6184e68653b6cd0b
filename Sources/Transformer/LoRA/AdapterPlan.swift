/// The adapter that a run trains: one rank and one alpha for all its matrices.
public struct AdapterPlan: Codable, Hashable, Sendable {
  /// Rows of A and columns of B.
  public var rank: Int
  /// The product B · A counts `alpha / rank` times.
  public var alpha: Float
  /// The last parts of the names of the matrices that it changes, in every layer: "q_proj"; nil for
  /// all matrices of the layers.
  public var targets: [String]?

  public init(rank: Int, alpha: Float, targets: [String]? = nil) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
  }

  /// The names that targets may have in models of any family, in the order of their parameters.
  public static let targetNames: [String] = {
    let models = ModelFamily.all.map { family in
      Configuration(
        family: family, vocabularySize: 8, hiddenSize: 8, intermediateSize: 8, layerCount: 1,
        headCount: 1, contextLength: 8)
    }
    return distinct(models.flatMap { lastParts(ParameterLayout($0).matrices) })
  }()

  /// The plan for a model of this configuration, which is valid.
  ///
  /// - Throws: `ConfigurationError` naming what does not fit the model.
  public func settings(on configuration: Configuration) throws -> AdapterSettings {
    let matrices = ParameterLayout(configuration).matrices
    let known = Self.distinct(Self.lastParts(matrices))
    let names = targets ?? known
    guard !names.isEmpty, Set(names).count == names.count else {
      throw ConfigurationError(
        "the adapter's targets have to be one or more of \(known.joined(separator: ", ")), each once"
      )
    }
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw ConfigurationError(
        "the adapter's target \(unknown) is no matrix of \(configuration.family); there are "
          + known.joined(separator: ", "))
    }
    let chosen = matrices.filter { names.contains(Self.lastPart($0.name)) }
    let maxRank = chosen.reduce(Int.max) { min($0, $1.outputs, $1.inputs) }
    guard (1...maxRank).contains(rank) else {
      throw ConfigurationError(
        "the adapter's rank is \(rank); it must lie between 1 and \(maxRank), the smaller side of "
          + "the smallest matrix that it changes")
    }
    guard alpha.isFinite, alpha > 0 else {
      throw ConfigurationError("the adapter's alpha is \(alpha); it must be a positive number")
    }
    return AdapterSettings(
      targets: chosen.map { AdapterSettings.Target(matrix: $0.name, rank: rank, alpha: alpha) })
  }

  private static func lastParts(_ matrices: [ParameterLayout.LayerMatrix]) -> [String] {
    matrices.map { lastPart($0.name) }
  }

  /// "q_proj" of "model.layers.0.self_attn.q_proj".
  static func lastPart(_ name: String) -> String {
    String(name[(name.lastIndex(of: ".").map(name.index(after:)) ?? name.startIndex)...])
  }

  /// Each name once, in the order of first appearance.
  static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
