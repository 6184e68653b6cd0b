import Kernels
import Randomness

/// Which matrices a low-rank adapter changes, and how.
public struct AdapterSettings: Codable, Hashable, Sendable {
  /// A matrix of every layer, by its name in Hugging Face checkpoints.
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

  /// Checks that an adapter can be laid on models of a configuration.
  ///
  /// - Throws: `ConfigurationError` naming what is wrong.
  public func validate(_ configuration: Configuration) throws {
    guard !targets.isEmpty, Set(targets).count == targets.count else {
      throw ConfigurationError(
        "the adapter's targets have to be one or more of "
          + Target.allCases.map(\.rawValue).joined(separator: ", ") + ", each once")
    }
    let most = targets.map { configuration.shape(of: $0) }.reduce(Int.max) {
      min($0, $1.rows, $1.columns)
    }
    guard (1...most).contains(rank) else {
      throw ConfigurationError(
        "the adapter's rank is \(rank); it must lie between 1 and \(most), the smaller side of the "
          + "smallest matrix that it changes")
    }
    guard alpha.isFinite, alpha > 0 else {
      throw ConfigurationError("the adapter's alpha is \(alpha); it must be a positive number")
    }
  }
}

extension Configuration {
  /// The shape of a matrix that an adapter may change: `[outputs, inputs]`.
  func shape(of target: AdapterSettings.Target) -> (rows: Int, columns: Int) {
    switch target {
    case .query: (queryWidth, hiddenSize)
    case .key, .value: (keyValueWidth, hiddenSize)
    case .attentionOutput: (hiddenSize, queryWidth)
    case .gate, .up: (intermediateSize, hiddenSize)
    case .down: (hiddenSize, intermediateSize)
    }
  }
}

/// A low-rank adapter on a model whose own parameters stay as they are: every target matrix W acts as
/// W + alpha / rank · B · A.
///
/// Hu et al. 2021, arXiv 2106.09685. Names and shapes are those of Hugging Face's PEFT. Whoever changes
/// the parameters does so while no other thread runs the model.
public final class Adapter: Sendable {
  public let settings: AdapterSettings
  /// Its tensors in the order of the arena: of every layer and target A, `[rank, inputs]`, and B,
  /// `[outputs, rank]`.
  public let entries: [ParameterLayout.Entry]
  private let configuration: Configuration
  private let storage: FloatStorage
  let weights: AdapterWeights

  /// An adapter that changes nothing: all its numbers are zero.
  ///
  /// - Throws: `ConfigurationError` where it does not fit the model.
  public init(_ settings: AdapterSettings, on configuration: Configuration) throws {
    try settings.validate(configuration)
    self.settings = settings
    self.configuration = configuration
    var entries: [ParameterLayout.Entry] = []
    var count = 0
    for layer in 0..<configuration.layerCount {
      for target in settings.targets {
        let shape = configuration.shape(of: target)
        let name = "model.layers.\(layer).\(target.block).\(target.rawValue)."
        for (part, shape) in [
          ("lora_A", [settings.rank, shape.columns]), ("lora_B", [shape.rows, settings.rank]),
        ] {
          entries.append(
            ParameterLayout.Entry(name: name + part + ".weight", shape: shape, offset: count))
          count += shape[0] * shape[1]
        }
      }
    }
    self.entries = entries
    storage = FloatStorage(count: count)
    weights = AdapterWeights(storage.floats, settings, entries)
  }

  /// All numbers of the adapter, in the order of `entries`. The view does not keep the adapter alive.
  public var parameters: Floats { storage.floats }

  /// Another arena laid out as this one.
  func views(of floats: Floats) -> AdapterWeights { AdapterWeights(floats, settings, entries) }

  /// Draws A uniformly with the variance 1 / (3 · inputs), as PEFT does, and leaves B at zero, so that
  /// training begins with the model as it is.
  public func initialize(seed: UInt64) {
    for (index, entry) in entries.enumerated() where index % 2 == 0 {
      var random = RandomGenerator(seed: seed, keys: 0x10_5A, UInt64(index))
      let floats = parameters.slice(entry.offset, entry.count)
      let bound = 1 / Double(entry.shape[1]).squareRoot()
      for place in 0..<floats.count {
        floats[place] = Float((2 * random.uniform() - 1) * bound)
      }
    }
  }

  /// Adds what the adapter does to the model's parameters, which then need no adapter.
  ///
  /// - Precondition: the model has the configuration that the adapter was made for.
  public func merge(into model: Model) {
    precondition(model.configuration == configuration)
    let c = configuration
    for (layer, own) in zip(model.weights.layers, weights.layers) {
      own.query?.merge(into: layer.queryKeyValue.rows(0, c.queryWidth))
      own.key?.merge(into: layer.queryKeyValue.rows(c.queryWidth, c.keyValueWidth))
      own.value?.merge(
        into: layer.queryKeyValue.rows(c.queryWidth + c.keyValueWidth, c.keyValueWidth))
      own.attentionOutput?.merge(into: layer.attentionOutput)
      own.gate?.merge(into: layer.gateUp.rows(0, c.intermediateSize))
      own.up?.merge(into: layer.gateUp.rows(c.intermediateSize, c.intermediateSize))
      own.down?.merge(into: layer.down)
    }
  }
}

extension AdapterSettings.Target {
  /// The part of a layer that the matrix is in.
  fileprivate var block: String {
    switch self {
    case .query, .key, .value, .attentionOutput: "self_attn"
    case .gate, .up, .down: "mlp"
    }
  }
}

/// An adapter's matrices as views into an arena; the same type serves parameters and gradients.
public struct AdapterWeights: Sendable {
  /// What is added to each matrix of a layer; nil to those that are no targets.
  struct Layer: Sendable {
    var query, key, value, attentionOutput, gate, up, down: LowRankProduct?
  }

  private(set) var layers: [Layer] = []
  let rank: Int

  fileprivate init(
    _ arena: Floats, _ settings: AdapterSettings, _ entries: [ParameterLayout.Entry]
  ) {
    rank = settings.rank
    var next = entries[...]
    func matrix(_ entry: ParameterLayout.Entry) -> Matrix {
      arena.matrix(entry.offset, rows: entry.shape[0], columns: entry.shape[1])
    }
    while !next.isEmpty {
      var layer = Layer()
      for target in settings.targets {
        let product = LowRankProduct(
          a: matrix(next.removeFirst()), b: matrix(next.removeFirst()), scale: settings.scale)
        switch target {
        case .query: layer.query = product
        case .key: layer.key = product
        case .value: layer.value = product
        case .attentionOutput: layer.attentionOutput = product
        case .gate: layer.gate = product
        case .up: layer.up = product
        case .down: layer.down = product
        }
      }
      layers.append(layer)
    }
  }
}
