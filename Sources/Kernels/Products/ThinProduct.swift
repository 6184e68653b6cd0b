// Products of few rows, as when a few sequences are continued by one token each. A general library
// rearranges the large operand before it multiplies, which for so few rows takes longer than the
// product; here it is read once, where it is.

import CPlatform

/// The most rows of `a` for which `multiplyThin` is no slower than the matrix library; the
/// benchmark `thin` measures it.
///
/// With AVX2 it is 4.6 to 7 times as fast for one row, 1.6 to 2.4 times for four, 1.1 to 1.7 times
/// for eight, and for twelve or more no faster at most widths (Benchmarks/README.md). With AVX-512
/// (Zen 5) a model of 135 million parameters wrote 59 tokens a second instead of 24.
@_spi(Benchmarks) public let maxThinRows = 8

/// c = scale · a · bᵀ, or c += scale · a · bᵀ; a: `[m, k]`, b: `[n, k]`, c: `[m, n]`.
@_spi(Benchmarks) public func multiplyThin(
  _ a: Matrix, _ b: Matrix, into c: Matrix, scale: Float, accumulate: Bool
) {
  let (rows, columns) = (a.rows / 2 * 2, b.rows / 2 * 2)
  for column in stride(from: 0, to: columns, by: 2) {
    for row in stride(from: 0, to: rows, by: 2) {
      DotTile<2, 2>.multiply(a, row, b, column, into: c, scale, accumulate)
    }
  }
  if rows < a.rows {
    let quads = b.rows / 4 * 4
    for column in stride(from: 0, to: quads, by: 4) {
      DotTile<1, 4>.multiply(a, rows, b, column, into: c, scale, accumulate)
    }
    for column in quads..<b.rows {
      DotTile<1, 1>.multiply(a, rows, b, column, into: c, scale, accumulate)
    }
  }
  if columns < b.rows {
    for row in 0..<rows {
      DotTile<1, 1>.multiply(a, row, b, columns, into: c, scale, accumulate)
    }
  }
}

/// The inner products of a few rows of a with a few rows of b, at most four products: each is a
/// lane of sixteen sums, which are added up at the end.
private struct DotTile<let rows: Int, let columns: Int> {
  @inline(always) static func multiply(
    _ a: Matrix, _ row: Int, _ b: Matrix, _ column: Int, into c: Matrix, _ scale: Float,
    _ accumulate: Bool
  ) {
    let (inner, x, y) = (a.columns, a.place(row, 0), b.place(column, 0))
    // Those of row r begin at r · columns.
    var sums = InlineArray<4, Lane>(repeating: Lane(repeating: 0))
    var k = 0
    while k &+ laneWidth <= inner {
      for r in 0..<rows {
        let left = (x + r &* a.stride).lane(k)
        for j in 0..<columns {
          let index = r &* columns &+ j
          sums[unchecked: index] = sums[unchecked: index].addingProduct(
            left, (y + j &* b.stride).lane(k))
        }
      }
      k &+= laneWidth
    }
    var totals = totals(
      sums[unchecked: 0], sums[unchecked: 1], sums[unchecked: 2], sums[unchecked: 3])
    for rest in k..<inner {
      for r in 0..<rows {
        for j in 0..<columns {
          totals[r &* columns &+ j].addProduct(x[r &* a.stride &+ rest], y[j &* b.stride &+ rest])
        }
      }
    }
    for r in 0..<rows {
      let place = c.place(row &+ r, column)
      for j in 0..<columns {
        let sum = scale * totals[r &* columns &+ j]
        place[j] = accumulate ? place[j] + sum : sum
      }
    }
  }
}

/// The sums of four lanes.
@inline(always) private func totals(_ a: Lane, _ b: Lane, _ c: Lane, _ d: Lane) -> SIMD4<Float> {
  @inline(always) func fourth(_ x: Lane) -> SIMD4<Float> {
    let eight = x.lowHalf + x.highHalf
    return eight.lowHalf + eight.highHalf
  }
  @inline(always) func pairs(_ x: SIMD4<Float>, _ y: SIMD4<Float>) -> SIMD4<Float> {
    SIMD4(lowHalf: x.evenHalf, highHalf: y.evenHalf)
      + SIMD4(lowHalf: x.oddHalf, highHalf: y.oddHalf)
  }
  return pairs(pairs(fourth(a), fourth(b)), pairs(fourth(c), fourth(d)))
}
