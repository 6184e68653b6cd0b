// Products of thin matrices, as in attention. A general library spends as much time on rearranging
// such operands as on multiplying them; here the right-hand side is rearranged once for many
// products.

import CPlatform

/// Columns of a panel.
let panelWidth = 2 * laneWidth

/// `count`, rounded up to a multiple of the panel width.
func roundedToPanels(_ count: Int) -> Int { (count + panelWidth - 1) / panelWidth * panelWidth }

/// A matrix packed for the right-hand side of products, `[rows, columns]`: panels of 32 columns one
/// after another, the rows of a panel contiguous, zeros where the last panel has no columns.
struct Panels {
  private let base: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int

  /// - Parameter arena: gives the memory, `rows` · `roundedToPanels(columns)` floats.
  init(_ arena: inout Arena, rows: Int, columns: Int) {
    base = arena.vector(rows * roundedToPanels(columns)).base
    self.rows = rows
    self.columns = columns
  }

  /// Panels at `base`, where that many floats are free.
  init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
    (self.base, self.rows, self.columns) = (base, rows, columns)
  }

  /// Panels of `count` rows in the same memory; what it held is lost.
  func first(_ count: Int) -> Panels { Panels(base: base, rows: count, columns: columns) }

  /// The panel whose first column is `column`, a multiple of the panel width, from row `row` on.
  @inline(always) func panel(column: Int, row: Int = 0) -> UnsafeMutablePointer<Float> {
    base + (column &* rows &+ row &* panelWidth)
  }

  /// Packs a matrix of this shape.
  func fill(from matrix: Matrix) {
    precondition(matrix.rows == rows)
    write(matrix, fromRow: 0)
  }

  /// Packs a matrix into the rows from `first` on.
  func write(_ matrix: Matrix, fromRow first: Int) {
    precondition(matrix.columns == columns && first + matrix.rows <= rows)
    for column in stride(from: 0, to: columns, by: panelWidth) {
      let width = min(panelWidth, columns - column)
      var target = panel(column: column, row: first)
      var source = matrix.base + column
      for _ in 0..<matrix.rows {
        if width == panelWidth {
          target.store(source.lane(0), 0)
          target.store(source.lane(laneWidth), laneWidth)
        } else {
          target.update(from: source, count: width)
          (target + width).update(repeating: 0, count: panelWidth - width)
        }
        target += panelWidth
        source += matrix.stride
      }
    }
  }

  /// Packs the transpose of a matrix.
  func fill(from transposed: Transposed) {
    precondition(transposed.matrix.rows == columns)
    write(transposed, fromColumn: 0)
    let padding = roundedToPanels(columns) - columns
    guard padding > 0 else { return }
    for row in 0..<rows { place(row, columns).update(repeating: 0, count: padding) }
  }

  /// Packs the transpose of a matrix into the columns from `first` on; the others stay as they are.
  func write(_ transposed: Transposed, fromColumn first: Int) {
    let matrix = transposed.matrix
    precondition(matrix.columns == rows && first + matrix.rows <= columns)
    var column = first
    while column < first + matrix.rows {
      // Up to where the next lane begins.
      let width = min(laneWidth - column % laneWidth, first + matrix.rows - column)
      let source = matrix.base + (column - first) &* matrix.stride
      var row = 0
      if width == laneWidth {
        while row &+ laneWidth <= rows {
          transpose(
            source + row, stride: matrix.stride, to: place(row, column), stride: panelWidth)
          row &+= laneWidth
        }
      }
      while row < rows {
        let target = place(row, column)
        for j in 0..<width { target[j] = source[j &* matrix.stride &+ row] }
        row &+= 1
      }
      column += width
    }
  }

  /// The address of an element.
  @inline(always) private func place(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> {
    panel(column: column / panelWidth * panelWidth, row: row) + column % panelWidth
  }
}

