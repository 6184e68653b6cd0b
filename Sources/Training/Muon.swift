import Kernels

/// Muon: momentum whose update is replaced by the nearest matrix with all singular values near one
/// (Jordan et al. 2024, kellerjordan.github.io/posts/muon), for hidden matrices.
///
/// One object is one worker's scratch.
final class Muon {
  private static let momentum: Float = 0.95
  private static let iterations = 5
  /// Coefficients of the quintic Newton–Schulz iteration X ← aX + (bA + cA²)X, A = XXᵀ.
  private static let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)

  private let storage: FloatStorage

  /// - Parameter shapes: the `[rows, columns]` of the matrices that will be updated.
  init(shapes: [[Int]]) {
    let needed = shapes.map { shape in
      var arena = Arena()
      _ = Buffers(&arena, rows: shape[0], columns: shape[1])
      return arena.count
    }
    storage = FloatStorage(count: needed.max() ?? 0)
  }

  private struct Buffers {
    let x, next, gram, polynomial: Matrix
    init(_ arena: inout Arena, rows: Int, columns: Int) {
      let short = min(rows, columns)
      x = arena.matrix(rows: rows, columns: columns)
      next = arena.matrix(rows: rows, columns: columns)
      gram = arena.matrix(rows: short, columns: short)
      polynomial = arena.matrix(rows: short, columns: short)
    }
  }

  /// One update of one matrix.
  ///
  /// parameter, gradient, average: `[rows, columns]`; average is the momentum, updated here.
  /// The step has the size `learningRate · √max(1, rows / columns)`, so that its effect on outputs
  /// does not depend on the shape.
  func update(
    parameter: Matrix, gradient: Matrix, average: Matrix, learningRate: Float,
    gradientScale: Float
  ) {
    let (rows, columns) = (parameter.rows, parameter.columns)
    var arena = Arena(storage.floats)
    let buffers = Buffers(&arena, rows: rows, columns: columns)
    var (x, next) = (buffers.x, buffers.next)
    let (gram, polynomial) = (buffers.gram, buffers.polynomial)

    average.floats.scale(by: Self.momentum)
    average.floats.add(gradient.floats, scale: gradientScale * (1 - Self.momentum))
    x.floats.copy(from: average.floats)
    x.floats.scale(by: Self.momentum)
    x.floats.add(gradient.floats, scale: gradientScale * (1 - Self.momentum))  // Nesterov
    let norm = Float(x.floats.sumOfSquares.squareRoot())
    guard norm > 0 else { return }
    x.floats.scale(by: 1 / norm)

    for _ in 0..<Self.iterations {
      if rows <= columns {
        multiply(x, x.transposed, into: gram)
      } else {
        multiply(x.transposed, x, into: gram)
      }
      polynomial.floats.copy(from: gram.floats)
      multiply(gram, gram, into: polynomial, scale: Self.c / Self.b, accumulate: true)
      next.floats.copy(from: x.floats)
      next.floats.scale(by: Self.a / Self.b)
      if rows <= columns {
        multiply(polynomial, x, into: next, accumulate: true)
      } else {
        multiply(x, polynomial, into: next, accumulate: true)
      }
      next.floats.scale(by: Self.b)
      swap(&x, &next)
    }
    let size = learningRate * max(1, Float(rows) / Float(columns)).squareRoot()
    parameter.floats.add(x.floats, scale: -size)
  }
}
