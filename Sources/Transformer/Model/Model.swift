import Foundation
import Kernels
import Randomness

/// A decoder-only transformer of one of the families of `ModelFamily`.
///
/// The parameters are one arena of floats; `layout` says what is where. They must not change while
/// another thread runs the model.
public final class Model: Sendable {
  public let configuration: Configuration
  public let layout: ParameterLayout
  private let storage: FloatStorage
  let weights: Weights
  let rotary: RotaryTable
  /// For layers whose attention slides.
  let slidingRotary: RotaryTable

  /// A model whose parameters are all zero.
  ///
  /// - Throws: `ConfigurationError` for a shape that cannot be run.
  public init(_ configuration: Configuration) throws {
    try configuration.validate()
    _ = Processor.current  // the matrix library is set up before it is first used
    self.configuration = configuration
    layout = ParameterLayout(configuration)
    storage = FloatStorage(count: layout.count)
    weights = Weights(storage.floats, configuration: configuration)
    rotary = RotaryTable(
      positionCount: configuration.contextLength, frequencies: configuration.rotaryFrequencies,
      scale: configuration.ropeScaling?.attentionFactor ?? 1)
    slidingRotary =
      configuration.slidingRopeTheta.map {
        RotaryTable(
          positionCount: configuration.contextLength,
          frequencies: RotaryTable.frequencies(width: configuration.rotaryWidth, theta: $0))
      } ?? rotary
  }

  /// All parameters, in the order of `layout`. The view does not keep the model alive.
  public var parameters: Floats { storage.floats }
  public var parameterCount: Int { layout.count }

  /// Another model with the same parameters.
  public func copy() -> Model {
    // The configuration was validated when this model was made.
    guard let copy = try? Model(configuration) else { preconditionFailure("invalid model") }
    copy.parameters.copy(from: parameters)
    return copy
  }

  /// Draws random parameters, which depend on the seed alone.
  ///
  /// Embeddings have standard deviation 1 and hidden matrices 1/√fan-in; the outputs of attention
  /// and feed-forward, an untied head and biases start at zero, norms at one. With small embeddings
  /// under such hidden weights, in-context learning does not emerge. A tied head has to start small
  /// instead.
  public func initialize(seed: UInt64) {
    for (index, entry) in layout.entries.enumerated() {
      var random = RandomGenerator(seed: seed, keys: UInt64(index))
      let floats = parameters.slice(entry.offset, entry.count)
      switch entry.initial {
      case .zeros: floats.fill(0)
      case .ones: floats.fill(1)
      case .normal(let deviation): floats.fillNormal(deviation: deviation, using: &random)
      case .uniform(let bound): floats.fillUniform(bound: bound, using: &random)
      }
    }
  }
}

extension Floats {
  /// Normal random numbers with mean 0 (Box & Muller 1958).
  func fillNormal(deviation: Float, using random: inout RandomGenerator) {
    for index in 0..<count {
      let radius = (-2 * log(1 - random.uniform())).squareRoot()
      self[index] = deviation * Float(radius * cos(2 * .pi * random.uniform()))
    }
  }

  /// Random numbers between −bound and bound.
  func fillUniform(bound: Double, using random: inout RandomGenerator) {
    for index in 0..<count { self[index] = Float((2 * random.uniform() - 1) * bound) }
  }
}
