import Kernels
import Transformer

/// How parameters follow their gradients.
public struct OptimizerSettings: Codable, Equatable, Sendable {
  /// AdamW's, for every parameter that Muon does not update.
  public var learningRate: Float
  /// Muon's, for hidden matrices; nil leaves those to AdamW.
  public var muonLearningRate: Float?
  public var beta1: Float = 0.9
  public var beta2: Float = 0.95
  public var epsilon: Float = 1e-8
  /// Decoupled decay, of matrices only.
  public var weightDecay: Float = 0
  /// Gradients longer than this are shortened to it.
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
  private let scratch: [Muon]
  /// Each worker's share of the tensors, about equally much work.
  private let shares: [[Part]]

  /// A range of one tensor (AdamW) or a whole matrix (Muon).
  private struct Part {
    let entry: ParameterLayout.Entry
    let range: Range<Int>
    let usesMuon: Bool
  }

  /// Updates a model's parameters, or those of an adapter on it alone.
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
    var shares = [[Part]](repeating: [], count: workerCount)
    var loads = [Int](repeating: 0, count: workerCount)
    let matrices = entries.filter(usesMuon).sorted { $0.count > $1.count }
    for entry in matrices {
      let lightest = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      shares[lightest].append(Part(entry: entry, range: entry.range, usesMuon: true))
      loads[lightest] += entry.count * (entry.shape.min() ?? 1)
    }
    for entry in entries where !usesMuon(entry) {
      for worker in 0..<workerCount {
        let low = entry.count * worker / workerCount / 16 * 16
        let high =
          worker + 1 == workerCount
          ? entry.count : entry.count * (worker + 1) / workerCount / 16 * 16
        if low < high {
          let range = entry.offset + low..<entry.offset + high
          shares[worker].append(Part(entry: entry, range: range, usesMuon: false))
        }
      }
    }
    self.shares = shares
    scratch = shares.map { share in Muon(shapes: share.filter(\.usesMuon).map(\.entry.shape)) }
  }

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
  ///   - gradientScale: what the gradients are multiplied by as they are read.
  public func update(
    gradients: Floats, step: Int, rateScale: Float = 1, gradientScale: Float = 1
  ) {
    _ = concurrently(workerCount: shares.count) { worker in
      for part in shares[worker] {
        update(part, gradients, step, rateScale, gradientScale, scratch[worker])
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
