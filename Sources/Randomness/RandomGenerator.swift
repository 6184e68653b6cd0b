/// A seeded stream of random numbers, the same on every machine and compiler.
///
/// SplitMix64 (Steele, Lea & Flood 2014). The standard library may change how `random(in:using:)`
/// draws between releases, so all draws that results depend on are defined here.
public struct RandomGenerator: RandomNumberGenerator, Sendable {
  /// The whole state: a generator that is set to a saved state continues its stream exactly.
  public var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// An independent stream for each combination of keys, such as (seed, row number).
  public init(seed: UInt64, keys: UInt64...) {
    state = seed
    for key in keys {
      state = Self.mix(state &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mix(key &+ 0xD1B5_4A32_D192_ED03)
    }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A uniform integer in `0..<bound`.
  ///
  /// - Precondition: `bound > 0`.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "there is no integer below \(bound)")
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A uniform integer in the closed range.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.upperBound - range.lowerBound + 1)
  }

  /// A uniform number in `0..<1`.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// True with the given probability.
  public mutating func chance(_ probability: Double) -> Bool {
    uniform() < probability
  }

  /// One of the elements, all equally likely.
  ///
  /// - Precondition: `elements` is not empty.
  public mutating func element<Elements: RandomAccessCollection>(
    of elements: Elements
  ) -> Elements.Element where Elements.Index == Int {
    elements[elements.startIndex + integer(below: elements.count)]
  }

  /// The elements in random order (Fisher–Yates).
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, integer(below: last + 1))
    }
    return result
  }

  /// `count` different elements in random order.
  ///
  /// - Precondition: `count <= elements.count`.
  public mutating func sample<Element>(_ count: Int, of elements: [Element]) -> [Element] {
    precondition(count <= elements.count, "a sample of \(count) from \(elements.count) elements")
    var pool = elements
    for index in 0..<count {
      pool.swapAt(index, index + integer(below: pool.count - index))
    }
    return Array(pool.prefix(count))
  }
}
