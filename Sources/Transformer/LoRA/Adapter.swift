import Kernels
import Randomness

/// A low-rank adapter on a model whose own parameters stay as they are: every target matrix W acts
/// as W + scale · B · A.
///
/// Hu et al. 2021, arXiv 2106.09685. Names and shapes are those of Hugging Face's PEFT. The
/// parameters must not change while another thread runs the model.
public final class Adapter: Sendable {
  public let settings: AdapterSettings
  /// Its tensors in the order of the arena: of every target, in the order of the model's
  /// parameters, A, `[rank, inputs]`, and B, `[outputs, rank]`.
  public let entries: [ParameterLayout.Entry]
  private let configuration: Configuration
  /// The matrices of the model's layout.
  private let matrices: [ParameterLayout.LayerMatrix]
  /// For each pair of entries the number of the matrix that it changes, and the factor of B · A.
  private let targets: [(matrix: Int, scale: Float)]
  private let storage: FloatStorage
  let weights: AdapterWeights

  /// An adapter that changes nothing: all its numbers are zero.
  ///
  /// - Throws: `ConfigurationError` if it does not fit the model.
  public init(_ settings: AdapterSettings, on configuration: Configuration) throws {
    matrices = ParameterLayout(configuration).matrices
    try settings.validate(matrices)
    self.settings = settings
    self.configuration = configuration
    let byName = Dictionary(uniqueKeysWithValues: settings.targets.map { ($0.matrix, $0) })
    let chosen = matrices.enumerated().compactMap { index, matrix in
      byName[matrix.name].map { (index, matrix, $0) }
    }
    targets = chosen.map { ($0.0, settings.scale($0.2)) }
    var entries: [ParameterLayout.Entry] = []
    var count = 0
    for (_, matrix, target) in chosen {
      let bound = 1 / Double(matrix.inputs).squareRoot()
      // B has the rows of its matrix. Neither is stored transposed.
      let order = matrix.order == .transposed ? StoredOrder.same : matrix.order
      for (part, shape, initial, order) in [
        (
          "lora_A", [target.rank, matrix.inputs], InitialValues.uniform(bound: bound),
          StoredOrder.same
        ),
        ("lora_B", [matrix.outputs, target.rank], .zeros, order),
      ] {
        entries.append(
          ParameterLayout.Entry(
            name: "\(matrix.name).\(part).weight", shape: shape, offset: count, initial: initial,
            order: order))
        count += shape[0] * shape[1]
      }
    }
    self.entries = entries
    storage = FloatStorage(count: count)
    weights = AdapterWeights(
      storage.floats, entries, targets: targets, matrixCount: matrices.count)
  }

  /// An adapter of a run's plan, that changes nothing yet.
  ///
  /// - Throws: `ConfigurationError` if it does not fit the model.
  public convenience init(_ plan: AdapterPlan, on configuration: Configuration) throws {
    try self.init(try plan.settings(on: configuration), on: configuration)
  }

  /// Names by which PEFT finds the targets, and only these: the last parts of their names, or,
  /// where other matrices have those too, the whole names.
  public var moduleNames: [String] {
    let chosen = targets.map { matrices[$0.matrix].name }
    let parts = AdapterPlan.distinct(chosen.map(AdapterPlan.lastPart))
    let meant = matrices.filter { parts.contains(AdapterPlan.lastPart($0.name)) }
    return meant.count == chosen.count ? parts : chosen
  }

  /// Whether a matrix that it changes is stored transposed.
  public var changesTransposedMatrices: Bool {
    targets.contains { matrices[$0.matrix].order == .transposed }
  }

  /// All numbers of the adapter, in the order of `entries`. The view does not keep the adapter
  /// alive.
  public var parameters: Floats { storage.floats }

  /// Views of another arena with the same layout.
  func views(of floats: Floats) -> AdapterWeights {
    AdapterWeights(floats, entries, targets: targets, matrixCount: matrices.count)
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
    _ arena: Floats, _ entries: [ParameterLayout.Entry],
    targets: [(matrix: Int, scale: Float)], matrixCount: Int
  ) {
    func matrix(_ entry: ParameterLayout.Entry) -> Matrix {
      arena.matrix(entry.offset, rows: entry.shape[0], columns: entry.shape[1])
    }
    var products = [LowRankProduct?](repeating: nil, count: matrixCount)
    for (index, target) in targets.enumerated() {
      products[target.matrix] = LowRankProduct(
        a: matrix(entries[2 * index]), b: matrix(entries[2 * index + 1]), scale: target.scale)
    }
    self.products = products
  }
}
