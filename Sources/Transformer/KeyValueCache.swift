import Kernels

/// Rotated keys, and values, of the tokens a sequence has read so far, layer by layer.
public final class KeyValueCache {
  /// Tokens that every continuation shares.
  public internal(set) var count = 0
  /// Tokens there is room for.
  public let capacity: Int
  private let storage: FloatStorage
  private let width: Int

  public init(_ configuration: Configuration, capacity: Int) {
    self.capacity = capacity
    width = configuration.keyValueWidth
    storage = FloatStorage(count: 2 * configuration.layerCount * capacity * width)
  }

  private func table(_ index: Int) -> Matrix {
    storage.floats.matrix(index * capacity * width, rows: capacity, columns: width)
  }

  /// Writes keys and values at `position` and returns views of all up to and with them.
  func append(
    _ keys: Matrix, _ values: Matrix, layer: Int, at position: Int
  ) -> (keys: Matrix, values: Matrix) {
    let (keyTable, valueTable) = (table(2 * layer), table(2 * layer + 1))
    keyTable.rows(position, keys.rows).copyRows(from: keys)
    valueTable.rows(position, values.rows).copyRows(from: values)
    let seen = position + keys.rows
    return (keyTable.rows(0, seen), valueTable.rows(0, seen))
  }
}
