// Sixteen floats at a time: the operations that the other kernels are made of.

/// Sixteen floats: one AVX-512 register, or two AVX ones.
typealias Lane = SIMD16<Float>

/// Floats in a lane.
let laneWidth = 16

extension UnsafeMutablePointer<Float> {
  /// The sixteen floats from `index` on.
  @inline(always) func lane(_ index: Int) -> Lane {
    UnsafeRawPointer(self + index).loadUnaligned(as: Lane.self)
  }

  /// Writes sixteen floats from `index` on.
  @inline(always) func store(_ lane: Lane, _ index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: lane, as: Lane.self)
  }
}

extension SIMD16<Float> {
  /// The sum, always added in the same order, as a tree.
  @inline(always) var total: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// The larger of both, element by element. (The standard library's `pointwiseMax` is slow.)
  @inline(always) func larger(_ other: Self) -> Self {
    replacing(with: other, where: other .> self)
  }

  /// The largest element.
  @inline(always) var maximum: Float {
    let eight = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
    let four = eight.lowHalf.replacing(
      with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    return Swift.max(Swift.max(four.x, four.y), Swift.max(four.z, four.w))
  }
}

/// e to the power of each element, with an error of at most 2 units in the last place; 0 below
/// −87.3, and above 88 the value at 88.
///
/// Cody–Waite range reduction with the round-by-magic-number trick and a degree-6 polynomial.
@inline(always) func exponential(_ x: Lane) -> Lane {
  let low = Lane(repeating: -87.3)
  let high = Lane(repeating: 88.0)
  var clamped = x.replacing(with: low, where: x .< low)
  clamped = clamped.replacing(with: high, where: clamped .> high)
  // 1.5 · 2²³: adding it leaves the rounded integer in the low bits of the mantissa.
  let magic = Lane(repeating: 12_582_912)
  let shifted = magic.addingProduct(clamped, Lane(repeating: 1.442_695_04))
  let n = shifted - magic
  var r = clamped.addingProduct(n, Lane(repeating: -0.693_145_75))
  r = r.addingProduct(n, Lane(repeating: -1.428_606_8e-6))
  var p = Lane(repeating: 1.388_889_0e-3)
  p = Lane(repeating: 8.333_334e-3).addingProduct(p, r)
  p = Lane(repeating: 4.166_666_6e-2).addingProduct(p, r)
  p = Lane(repeating: 1.666_666_7e-1).addingProduct(p, r)
  p = Lane(repeating: 0.5).addingProduct(p, r)
  p = Lane(repeating: 1).addingProduct(p, r)
  p = Lane(repeating: 1).addingProduct(p, r)
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
  let result = unsafeBitCast(
    unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: Lane.self)
  return result.replacing(with: Lane(repeating: 0), where: x .< low)
}

/// The exponential of one float, by the same arithmetic as for lanes.
@inline(always) func exponential(_ x: Float) -> Float { exponential(Lane(repeating: x))[0] }

/// Σ a·b over `count` floats.
@inline(always) func dot(
  _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, _ count: Int
) -> Float {
  var sums = Lane(repeating: 0)
  var index = 0
  while index &+ laneWidth <= count {
    sums = sums.addingProduct(a.lane(index), b.lane(index))
    index &+= laneWidth
  }
  var sum = sums.total
  while index < count {
    sum = sum.addingProduct(a[index], b[index])
    index &+= 1
  }
  return sum
}
