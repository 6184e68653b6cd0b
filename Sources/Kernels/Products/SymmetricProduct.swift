// Products that are symmetric matrices. Only one side of the diagonal is computed; the other is
// copied from it, which halves the operations and makes the result symmetric to the last bit.

/// Floats of scratch that a symmetric product `[size, inner] · [inner, size]` needs.
public func symmetricProductScratchCount(inner: Int) -> Int { inner * panelWidth }

/// c = a · b, for a product that is known to be symmetric, such as that of two symmetric matrices
/// that commute.
///
/// a: `[n, k]`, b: `[k, n]`, c: `[n, n]`. scratch: `symmetricProductScratchCount` floats.
public func multiplySymmetric(_ a: Matrix, _ b: Matrix, into c: Matrix, scratch: Floats) {
  precondition(a.rows == c.rows && b.columns == c.columns && a.columns == b.rows)
  let left = LeftOperand(a.base, stride: a.stride)
  multiplySymmetric(left, inner: a.columns, into: c, scratch: scratch) { panel, column in
    panel.fill(from: b.columns(column, panel.columns))
  }
}

/// c = a · aᵀ; a: `[n, k]`, c: `[n, n]`. scratch: `symmetricProductScratchCount` floats.
public func multiplyGram(_ a: Matrix, into c: Matrix, scratch: Floats) {
  precondition(a.rows == c.rows)
  let left = LeftOperand(a.base, stride: a.stride)
  multiplySymmetric(left, inner: a.columns, into: c, scratch: scratch) { panel, column in
    panel.fill(from: a.rows(column, panel.columns).transposed)
  }
}

/// c = aᵀ · a; a: `[k, n]`, c: `[n, n]`. scratch: `symmetricProductScratchCount` floats.
public func multiplyGram(_ a: Transposed, into c: Matrix, scratch: Floats) {
  let a = a.matrix
  precondition(a.columns == c.rows)
  let left = LeftOperand(transposed: a.base, stride: a.stride)
  multiplySymmetric(left, inner: a.rows, into: c, scratch: scratch) { panel, column in
    panel.fill(from: a.columns(column, panel.columns))
  }
}

/// Rows of a panel that all rows of the left-hand side are multiplied by before the next ones: 32
/// KB, which stay in the first-level cache. (With half as many, sums are read and written twice as
/// often, and Muon takes 3 % longer.)
private let innerBlock = 256

/// - Parameter fill: packs the columns of the right-hand side from `column` on into `panel`.
private func multiplySymmetric(
  _ a: LeftOperand, inner: Int, into c: Matrix, scratch: Floats,
  fill: (_ panel: Panels, _ column: Int) -> Void
) {
  precondition(c.rows == c.columns && inner > 0)
  precondition(scratch.count >= symmetricProductScratchCount(inner: inner))
  for column in stride(from: 0, to: c.columns, by: panelWidth) {
    let width = min(panelWidth, c.columns - column)
    let panel = Panels(base: scratch.base, rows: inner, columns: width)
    fill(panel, column)
    // Of the square on the diagonal, the lower rows only need the right half.
    let whole = column + (width == panelWidth ? laneWidth : width)
    for first in stride(from: 0, to: inner, by: innerBlock) {
      let (count, place) = (min(innerBlock, inner - first), panel.panel(column: 0, row: first))
      for row in stride(from: 0, to: whole, by: tileRows) {
        multiplyTile(
          a.from(row: row, inner: first), rows: min(tileRows, c.rows - row), inner: count, place,
          into: c.place(row, column), stride: c.stride, columns: width, accumulate: first > 0)
      }
      for row in stride(from: whole, to: column + width, by: 2 * tileRows) {
        multiplyHalfTile(
          a.from(row: row, inner: first), inner: count, place,
          into: c.place(row, column + laneWidth), stride: c.stride, accumulate: first > 0)
      }
    }
    transpose(
      c.rows(0, column).columns(column, width), into: c.rows(column, width).columns(0, column))
    for row in column..<column + width {
      for left in column..<row { c.place(row, left).pointee = c.place(left, row).pointee }
    }
  }
}
