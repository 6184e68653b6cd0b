import Kernels
import Transformer

/// Calls `body` with tensors of an arena as files store them: those that stand in another order
/// there are copied.
///
/// - Throws: `TensorError.notFinite`, and what `body` throws.
func withStoredTensors(
  _ entries: [ParameterLayout.Entry], in arena: Floats,
  _ body: ([(name: String, shape: [Int], floats: Floats)]) throws -> Void
) throws {
  let copies = FloatStorage(
    count: entries.reduce(0) { $0 + ($1.order == .same ? 0 : $1.count) })
  var next = 0
  let tensors = entries.map { entry in
    var floats = arena.slice(entry.offset, entry.count)
    if entry.order != .same {
      let copy = copies.floats.slice(next, entry.count)
      next += entry.count
      copy.copy(from: floats)
      entry.order.toFile(copy, shape: entry.shape)
      floats = copy
    }
    return (name: entry.name, shape: entry.storedShape, floats: floats)
  }
  for tensor in tensors where !tensor.floats.isFinite {
    throw TensorError.notFinite(tensor: tensor.name)
  }
  try body(tensors)
}
