// Element-by-element loops whose formula is written once: it runs for sixteen floats at a time,
// then for the remaining ones one at a time.
//
//   @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) { y[i] = x[i] * scale }
//   forEachLane(of: count, step, step)
//
// The step has to be a local function: unlike a closure it is inlined, and the loop is then as fast
// as one that is written twice.

/// The numbers of a step: a lane, or a single float.
protocol LaneOrFloat {
  static func + (a: Self, b: Self) -> Self
  static func + (a: Float, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func - (a: Self, b: Float) -> Self
  static func - (a: Float, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func * (a: Self, b: Float) -> Self
  static func / (a: Self, b: Self) -> Self
  static func / (a: Float, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  func addingProduct(_ a: Self, _ b: Float) -> Self
  var exponential: Self { get }
  /// The element without its sign.
  var magnitude: Self { get }
  /// 1, or −1 where the element is negative.
  var unitSign: Self { get }
  /// The element, or 0 where it is negative.
  var positive: Self { get }

  typealias Pointer = UnsafeMutablePointer<Float>
  static func load(_ base: Pointer, _ index: Int) -> Self
  func store(_ base: Pointer, _ index: Int)
}

extension SIMD16<Float>: LaneOrFloat {
  @inline(always) var exponential: Lane { Kernels.exponential(self) }
  @inline(always) var magnitude: Lane { replacing(with: -self, where: self .< 0) }
  @inline(always) var unitSign: Lane {
    Lane(repeating: 1).replacing(with: Lane(repeating: -1), where: self .< 0)
  }
  @inline(always) var positive: Lane { replacing(with: Lane(repeating: 0), where: self .< 0) }
  @inline(always) static func load(_ base: Pointer, _ index: Int) -> Lane { base.lane(index) }
  @inline(always) func store(_ base: Pointer, _ index: Int) { base.store(self, index) }
}

extension Float: LaneOrFloat {
  @inline(always) var exponential: Float { Kernels.exponential(self) }
  @inline(always) var unitSign: Float { self < 0 ? -1 : 1 }
  @inline(always) var positive: Float { self < 0 ? 0 : self }
  @inline(always) static func load(_ base: Pointer, _ index: Int) -> Float { base[index] }
  @inline(always) func store(_ base: Pointer, _ index: Int) { base[index] = self }
}

/// The place of a lane, or of a single float, in vectors of equal length.
struct Place<V: LaneOrFloat> { let index: Int }

extension UnsafeMutablePointer<Float> {
  @inline(always) subscript<V: LaneOrFloat>(place: Place<V>) -> V {
    get { V.load(self, place.index) }
    nonmutating set { newValue.store(self, place.index) }
  }
}

/// Takes a step at each place of vectors of `count` floats. Both arguments are the same function.
@inline(always) func forEachLane(
  of count: Int, _ lane: (Place<Lane>) -> Void, _ float: (Place<Float>) -> Void
) {
  var index = 0
  while index &+ laneWidth <= count {
    lane(Place(index: index))
    index &+= laneWidth
  }
  while index < count {
    float(Place(index: index))
    index &+= 1
  }
}
