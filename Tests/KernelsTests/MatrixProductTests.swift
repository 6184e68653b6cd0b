import Testing

@_spi(Benchmarks) @testable import Kernels

struct MatrixProductTests {
  struct Shape: CustomTestStringConvertible {
    let rows, columns, inner, padding: Int
    var testDescription: String { "\(rows) × \(inner) × \(columns), padding \(padding)" }
  }

  static let shapes = [
    Shape(rows: 1, columns: 1, inner: 1, padding: 0),
    Shape(rows: 3, columns: 5, inner: 7, padding: 2),
    Shape(rows: 16, columns: 16, inner: 16, padding: 0),
    Shape(rows: 17, columns: 33, inner: 5, padding: 3),
    Shape(rows: 1, columns: 40, inner: 19, padding: 1),
    Shape(rows: 64, columns: 65, inner: 130, padding: 16),
    Shape(rows: 1, columns: 1_300, inner: 33, padding: 2),
    Shape(rows: 8, columns: 6, inner: 48, padding: 3),
    Shape(rows: 7, columns: 9, inner: 35, padding: 0),
    Shape(rows: 9, columns: 7, inner: 35, padding: 1),
    Shape(rows: 1, columns: 4, inner: 0, padding: 0),
    Shape(rows: 0, columns: 4, inner: 3, padding: 0),
    Shape(rows: 4, columns: 0, inner: 3, padding: 0),
    Shape(rows: 3, columns: 4, inner: 0, padding: 1),
  ]

  @Test(arguments: shapes, [(Float(1), false), (0.25, false), (1, true), (-3, true)])
  func `products equal the reference`(shape: Shape, mode: (scale: Float, accumulate: Bool)) {
    var samples = Samples(seed: 1)
    let (m, n, k, padding) = (shape.rows, shape.columns, shape.inner, shape.padding)
    let a = samples.matrix(m, k, padding: padding)
    let b = samples.matrix(k, n, padding: padding)
    let aTransposed = samples.matrix(k, m, padding: padding)
    let bTransposed = samples.matrix(n, k, padding: padding)
    for row in 0..<m {
      for i in 0..<k { aTransposed[i, row] = a[row, i] }
    }
    for column in 0..<n {
      for i in 0..<k { bTransposed[column, i] = b[i, column] }
    }

    for kind in ["a·b", "a·bᵀ", "a·bᵀ, thin", "aᵀ·b"] {
      let c = samples.matrix(m, n, padding: padding)
      let expected = (0..<m).map { row in
        (0..<n).map { column in
          Double(mode.scale) * multiplyReference(inner: k, { a[row, $0] }, { b[$0, column] })
            + (mode.accumulate ? Double(c[row, column]) : 0)
        }
      }
      switch kind {
      case "a·b": multiply(a, b, into: c, scale: mode.scale, accumulate: mode.accumulate)
      case "a·bᵀ":
        multiply(a, bTransposed.transposed, into: c, scale: mode.scale, accumulate: mode.accumulate)
      case "a·bᵀ, thin":
        multiplyThin(a, bTransposed, into: c, scale: mode.scale, accumulate: mode.accumulate)
      default:
        multiply(aTransposed.transposed, b, into: c, scale: mode.scale, accumulate: mode.accumulate)
      }
      #expect(deviation(c, from: expected) < 1e-5, "\(kind)")
      #expect(c.isFenced, "\(kind)")
    }
  }
}
