import Kernels

/// Rotated keys, and values, of the tokens a sequence has read so far, layer by layer.
public final class KeyValueCache {
  /// Tokens that every continuation shares.
  public internal(set) var count = 0
  /// Tokens there is room for.
  public let capacity: Int
  private let storage: FloatStorage
  private let width: Int
  private let layerCount: Int

  public init(_ configuration: Configuration, capacity: Int) {
    self.capacity = capacity
    width = configuration.keyValueWidth
    layerCount = configuration.layerCount
    storage = FloatStorage(count: 2 * configuration.layerCount * capacity * width)
  }

  /// Keys and values of branches, which go on differently from what all have read: `limit` tokens each.
  ///
  /// A branch's own rows are copied behind the shared ones whenever it is its turn, so attention sees
  /// one sequence; they are few beside the shared ones, which stay where they are.
  private final class Branches {
    let limit: Int
    let storage: FloatStorage

    init(limit: Int, floatCount: Int) {
      self.limit = limit
      storage = FloatStorage(count: floatCount)
    }
  }
  private var branches: Branches?

  /// Makes room for branches from here on; those there were are forgotten.
  func branch(count: Int, limit: Int) {
    let floatCount = 2 * layerCount * count * limit * width
    if let branches, branches.limit == limit, branches.storage.count >= floatCount { return }
    branches = Branches(limit: limit, floatCount: floatCount)
  }

  private func ownTable(_ branch: Int, _ layer: Int, isValue: Bool) -> Matrix? {
    guard let branches else { return nil }
    let index = 2 * (branch * layerCount + layer) + (isValue ? 1 : 0)
    return branches.storage.floats.matrix(
      index * branches.limit * width, rows: branches.limit, columns: width)
  }

  /// Puts a branch's own rows behind the shared ones, up to a position.
  func restore(_ branch: Int, layer: Int, upTo position: Int) {
    let rows = position - count
    guard rows > 0 else { return }
    for isValue in [false, true] {
      guard let own = ownTable(branch, layer, isValue: isValue) else { continue }
      table(2 * layer + (isValue ? 1 : 0)).rows(count, rows).copyRows(from: own.rows(0, rows))
    }
  }

  /// Keeps rows that a branch has just written.
  func keep(_ branch: Int, layer: Int, from position: Int, count rows: Int) {
    for isValue in [false, true] {
      ownTable(branch, layer, isValue: isValue)?.rows(position - count, rows)
        .copyRows(from: table(2 * layer + (isValue ? 1 : 0)).rows(position, rows))
    }
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
