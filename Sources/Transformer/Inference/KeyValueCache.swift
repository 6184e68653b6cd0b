import Kernels

/// Rotated keys, and values, of the tokens that a session has read; and those of branches, each of
/// which continues them in another way.
final class KeyValueCache {
  /// Tokens that all continuations share.
  var count = 0
  /// The most tokens that fit.
  let capacity: Int
  private let storage: FloatStorage
  /// Keys and values of the shared tokens: `[layers][key/value heads]`.
  private let prefixes: [[AttentionPrefix]]
  private let headSize: Int

  private var width: Int { prefixes.first.map { $0.count * headSize } ?? 0 }

  init(_ configuration: Configuration, capacity: Int) {
    self.capacity = capacity
    headSize = configuration.headSize
    func prefixes(_ arena: inout Arena) -> [[AttentionPrefix]] {
      (0..<configuration.layerCount).map { _ in
        (0..<configuration.keyValueHeadCount).map { _ in
          AttentionPrefix(&arena, headSize: configuration.headSize, capacity: capacity)
        }
      }
    }
    var arena = Arena()
    _ = prefixes(&arena)
    storage = FloatStorage(count: arena.count)
    arena = Arena(storage.floats)
    self.prefixes = prefixes(&arena)
  }

  /// Floats that one token takes.
  static func floatsPerToken(_ c: Configuration) -> Int {
    2 * c.layerCount * c.keyValueHeadCount * c.headSize
  }

  /// The shared keys and values of one key/value head of a layer.
  func prefix(layer: Int, head: Int) -> AttentionPrefix { prefixes[layer][head].seeing(count) }

  /// Writes keys and values, `[tokens, keyValueWidth]`, after the shared ones; `count` is raised
  /// only when the pass has ended.
  func append(_ keys: Matrix, _ values: Matrix, layer: Int) {
    for head in prefixes[layer].indices {
      prefix(layer: layer, head: head).write(
        key: keys.columns(head * headSize, headSize),
        value: values.columns(head * headSize, headSize))
    }
  }

  /// Keys and values of branches: `limit` rows for each.
  private final class Branches {
    let count: Int
    let limit: Int
    let storage: FloatStorage

    init(count: Int, limit: Int, floatsPerRow: Int) {
      self.count = count
      self.limit = limit
      storage = FloatStorage(count: count * limit * floatsPerRow)
    }
  }
  private var branches: Branches?

  /// Floats of a token's keys and values in all layers.
  var floatsPerToken: Int { 2 * prefixes.count * width }

  /// Makes room for `count` branches of `limit` tokens each; earlier branches are forgotten.
  func branch(count: Int, limit: Int) {
    if let branches, branches.limit == limit, branches.count >= count { return }
    branches = Branches(count: count, limit: limit, floatsPerRow: floatsPerToken)
  }

  /// The rows of a branch's first `length` tokens in the tables of branches.
  func rows(ofBranch branch: Int, length: Int) -> Range<Int> {
    guard let branches, branch < branches.count, length <= branches.limit else {
      preconditionFailure("no room was made for this branch")
    }
    let first = branch * branches.limit
    return first..<first + length
  }

  /// Copies the first `length` rows of a branch to another.
  func copyBranch(_ source: Int, to target: Int, length: Int) {
    let (from, to) = (
      rows(ofBranch: source, length: length), rows(ofBranch: target, length: length)
    )
    for index in 0..<2 * prefixes.count {
      let table = table(index)
      table.rows(to.lowerBound, length).copyRows(from: table.rows(from.lowerBound, length))
    }
  }

  /// The keys (even numbers) or values (odd ones) of a layer in all branches.
  private func table(_ index: Int) -> Matrix {
    guard let branches else { preconditionFailure("no room was made for branches") }
    let count = branches.count * branches.limit
    return branches.storage.floats.matrix(index * count * width, rows: count, columns: width)
  }

  /// Writes each branch's new keys and values after its others.
  ///
  /// - Returns: the tables with those of all branches.
  func keep(
    _ keys: Matrix, _ values: Matrix, for suffixes: [AttentionSuffix], layer: Int
  ) -> (keys: Matrix, values: Matrix) {
    let (keyTable, valueTable) = (table(2 * layer), table(2 * layer + 1))
    for suffix in suffixes {
      let (row, count) = (suffix.queries.lowerBound, suffix.queries.count)
      let kept = suffix.keys.upperBound - count
      keyTable.rows(kept, count).copyRows(from: keys.rows(row, count))
      valueTable.rows(kept, count).copyRows(from: values.rows(row, count))
    }
    return (keyTable, valueTable)
  }
}
