import Kernels

/// How files store a tensor, where that is not how it stands in the arena.
///
/// In the arena a matrix is `[outputs, inputs]`, and those of queries, keys and values stand one
/// below the other.
public enum StoredOrder: Equatable, Sendable {
  case same
  /// `[inputs, outputs]`, as `Conv1D` of transformers has it; a bias is the same.
  case transposed
  /// The rows of each head together: its query's, its key's, its value's, as in GPT-NeoX.
  case headByHead(heads: Int)

  /// Queries, keys and values.
  private static let parts = 3

  /// Turns a tensor of a file, in place, into that of the arena.
  ///
  /// - Parameter shape: that of the arena.
  public func fromFile(_ floats: Floats, shape: [Int]) { reorder(floats, shape, toFile: false) }

  /// Turns a tensor of the arena, in place, into that of a file.
  public func toFile(_ floats: Floats, shape: [Int]) { reorder(floats, shape, toFile: true) }

  private func reorder(_ floats: Floats, _ shape: [Int], toFile: Bool) {
    let rows = shape.first ?? 1
    guard rows > 0, self != .same else { return }
    let columns = floats.count / rows
    let old = FloatStorage(count: floats.count)
    old.floats.copy(from: floats)
    switch self {
    case .same: break
    case .transposed:
      guard shape.count == 2 else { return }
      let (from, to) = toFile ? (rows, columns) : (columns, rows)
      for row in 0..<to {
        // Matrices are `[from, to]` before and `[to, from]` after.
        for column in 0..<from { floats[row * from + column] = old.floats[column * to + row] }
      }
    case .headByHead(let heads):
      let size = rows / (heads * Self.parts)
      for part in 0..<Self.parts {
        for head in 0..<heads {
          let apart = (part * heads + head) * size * columns
          let together = (head * Self.parts + part) * size * columns
          let (source, target) = toFile ? (apart, together) : (together, apart)
          floats.slice(target, size * columns).copy(from: old.floats.slice(source, size * columns))
        }
      }
    }
  }
}
