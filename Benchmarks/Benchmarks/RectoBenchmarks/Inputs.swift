import Kernels
import Randomness

/// Memory that lives as long as this object, with matrices in it.
final class Buffers {
  private final class Box {
    let storage: FloatStorage
    init(_ count: Int) { storage = FloatStorage(count: count) }
  }
  private var boxes: [Box] = []
  private var random = RandomGenerator(seed: 3)

  func vector(_ count: Int) -> Floats {
    let box = Box(count)
    boxes.append(box)
    return box.storage.floats
  }

  func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    vector(rows * columns).matrix(rows: rows, columns: columns)
  }

  /// Random numbers between −1 and 1.
  func randomVector(_ count: Int) -> Floats {
    let vector = vector(count)
    vector.copy(from: (0..<count).map { _ in Float(2 * random.uniform() - 1) })
    return vector
  }

  func randomMatrix(_ rows: Int, _ columns: Int) -> Matrix {
    randomVector(rows * columns).matrix(rows: rows, columns: columns)
  }

  /// A run that keeps the memory alive.
  func keep(_ run: @escaping () -> Void) -> () -> Void {
    { withExtendedLifetime(self, run) }
  }
}

extension Matrix {
  /// One row in double precision.
  func doubles(_ row: Int) -> [Double] { (0..<columns).map { Double(self[row, $0]) } }
}

extension Floats {
  var doubles: [Double] { array.map(Double.init) }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// A kernel's plain version in double precision, by which it is checked.
struct Plain {
  let function: ([Double]) -> [Double]

  /// Checks the kernel's output.
  func check(_ name: String, input: [Double], output: [Double]) throws {
    for (found, expected) in zip(output, function(input)) {
      try Mismatch.check(name, found, expected)
    }
  }

  /// Checks the kernel's gradient by the slope in one direction, from central differences.
  func check(
    _ name: String, input: [Double], outputGradient: [Double], inputGradient: [Double]
  ) throws {
    let change = input.indices.map { Double(($0 * 7919) % 13) / 6 - 1 }
    let h = 1e-5
    let ahead = function(zip(input, change).map { $0 + h * $1 })
    let behind = function(zip(input, change).map { $0 - h * $1 })
    let slope = dot(outputGradient, zip(ahead, behind).map { ($0 - $1) / (2 * h) })
    try Mismatch.check(name, dot(inputGradient, change), slope)
  }
}
