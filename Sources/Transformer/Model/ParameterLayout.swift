/// Where each parameter is in the one arena that holds them all.
///
/// Names and shapes are those of Hugging Face's files. Matrices that read the same input stand next
/// to each other, so that they are one matrix product.
public struct ParameterLayout: Sendable {
  /// One tensor: its name in `model.safetensors`, its shape, and its first float in the arena.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let shape: [Int]
    public let offset: Int
    /// How its numbers are drawn for a new model.
    public let initial: InitialValues
    /// How files store it.
    public var order = StoredOrder.same
    /// Its shape in a file.
    public var storedShape: [Int] { order == .transposed ? shape.reversed() : shape }
    public var count: Int { shape.reduce(1, *) }
    public var range: Range<Int> { offset..<offset + count }
  }

  /// A matrix of a layer that an adapter may change.
  struct LayerMatrix: Sendable {
    /// Its tensor's name without ".weight".
    let name: String
    /// Counted from 0.
    let layer: Int
    let outputs, inputs: Int
    /// How files store it.
    var order = StoredOrder.same
  }

  /// Every tensor in the order of the arena.
  public let entries: [Entry]
  /// Floats in the arena.
  public let count: Int
  /// The matrices of all layers, in the order of the arena.
  let matrices: [LayerMatrix]
  private let layers: [Range<Int>]

  /// The layout of a model's parameters.
  ///
  /// - Precondition: the configuration is valid.
  public init(_ configuration: Configuration) {
    var arena = ParameterArena()
    _ = configuration.family.weights(&arena, configuration)
    (entries, count) = (arena.entries, arena.count)
    (matrices, layers) = (arena.matrices, arena.layers)
  }

  public var layerCount: Int { layers.count }

  /// The floats of one layer in the arena, `index` counted from 0: its tensors stand next to each
  /// other.
  public func range(ofLayer index: Int) -> Range<Int> { layers[index] }
}
