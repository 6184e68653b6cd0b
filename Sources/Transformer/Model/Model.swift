import Foundation
import Kernels
import Randomness

/// A decoder-only transformer: Llama's architecture, optionally with Qwen2's biases or Qwen3's
/// query/key norm.
///
/// The parameters are one arena of floats laid out by `layout`. Whoever changes them does so while no
/// other thread runs the model.
public final class Model: Sendable {
  public let configuration: Configuration
  public let layout: ParameterLayout
  private let storage: FloatStorage
  let weights: Weights
  let rotary: RotaryTable

  /// A model whose parameters are all zero.
  ///
  /// - Throws: `ConfigurationError` for a shape that cannot be run.
  public init(_ configuration: Configuration) throws {
    try configuration.validate()
    _ = Processor.current  // the matrix library is set up before it is first used
    self.configuration = configuration
    layout = ParameterLayout(configuration)
    storage = FloatStorage(count: layout.count)
    weights = Weights(storage.floats, configuration: configuration, layout: layout)
    rotary = RotaryTable(
      positionCount: configuration.contextLength, frequencies: configuration.rotaryFrequencies)
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

  /// Draws random parameters.
  ///
  /// Embeddings have standard deviation 1 and hidden matrices 1/√fan-in; the outputs of attention and
  /// feed-forward, an untied head and biases start at zero, norms at one. With small embeddings under such
  /// hidden weights, in-context learning does not emerge. A tied head has to start small instead.
  public func initialize(seed: UInt64) {
    let c = configuration
    for (index, entry) in layout.entries.enumerated() {
      var random = RandomGenerator(seed: seed, keys: UInt64(index))
      let floats = parameters.slice(entry.offset, entry.count)
      if entry.shape.count == 1 {
        floats.fill(entry.name.hasSuffix(".bias") ? 0 : 1)
      } else if ["o_proj", "down_proj", "lm_head"].contains(where: entry.name.contains) {
        floats.fill(0)
      } else if entry.name.contains("embed_tokens") {
        floats.fillNormal(deviation: c.tiesEmbeddings ? 0.02 : 1, using: &random)
      } else {
        floats.fillNormal(deviation: 1 / Float(entry.shape[1]).squareRoot(), using: &random)
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
}