/// target = sourceᵀ; source: `[m, n]`, target: `[n, m]`.
func transpose(_ source: Matrix, into target: Matrix) {
  precondition(source.rows == target.columns && source.columns == target.rows)
  let wholeRows = source.rows / laneWidth * laneWidth
  let wholeColumns = source.columns / laneWidth * laneWidth
  for row in stride(from: 0, to: wholeRows, by: laneWidth) {
    for column in stride(from: 0, to: wholeColumns, by: laneWidth) {
      transpose(
        source.place(row, column), stride: source.stride, to: target.place(column, row),
        stride: target.stride)
    }
  }
  for row in 0..<source.rows {
    for column in (row < wholeRows ? wholeColumns : 0)..<source.columns {
      target.place(column, row).pointee = source.place(row, column).pointee
    }
  }
}

/// The same for 16 × 16 floats: four times, rows i and i + 8 are interleaved.
private func transpose(
  _ source: UnsafeMutablePointer<Float>, stride: Int,
  to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
  var rows = InlineArray<16, Lane> { source.lane($0 &* stride) }
  for _ in 0..<4 {
    rows = InlineArray<16, Lane> { index in
      let (a, b) = (rows[unchecked: index / 2], rows[unchecked: index / 2 + 8])
      var woven = Lane()
      woven.evenHalf = index % 2 == 0 ? a.lowHalf : a.highHalf
      woven.oddHalf = index % 2 == 0 ? b.lowHalf : b.highHalf
      return woven
    }
  }
  for index in 0..<16 { target.store(rows[unchecked: index], index &* targetStride) }
}

/// The left-hand side of a product: element (row, k) is `base[row · rowStep + k · innerStep]`.
struct LeftOperand {
  let base: UnsafeMutablePointer<Float>
  let rowStep: Int
  let innerStep: Int

  /// The matrix at `base`.
  @inline(always) init(_ base: UnsafeMutablePointer<Float>, stride: Int) {
    (self.base, rowStep, innerStep) = (base, stride, 1)
  }

  /// The transpose of the matrix at `base`.
  @inline(always) init(transposed base: UnsafeMutablePointer<Float>, stride: Int) {
    (self.base, rowStep, innerStep) = (base, 1, stride)
  }

  @inline(always) private init(
    _ base: UnsafeMutablePointer<Float>, _ rowStep: Int, _ innerStep: Int
  ) {
    (self.base, self.rowStep, self.innerStep) = (base, rowStep, innerStep)
  }

  /// The part from `row` and from element `inner` of each row on.
  @inline(always) func from(row: Int, inner: Int = 0) -> LeftOperand {
    LeftOperand(base + (row &* rowStep &+ inner &* innerStep), rowStep, innerStep)
  }
}

/// Rows that are multiplied at a time. Their sums, 32 for each row, stay in registers, and are
/// enough to hide the latency of the additions. Eight rows where there are 32 registers of 16
/// floats; with AVX2 eight would not fit, and attention would take two and a half times as long.
let tileRows = PLATFORM_HAS_WIDE_REGISTERS != 0 ? 8 : 2

/// c = scale · a · panel, or c += scale · a · panel, for at most `tileRows` rows.
///
/// a: `[rows, inner]`, panel: `[inner, 32]`; c: `[rows, columns]`, its rows `stride` apart, where
/// `columns` is at most 32.
@inline(always) func multiplyTile(
  _ a: LeftOperand, rows: Int, inner: Int, _ panel: UnsafeMutablePointer<Float>,
  into c: UnsafeMutablePointer<Float>, stride: Int, columns: Int, scale: Float = 1,
  accumulate: Bool = false
) {
  guard rows == tileRows else {
    for row in 0..<rows {
      Tile<1>.multiply(
        a.from(row: row), panel, inner, into: c + row &* stride, stride, columns, scale, accumulate)
    }
    return
  }
  if tileRows == 8 {
    Tile<8>.multiply(a, panel, inner, into: c, stride, columns, scale, accumulate)
  } else {
    Tile<2>.multiply(a, panel, inner, into: c, stride, columns, scale, accumulate)
  }
}

