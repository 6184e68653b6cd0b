import Kernels

/// How the numbers of a tensor are drawn for a model that is trained from the start.
public enum InitialValues: Equatable, Sendable {
  case zeros
  case ones
  /// Normal random numbers with mean 0.
  case normal(deviation: Float)
  /// Evenly between −bound and bound.
  case uniform(bound: Double)
}

/// Hands out a model's tensors one after another from an arena of floats, and lists them.
///
/// Without floats it only lists: so one piece of code says which tensors a model has, where they
/// are, and which part of the model reads them.
struct ParameterArena {
  private let floats: Floats?
  private(set) var entries: [ParameterLayout.Entry] = []
  private(set) var matrices: [ParameterLayout.LayerMatrix] = []
  private(set) var layers: [Range<Int>] = []
  /// Floats handed out so far.
  private(set) var count = 0
  /// What the names of a layer's tensors begin with.
  private var prefix = ""

  init(_ floats: Floats? = nil) { self.floats = floats }

  /// A tensor of one dimension.
  mutating func vector(_ name: String, _ count: Int, initial: InitialValues) -> Floats {
    vector([(name, count)], initial: initial)
  }

  /// Tensors of one dimension, one after another, as one vector.
  mutating func vector(
    _ tensors: [(name: String, count: Int)], initial: InitialValues, order: StoredOrder = .same
  ) -> Floats {
    let first = count
    for tensor in tensors { append(tensor.name, [tensor.count], initial, order) }
    return view(from: first)
  }

  /// Matrices of the same width, one below the other, as one matrix.
  mutating func matrix(
    _ tensors: [(name: String, rows: Int)], columns: Int, initial: InitialValues,
    order: StoredOrder = .same
  ) -> Matrix {
    let first = count
    for tensor in tensors { append(tensor.name, [tensor.rows, columns], initial, order) }
    return view(from: first).matrix(
      rows: tensors.reduce(0) { $0 + $1.rows }, columns: columns)
  }

  /// A layer, all of whose tensors `make` takes.
  mutating func layer<Layer>(
    _ prefix: String, _ make: (inout ParameterArena) -> Layer
  ) -> Layer {
    self.prefix = prefix
    defer { self.prefix = "" }
    let first = count
    let layer = make(&self)
    layers.append(first..<count)
    return layer
  }

  /// Lists matrices of the layer that an adapter may change, and returns the number of the first.
  mutating func addMatrices(
    _ matrices: [(name: String, outputs: Int)], inputs: Int, order: StoredOrder = .same
  ) -> Int {
    let first = self.matrices.count
    for matrix in matrices {
      self.matrices.append(
        ParameterLayout.LayerMatrix(
          name: prefix + matrix.name, layer: layers.count, outputs: matrix.outputs,
          inputs: inputs, order: order))
    }
    return first
  }

  private mutating func append(
    _ name: String, _ shape: [Int], _ initial: InitialValues, _ order: StoredOrder
  ) {
    let entry = ParameterLayout.Entry(
      name: prefix + name, shape: shape, offset: count, initial: initial, order: order)
    entries.append(entry)
    count += entry.count
  }

  /// All that was handed out from `first` on.
  private func view(from first: Int) -> Floats {
    if let floats { return floats.slice(first, count - first) }
    var nowhere = Arena()
    return nowhere.vector(count - first)
  }
}
