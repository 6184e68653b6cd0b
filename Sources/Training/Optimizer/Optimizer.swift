import Kernels
import Synchronization
import Transformer

/// The settings of AdamW and Muon.
public struct OptimizerSettings: Codable, Equatable, Sendable {
  /// AdamW's learning rate, for every parameter that Muon does not update.
  public var learningRate: Float
  /// Muon's learning rate, for hidden matrices; nil leaves those to AdamW.
  public var muonLearningRate: Float?
  public var beta1: Float = 0.9
  public var beta2: Float = 0.95
  public var epsilon: Float = 1e-8
  /// Decoupled weight decay, of matrices only, times the matrix's learning rate.
  public var weightDecay: Float = 0
  /// Gradients with a larger norm are scaled down to this norm.
  public var maximumGradientNorm: Float = 1

  public init(
    learningRate: Float, muonLearningRate: Float? = nil, beta2: Float = 0.95,
    weightDecay: Float = 0, maximumGradientNorm: Float = 1
  ) {
    self.learningRate = learningRate
    self.muonLearningRate = muonLearningRate
    self.beta2 = beta2
    self.weightDecay = weightDecay
    self.maximumGradientNorm = maximumGradientNorm
  }
}

/// AdamW, with Muon for the hidden matrices where its learning rate is set.
public final class Optimizer: @unchecked Sendable {
  public let settings: OptimizerSettings
  private let parameters: Floats
  /// Keeps the parameters alive.
  private let owner: AnyObject
  private let state: FloatStorage
  /// One per worker.
  private let scratch: [Muon]
  /// The largest first. Each worker takes the next part when it has finished one: fixed equal
  /// shares would take unequal time on a core that has other work.
  private let parts: [Part]

  /// A range of one tensor (AdamW) or a whole matrix (Muon).
  private struct Part {
    let entry: ParameterLayout.Entry
    let range: Range<Int>
    let usesMuon: Bool
  }

  /// Updates a model's parameters, or only those of an adapter on it.
  public convenience init(
    _ model: Model, adapter: Adapter? = nil, settings: OptimizerSettings, workerCount: Int
  ) {
    if let adapter {
      self.init(
        adapter.parameters, of: adapter, entries: adapter.entries, settings: settings,
        workerCount: workerCount)
    } else {
      self.init(
        model.parameters, of: model, entries: model.layout.entries, settings: settings,
        workerCount: workerCount)
    }
  }

  private init(
    _ parameters: Floats, of owner: AnyObject, entries: [ParameterLayout.Entry],
    settings: OptimizerSettings, workerCount: Int
  ) {
    self.parameters = parameters
    self.owner = owner
    self.settings = settings
    state = FloatStorage(count: 2 * parameters.count)
    func usesMuon(_ entry: ParameterLayout.Entry) -> Bool {
      settings.muonLearningRate != nil && entry.shape.count == 2
        && entry.name.hasPrefix("model.layers.")
    }
    let matrices = entries.filter(usesMuon)
      .sorted { $0.count * ($0.shape.min() ?? 1) > $1.count * ($1.shape.min() ?? 1) }
    parts =
      matrices.map { Part(entry: $0, range: $0.range, usesMuon: true) }
      + entries.filter { !usesMuon($0) }.flatMap { entry in
        stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: Self.partCount).map {
          let end = min($0 + Self.partCount, entry.range.upperBound)
          return Part(entry: entry, range: $0..<end, usesMuon: false)
        }
      }
    scratch = (0..<workerCount).map { _ in Muon(shapes: matrices.map(\.shape)) }
  }

  /// Floats that AdamW updates at a time.
  private static let partCount = 1 << 16

  /// First and second moments (for Muon the momentum is in the first), as a checkpoint keeps them.
  public var moments: (first: Floats, second: Floats) {
    let count = parameters.count
    return (state.floats.slice(0, count), state.floats.slice(count, count))
  }

  /// Updates the parameters.
  ///
  /// - Parameters:
  ///   - step: counts from 1.
  ///   - rateScale: the schedule's factor on the learning rates.
  ///   - gradientScale: the factor on the gradients.
  public func update(
    gradients: Floats, step: Int, rateScale: Float = 1, gradientScale: Float = 1
  ) {
    let taken = Atomic(0)
    _ = concurrently(workerCount: scratch.count) { worker in
      while true {
        let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < parts.count else { break }
        update(parts[index], gradients, step, rateScale, gradientScale, scratch[worker])
      }
    }
  }

  private func update(
    _ part: Part, _ gradients: Floats, _ step: Int, _ rateScale: Float, _ gradientScale: Float,
    _ muon: Muon
  ) {
    let (first, second) = moments
    let (start, count) = (part.range.lowerBound, part.range.count)
    if part.usesMuon, let rate = settings.muonLearningRate {
      let (rows, columns) = (part.entry.shape[0], part.entry.shape[1])
      if settings.weightDecay > 0 {
        parameters.slice(start, count).scale(by: 1 - rate * rateScale * settings.weightDecay)
      }
      muon.update(
        parameter: parameters.matrix(start, rows: rows, columns: columns),
        gradient: gradients.matrix(start, rows: rows, columns: columns),
        average: first.matrix(start, rows: rows, columns: columns),
        learningRate: rate * rateScale, gradientScale: gradientScale)
    } else {
      adamWUpdate(
        parameters: parameters.slice(start, count), gradients: gradients.slice(start, count),
        mean: first.slice(start, count), variance: second.slice(start, count), step: step,
        learningRate: settings.learningRate * rateScale, beta1: settings.beta1,
        beta2: settings.beta2, epsilon: settings.epsilon,
        weightDecay: part.entry.shape.count == 2 ? settings.weightDecay : 0,
        gradientScale: gradientScale)
    }
  }
}