/// c = a · panel, or c += a · panel, for 2 · `tileRows` rows and the right half of a panel.
@inline(always) func multiplyHalfTile(
  _ a: LeftOperand, inner: Int, _ panel: UnsafeMutablePointer<Float>,
  into c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
) {
  if tileRows == 8 {
    Tile<8>.multiplyHalf(a, panel, inner, into: c, stride, accumulate)
  } else {
    Tile<2>.multiplyHalf(a, panel, inner, into: c, stride, accumulate)
  }
}

/// The sums of a few rows times the 32 columns of a panel.
private struct Tile<let rows: Int> {
  private var left = InlineArray<rows, Lane>(repeating: Lane(repeating: 0))
  private var right = InlineArray<rows, Lane>(repeating: Lane(repeating: 0))

  @inline(always) static func multiply(
    _ a: LeftOperand, _ panel: UnsafeMutablePointer<Float>, _ inner: Int,
    into c: UnsafeMutablePointer<Float>, _ stride: Int, _ columns: Int, _ scale: Float,
    _ accumulate: Bool
  ) {
    var tile = Tile()
    tile.add(a, panel, inner: inner)
    tile.write(c, stride, columns: columns, scale, accumulate)
  }

  /// The right-hand sums are those of the second half of the rows.
  @inline(always) static func multiplyHalf(
    _ a: LeftOperand, _ panel: UnsafeMutablePointer<Float>, _ inner: Int,
    into c: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulate: Bool
  ) {
    var tile = Tile()
    var (x, b) = (a.base, panel + laneWidth)
    for _ in 0..<inner {
      let b0 = b.lane(0)
      for row in 0..<rows {
        let (first, second) = (x[row &* a.rowStep], x[(row &+ rows) &* a.rowStep])
        tile.left[unchecked: row] = tile.left[unchecked: row].addingProduct(
          Lane(repeating: first), b0)
        tile.right[unchecked: row] = tile.right[unchecked: row].addingProduct(
          Lane(repeating: second), b0)
      }
      x += a.innerStep
      b += panelWidth
    }
    for row in 0..<rows {
      let (first, second) = (c + row &* stride, c + (row &+ rows) &* stride)
      let (l, r) = (tile.left[unchecked: row], tile.right[unchecked: row])
      first.store(accumulate ? first.lane(0) + l : l, 0)
      second.store(accumulate ? second.lane(0) + r : r, 0)
    }
  }

  @inline(always) private mutating func add(
    _ a: LeftOperand, _ panel: UnsafeMutablePointer<Float>, inner: Int
  ) {
    var (x, b) = (a.base, panel)
    for _ in 0..<inner {
      let (b0, b1) = (b.lane(0), b.lane(laneWidth))
      for row in 0..<rows {
        let factor = Lane(repeating: x[row &* a.rowStep])
        left[unchecked: row] = left[unchecked: row].addingProduct(factor, b0)
        right[unchecked: row] = right[unchecked: row].addingProduct(factor, b1)
      }
      x += a.innerStep
      b += panelWidth
    }
  }

  /// Mutating although it changes nothing: otherwise the compiler copies the sums to the stack
  /// first.
  @inline(always) private mutating func write(
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, columns: Int, _ scale: Float,
    _ accumulate: Bool
  ) {
    for row in 0..<rows {
      let place = c + row &* stride
      let (l, r) = (left[unchecked: row] * scale, right[unchecked: row] * scale)
      if columns == panelWidth {
        place.store(accumulate ? place.lane(0) + l : l, 0)
        place.store(accumulate ? place.lane(laneWidth) + r : r, laneWidth)
      } else {
        for column in 0..<columns {
          let sum = column < laneWidth ? l[column] : r[column - laneWidth]
          place[column] = accumulate ? place[column] + sum : sum
        }
      }
    }
  }
}
