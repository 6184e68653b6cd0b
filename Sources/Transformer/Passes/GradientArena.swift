import Kernels

/// Where a backward pass adds gradients.
public enum GradientSums: Sendable {
  /// Those of every parameter of the model.
  case parameters(Weights)
  /// Those of an adapter alone.
  case adapter(AdapterWeights)

  var weights: Weights? {
    if case .parameters(let weights) = self { weights } else { nil }
  }
  var adapter: AdapterWeights? {
    if case .adapter(let weights) = self { weights } else { nil }
  }
}

/// An arena of gradients with the layout of a model's parameters, or of an adapter's.
public final class GradientArena: Sendable {
  private let storage: FloatStorage
  public let sums: GradientSums

  /// - Parameter adapter: the adapter that is trained instead of the model.
  public init(_ model: Model, adapter: Adapter? = nil) {
    if let adapter {
      storage = FloatStorage(count: adapter.parameters.count)
      sums = .adapter(adapter.views(of: storage.floats))
    } else {
      storage = FloatStorage(count: model.parameterCount)
      sums = .parameters(
        Weights(storage.floats, configuration: model.configuration))
    }
  }

  public var floats: Floats { storage.floats }
}
