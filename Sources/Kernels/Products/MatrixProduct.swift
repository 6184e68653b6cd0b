import COpenBLAS

/// A matrix that a product reads with rows and columns exchanged.
public struct Transposed: Sendable {
  let matrix: Matrix
}

extension Matrix {
  /// This matrix with rows and columns exchanged, as an operand of `multiply`; nothing is copied.
  public var transposed: Transposed { Transposed(matrix: self) }
}

/// c = scale · a · b, or c += scale · a · b when `accumulate` is set.
///
/// a: `[m, k]`, b: `[k, n]`, c: `[m, n]`, row-major, with any stride. One call of BLAS
/// `sgemm` on the calling thread.
///
/// - Precondition: the shapes fit.
public func multiply(
  _ a: Matrix, _ b: Matrix, into c: Matrix, scale: Float = 1, accumulate: Bool = false
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  sgemm(a, CblasNoTrans, b, CblasNoTrans, c, inner: a.columns, scale, accumulate)
}

/// c = scale · a · bᵀ, or c += scale · a · bᵀ.
///
/// a: `[m, k]`, b: `[n, k]`, c: `[m, n]`. Up to `maxThinRows` rows are multiplied without BLAS.
///
/// - Precondition: the shapes fit.
public func multiply(
  _ a: Matrix, _ b: Transposed, into c: Matrix, scale: Float = 1, accumulate: Bool = false
) {
  guard a.rows <= maxThinRows else {
    return multiplyWithLibrary(a, b, into: c, scale: scale, accumulate: accumulate)
  }
  let b = b.matrix
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  multiplyThin(a, b, into: c, scale: scale, accumulate: accumulate)
}

/// The same by BLAS, however few the rows are.
@_spi(Benchmarks) public func multiplyWithLibrary(
  _ a: Matrix, _ b: Transposed, into c: Matrix, scale: Float = 1, accumulate: Bool = false
) {
  let b = b.matrix
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  sgemm(a, CblasNoTrans, b, CblasTrans, c, inner: a.columns, scale, accumulate)
}

/// c = scale · aᵀ · b, or c += scale · aᵀ · b.
///
/// a: `[k, m]`, b: `[k, n]`, c: `[m, n]`.
///
/// - Precondition: the shapes fit.
public func multiply(
  _ a: Transposed, _ b: Matrix, into c: Matrix, scale: Float = 1, accumulate: Bool = false
) {
  let a = a.matrix
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
  sgemm(a, CblasTrans, b, CblasNoTrans, c, inner: a.rows, scale, accumulate)
}

private func sgemm(
  _ a: Matrix, _ transposeA: CBLAS_TRANSPOSE, _ b: Matrix, _ transposeB: CBLAS_TRANSPOSE,
  _ c: Matrix, inner: Int, _ scale: Float, _ accumulate: Bool
) {
  if c.rows == 0 || c.columns == 0 { return }
  cblas_sgemm(
    CblasRowMajor, transposeA, transposeB, blasint(c.rows), blasint(c.columns), blasint(inner),
    scale, a.base, blasint(a.stride), b.base, blasint(b.stride), accumulate ? 1 : 0, c.base,
    blasint(c.stride))
}
