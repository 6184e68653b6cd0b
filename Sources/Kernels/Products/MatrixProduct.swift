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
/// a: `[m, k]`, b: `[k, n]`, c: `[m, n]`, row-major, with any stride. One call of BLAS `sgemm` on
/// each of `threads`, which divide the columns of c.
///
/// - Precondition: the shapes fit.
public func multiply(
  _ a: Matrix, _ b: Matrix, into c: Matrix, scale: Float = 1, accumulate: Bool = false,
  threads: Int = 1
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  divide(c.columns, among: usefulThreads(threads, c, inner: a.columns), unit: panelWidth) {
    sgemm(
      a, CblasNoTrans, b.columns($1.lowerBound, $1.count), CblasNoTrans,
      c.columns($1.lowerBound, $1.count), inner: a.columns, scale, accumulate)
  }
}

/// Fewer threads where each would have less to do than a thread takes to begin.
private func usefulThreads(_ threads: Int, _ c: Matrix, inner: Int) -> Int {
  let operations = c.rows * c.columns * inner
  return max(1, min(threads, operations / leastOperationsOfThread))
}

/// Multiplications of about 50 µs at 90 GFLOP/s, since a thread that has to be woken takes as long
/// to begin. Two threads on a virtual EPYC (`probe --reversal --seeds 1 --arms
/// fine-tuned,in-context`) took 12 and 11 s with it, 15 and 12 s with a quarter of it, 13 and 13 s
/// with eight times as much.
private let leastOperationsOfThread = 1 << 21

/// c = scale · a · bᵀ, or c += scale · a · bᵀ.
///
/// a: `[m, k]`, b: `[n, k]`, c: `[m, n]`. Up to `maxThinRows` rows are multiplied without BLAS.
/// `threads` divide the columns of c.
///
/// - Precondition: the shapes fit.
public func multiply(
  _ a: Matrix, _ b: Transposed, into c: Matrix, scale: Float = 1, accumulate: Bool = false,
  threads: Int = 1
) {
  let b = b.matrix
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  divide(c.columns, among: usefulThreads(threads, c, inner: a.columns), unit: panelWidth) {
    let (b, c) = (b.rows($1.lowerBound, $1.count), c.columns($1.lowerBound, $1.count))
    if a.rows <= maxThinRows {
      multiplyThin(a, b, into: c, scale: scale, accumulate: accumulate)
    } else {
      multiplyWithLibrary(a, b.transposed, into: c, scale: scale, accumulate: accumulate)
    }
  }
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
/// a: `[k, m]`, b: `[k, n]`, c: `[m, n]`. `threads` divide the rows of c.
///
/// - Precondition: the shapes fit.
public func multiply(
  _ a: Transposed, _ b: Matrix, into c: Matrix, scale: Float = 1, accumulate: Bool = false,
  threads: Int = 1
) {
  let a = a.matrix
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
  divide(c.rows, among: usefulThreads(threads, c, inner: a.rows), unit: panelWidth) {
    sgemm(
      a.columns($1.lowerBound, $1.count), CblasTrans, b, CblasNoTrans,
      c.rows($1.lowerBound, $1.count), inner: a.rows, scale, accumulate)
  }
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
