import Kernels

/// The parts of a model, with its tensors as views into an arena; the same type serves parameters
/// and gradients.
public struct Weights: Sendable {
  let embedding: TokenEmbedding
  let layers: [any Block]
  let head: OutputHead
}

extension Weights {
  /// - Precondition: `arena` has as many floats as `ParameterLayout(configuration)`, and outlives
  ///   the views.
  public init(_ arena: Floats, configuration: Configuration) {
    var parameters = ParameterArena(arena)
    self = configuration.family.weights(&parameters, configuration)
    precondition(parameters.count == arena.count)
  }
}
