// Products that are symmetric matrices: what lies left of the diagonal is copied from the other side, which
// halves the operations and makes the result symmetric to the last bit. Worked on by tiles, so that the half is
// a half in small matrices too.

/// Floats of scratch that a symmetric product `[size, inner] · [inner, size]` needs.
public func symmetricProductScratchCount(inner: Int, size: Int) -> Int {
  inner * roundedToPanels(size)
}

/// c = a · b where that is symmetric, as the product of symmetric matrices that commute is.
///
/// a: `[n, k]`, b: `[k, n]`, c: `[n, n]`. scratch: `symmetricProductScratchCount` floats.
public func multiplySymmetric(_ a: Matrix, _ b: Matrix, into c: Matrix, scratch: Floats) {
  precondition(a.rows == c.rows && b.columns == c.columns && a.columns == b.rows)
  let panels = panels(scratch, inner: b.rows, size: b.columns)
  panels.fill(from: b)
  multiplySymmetric(LeftOperand(a.base, stride: a.stride), panels, into: c)
}

/// c = a · aᵀ; a: `[n, k]`, c: `[n, n]`. scratch: `symmetricProductScratchCount` floats.
public func multiplyGram(_ a: Matrix, into c: Matrix, scratch: Floats) {
  precondition(a.rows == c.rows)
  let panels = panels(scratch, inner: a.columns, size: a.rows)
  panels.fill(from: a.transposed)
  multiplySymmetric(LeftOperand(a.base, stride: a.stride), panels, into: c)
}

/// c = aᵀ · a; a: `[k, n]`, c: `[n, n]`. scratch: `symmetricProductScratchCount` floats.
public func multiplyGram(_ a: Transposed, into c: Matrix, scratch: Floats) {
  let a = a.matrix
  precondition(a.columns == c.rows)
  let panels = panels(scratch, inner: a.rows, size: a.columns)
  panels.fill(from: a)
  multiplySymmetric(LeftOperand(transposed: a.base, stride: a.stride), panels, into: c)
}

private func panels(_ scratch: Floats, inner: Int, size: Int) -> Panels {
  precondition(scratch.count >= symmetricProductScratchCount(inner: inner, size: size))
  return Panels(base: scratch.base, rows: inner, columns: size)
}

/// As much of a panel as stays in the first cache while all rows are multiplied by it.
private let innerBlock = 128

private func multiplySymmetric(_ a: LeftOperand, _ b: Panels, into c: Matrix) {
  precondition(c.rows == c.columns && b.rows > 0)
  for column in stride(from: 0, to: c.columns, by: panelWidth) {
    let width = min(panelWidth, c.columns - column)
    for inner in stride(from: 0, to: b.rows, by: innerBlock) {
      for row in stride(from: 0, to: column + width, by: tileRows) {
        multiplyTile(
          a.from(row: row, inner: inner), rows: min(tileRows, c.rows - row),
          inner: min(innerBlock, b.rows - inner), b.panel(column: column, row: inner),
          into: c.place(row, column), stride: c.stride, columns: width, accumulate: inner > 0)
      }
    }
    transpose(
      c.rows(0, column).columns(column, width), into: c.rows(column, width).columns(0, column))
    for row in column..<column + width {
      for left in column..<row { c.place(row, left).pointee = c.place(left, row).pointee }
    }
  }
}
