import Kernels
import Randomness

/// Which matrices a low-rank adapter changes, and how.
public struct AdapterSettings: Codable, Hashable, Sendable {
  /// A matrix of every layer, by the last part of its name in Hugging Face's files.
  public enum Target: String, Codable, CaseIterable, Sendable {
    case query = "q_proj"
    case key = "k_proj"
    case value = "v_proj"
    case attentionOutput = "o_proj"
    case gate = "gate_proj"
    case up = "up_proj"
    case down = "down_proj"
  }

  /// Rows of A and columns of B.
  public var rank: Int
  /// The product B · A counts `alpha / rank` times.
  public var alpha: Float
  public var targets: [Target]

  public init(rank: Int, alpha: Float, targets: [Target] = Target.allCases) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
  }

  var scale: Float { alpha / Float(rank) }

  /// Checks that an adapter with these settings fits models of a configuration, which is valid.
  ///
  /// - Throws: `ConfigurationError` naming what is wrong.
  public func validate(_ configuration: Configuration) throws {
    guard !targets.isEmpty, Set(targets).count == targets.count else {
      throw ConfigurationError(
        "the adapter's targets have to be one or more of "
          + Target.allCases.map(\.rawValue).joined(separator: ", ") + ", each once")
    }
    var layer = configuration
    layer.layerCount = 1
    let matrices = ParameterLayout(layer).matrices
    for target in targets where !matrices.contains(where: target.matches) {
      throw ConfigurationError(
        "the adapter's target \(target.rawValue) is no matrix of \(configuration.family)")
    }
    let maxRank = matrices.filter { matrix in targets.contains { $0.matches(matrix) } }
      .reduce(Int.max) { min($0, $1.outputs, $1.inputs) }
    guard (1...maxRank).contains(rank) else {
      throw ConfigurationError(
        "the adapter's rank is \(rank); it must lie between 1 and \(maxRank), the smaller side of "
          + "the smallest matrix that it changes")
    }
    guard alpha.isFinite, alpha > 0 else {
      throw ConfigurationError("the adapter's alpha is \(alpha); it must be a positive number")
    }
  }
}

extension AdapterSettings.Target {
  /// Whether this is the matrix, or one of the matrices, that the target names.
  func matches(_ matrix: ParameterLayout.LayerMatrix) -> Bool {
    matrix.name.hasSuffix("." + rawValue)
  }
}

/// A low-rank adapter on a model whose own parameters stay as they are: every target matrix W acts
/// as W + alpha / rank · B · A.
///
/// Hu et al. 2021, arXiv 2106.09685. Names and shapes are those of Hugging Face's PEFT. The
/// parameters must not change while another thread runs the model.
public final class Adapter: Sendable {
  public let settings: AdapterSettings
  /// Its tensors in the order of the arena: of every layer and target A, `[rank, inputs]`, and B,
  /// `[outputs, rank]`.
  public let entries: [ParameterLayout.Entry]
  private let configuration: Configuration
  /// The matrices of the model's layout.
  private let matrices: [ParameterLayout.LayerMatrix]
  /// For each pair of entries the number of the matrix that it changes.
  private let targets: [Int]
  private let storage: FloatStorage
  let weights: AdapterWeights

  /// An adapter that changes nothing: all its numbers are zero.
  ///
  /// - Throws: `ConfigurationError` if it does not fit the model.
  public init(_ settings: AdapterSettings, on configuration: Configuration) throws {
    try settings.validate(configuration)
    self.settings = settings
    self.configuration = configuration
    matrices = ParameterLayout(configuration).matrices
    let layers = Dictionary(grouping: matrices.indices) { [matrices] in matrices[$0].layer }
    targets = (0..<configuration.layerCount).flatMap { [matrices] layer in
      settings.targets.flatMap { target in
        (layers[layer] ?? []).filter { target.matches(matrices[$0]) }
      }
    }
    var entries: [ParameterLayout.Entry] = []
    var count = 0
    for matrix in targets.map({ [matrices] in matrices[$0] }) {
      let bound = 1 / Double(matrix.inputs).squareRoot()
      for (part, shape, initial) in [
        ("lora_A", [settings.rank, matrix.inputs], InitialValues.uniform(bound: bound)),
        ("lora_B", [matrix.outputs, settings.rank], .zeros),
      ] {
        entries.append(
          ParameterLayout.Entry(
            name: "\(matrix.name).\(part).weight", shape: shape, offset: count, initial: initial))
        count += shape[0] * shape[1]
      }
    }
    self.entries = entries
    storage = FloatStorage(count: count)
    weights = AdapterWeights(
      storage.floats, settings, entries, targets: targets, matrixCount: matrices.count)
  }

  /// All numbers of the adapter, in the order of `entries`. The view does not keep the adapter
  /// alive.
  public var parameters: Floats { storage.floats }

  /// Views of another arena with the same layout.
  func views(of floats: Floats) -> AdapterWeights {
    AdapterWeights(floats, settings, entries, targets: targets, matrixCount: matrices.count)
  }

  /// Draws A uniformly with the variance 1 / (3 · inputs), as PEFT does, and leaves B at zero, so
  /// that training begins with the model as it is.
  public func initialize(seed: UInt64) {
    for (index, entry) in entries.enumerated() {
      guard case .uniform(let bound) = entry.initial else { continue }
      var random = RandomGenerator(seed: seed, keys: 0x10_5A, UInt64(index))
      parameters.slice(entry.offset, entry.count).fillUniform(bound: bound, using: &random)
    }
  }

  /// Adds what the adapter does to the model's parameters, which then need no adapter.
  ///
  /// - Precondition: the model has the configuration that the adapter was made for.
  public func merge(into model: Model) {
    precondition(model.configuration == configuration)
    let entries = Dictionary(uniqueKeysWithValues: model.layout.entries.map { ($0.name, $0) })
    for (matrix, product) in zip(matrices, weights.products) {
      guard let product, let entry = entries[matrix.name + ".weight"] else { continue }
      product.merge(
        into: model.parameters.matrix(entry.offset, rows: matrix.outputs, columns: matrix.inputs))
    }
  }
}

/// An adapter's matrices as views into an arena; the same type serves parameters and gradients.
public struct AdapterWeights: Sendable {
  /// What is added to each matrix of `ParameterLayout.matrices`; nil for those that are no targets.
  let products: [LowRankProduct?]

  fileprivate init(
    _ arena: Floats, _ settings: AdapterSettings, _ entries: [ParameterLayout.Entry],
    targets: [Int], matrixCount: Int
  ) {
    func matrix(_ entry: ParameterLayout.Entry) -> Matrix {
      arena.matrix(entry.offset, rows: entry.shape[0], columns: entry.shape[1])
    }
    var products = [LowRankProduct?](repeating: nil, count: matrixCount)
    for (index, target) in targets.enumerated() {
      products[target] = LowRankProduct(
        a: matrix(entries[2 * index]), b: matrix(entries[2 * index + 1]), scale: settings.scale)
    }
    self.products = products
  }
}
