@testable import Kernels

/// Seeded random matrices and vectors with NaNs around them, so that a kernel that reads or writes
/// outside of its columns is caught.
struct Samples {
  private var state: UInt64

  init(seed: UInt64) {
    // Prepares OpenBLAS before any kernel calls it, as the programs do.
    _ = Processor.current
    state = seed
  }

  /// A uniform number (SplitMix64).
  mutating func number(in range: ClosedRange<Float> = -1...1) -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return range.lowerBound + (range.upperBound - range.lowerBound) * Float(z >> 40) * 0x1p-24
  }

  mutating func integer(below bound: Int) -> Int {
    min(bound - 1, Int(number(in: 0...1) * Float(bound)))
  }

  /// A random matrix with gaps of `padding` floats between its rows. Its memory is never freed, so
  /// that views of it stay valid.
  mutating func matrix(
    _ rows: Int, _ columns: Int, padding: Int = 0, in range: ClosedRange<Float> = -1...1
  ) -> Matrix {
    let stride = columns + padding
    let block = Unmanaged.passRetained(Block(count: rows * stride + Matrix.fence))
    let floats = block.takeUnretainedValue().storage.floats
    floats.fill(.nan)
    let result = Matrix(base: floats.base, rows: rows, columns: columns, stride: stride)
    for row in 0..<rows {
      for column in 0..<columns { result[row, column] = number(in: range) }
    }
    return result
  }

  mutating func vector(_ count: Int, in range: ClosedRange<Float> = -1...1) -> Floats {
    matrix(1, count, in: range).row(0)
  }

  private final class Block {
    let storage: FloatStorage
    init(count: Int) { storage = FloatStorage(count: count) }
  }
}

extension Matrix {
  static let fence = 16

  var doubles: [[Double]] { (0..<rows).map { row($0).doubles } }

  /// Whether the NaNs between and after the rows of a matrix of `Samples` are still there.
  var isFenced: Bool {
    (0..<rows).allSatisfy { row in
      (columns..<stride).allSatisfy { base[row * stride + $0].isNaN }
    } && (0..<Self.fence).allSatisfy { base[rows * stride + $0].isNaN }
  }
}

extension Floats {
  var doubles: [Double] { array.map(Double.init) }
}

/// The largest difference of two lists, relative to the largest expected number; infinite where the
/// lengths differ or a number is not finite.
func deviation(_ actual: [Double], from expected: [Double]) -> Double {
  guard actual.count == expected.count, actual.allSatisfy(\.isFinite) else { return .infinity }
  let size = expected.reduce(0) { max($0, abs($1)) }
  let difference = zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  return difference == 0 ? 0 : difference / size
}

func deviation(_ actual: Matrix, from expected: [[Double]]) -> Double {
  deviation(actual.doubles.flatMap { $0 }, from: expected.flatMap { $0 })
}

/// The derivatives of `function` at `point` with respect to some of its variables, by central
/// differences.
func derivatives(
  at point: [Double], by variables: [Int]? = nil, of function: ([Double]) -> Double
) -> [Double] {
  let step = 1e-5
  return (variables ?? Array(point.indices)).map { index in
    var moved = point
    moved[index] = point[index] + step
    let above = function(moved)
    moved[index] = point[index] - step
    return (above - function(moved)) / (2 * step)
  }
}

/// Σ a·b: a loss whose gradient by b is a.
func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// The sum of two lists, element by element.
func sum(_ initial: [Double], _ added: [Double]) -> [Double] { zip(initial, added).map(+) }
