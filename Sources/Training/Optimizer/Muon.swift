import Kernels

/// Muon: momentum whose update is replaced by the nearest matrix with all singular values near one
/// (Jordan et al. 2024, kellerjordan.github.io/posts/muon), for hidden matrices.
///
/// The Newton–Schulz iteration runs on the Gram matrix of the short side (Zhang et al. 2026, *Gram
/// Newton–Schulz*, dao-lab.ai/blog/2026/gram-newton-schulz): every iterate is a polynomial of that
/// matrix times the first iterate, so that only two products instead of eight involve the long
/// side. In single precision it needs no restart: a test checks that it differs from the exact
/// iteration by less than 5 · 10⁻⁴ for matrices of rank eight.
///
/// Four steps do what Jordan's five do, since they start from larger singular values: he divides by
/// the square root of the sum of their squares, this code by the eighth root of the sum of their
/// eighth powers, which the first step computes anyway. (docs/recipe.md compares losses.)
///
/// One object is the scratch memory of one worker.
final class Muon {
  private static let momentum: Float = 0.95
  private static let steps = 4
  /// Coefficients of the quintic Newton–Schulz iteration X ← QX, Q = aI + bA + cA², A = XXᵀ.
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
    let x: Matrix
    /// All `[short, short]`.
    let gram, square, factor, product, next: Matrix
    let scratch: Floats
    init(_ arena: inout Arena, rows: Int, columns: Int) {
      let short = min(rows, columns)
      x = arena.matrix(rows: rows, columns: columns)
      gram = arena.matrix(rows: short, columns: short)
      square = arena.matrix(rows: short, columns: short)
      factor = arena.matrix(rows: short, columns: short)
      product = arena.matrix(rows: short, columns: short)
      next = arena.matrix(rows: short, columns: short)
      scratch = arena.vector(
        symmetricProductScratchCount(inner: max(rows, columns)))
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
    let x = buffers.x

    let (old, new) = (Self.momentum, gradientScale * (1 - Self.momentum))
    average.floats.combine(old, average.floats, new, gradient.floats)
    x.floats.combine(old, average.floats, new, gradient.floats)  // Nesterov
    let norm = Float(x.floats.sumOfSquares.squareRoot())
    guard norm > 0 else { return }
    x.floats.scale(by: 1 / norm)

    let isWide = rows <= columns
    if isWide {
      multiplyGram(x, into: buffers.gram, scratch: buffers.scratch)
    } else {
      multiplyGram(x.transposed, into: buffers.gram, scratch: buffers.scratch)
    }
    let polynomial = iterated(buffers)
    let size = learningRate * max(1, Float(rows) / Float(columns)).squareRoot()
    if isWide {
      multiply(polynomial, x, into: parameter, scale: -size, accumulate: true)
    } else {
      multiply(x, polynomial, into: parameter, scale: -size, accumulate: true)
    }
  }

  /// The product of all steps' Q, for the Gram matrix A in `gram`, which is overwritten.
  ///
  /// A step X ← QX changes A to QAQ; all are polynomials of one matrix, so they commute and are
  /// symmetric. Q comes first in every product: with Q last, rounding errors grow faster.
  private func iterated(_ buffers: Buffers) -> Matrix {
    let (gram, square, factor) = (buffers.gram, buffers.square, buffers.factor)
    func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix) {
      multiplySymmetric(a, b, into: c, scratch: buffers.scratch)
    }
    var (product, next) = (buffers.product, buffers.next)
    for step in 1...Self.steps {
      multiply(gram, gram, into: square)
      // The first Q also divides X by a bound of its singular values. The squares of the elements
      // of A² add up to the eighth powers of these values; the fourth root of the sum bounds A, and
      // the square root of that bound bounds X.
      let bound = step == 1 ? Float(square.floats.sumOfSquares.squareRoot().squareRoot()) : 1
      let size = 1 / bound.squareRoot()
      factor.floats.combine(
        size * Self.b / bound, gram.floats, size * Self.c / (bound * bound), square.floats)
      for index in 0..<factor.rows { factor[index, index] += size * Self.a }
      if step == 1 {
        product.floats.copy(from: factor.floats)
      } else {
        multiply(factor, product, into: next)
        swap(&product, &next)
      }
      if step == Self.steps { break }
      multiply(factor, gram, into: square)
      multiply(factor, square, into: gram)
    }
    return product
  }
}
