import Foundation
import Kernels
import Testing

@testable import Training

struct MuonTests {
  /// A matrix U·S·Vᵀ with the given singular values, U and V Householder reflections.
  private func gradient(_ rows: Int, _ columns: Int, singularValues: [Double]) -> [[Double]] {
    let (u, v) = (reflection(rows), reflection(columns))
    return (0..<rows).map { row in
      (0..<columns).map { column in
        singularValues.indices.reduce(0) { $0 + u[row][$1] * singularValues[$1] * v[$1][column] }
      }
    }
  }

  private func reflection(_ size: Int) -> [[Double]] {
    let axis = (0..<size).map { Double(($0 * 7 + 3) % 11) - 4.5 }
    let square = axis.reduce(0) { $0 + $1 * $1 }
    return (0..<size).map { row in
      (0..<size).map { (row == $0 ? 1 : 0) - 2 * axis[row] * axis[$0] / square }
    }
  }

  /// The singular values after the iteration, in double precision.
  private func iterated(_ values: [Double]) -> [Double] {
    let bound = pow(values.reduce(0) { $0 + pow($1, 8) }, 0.125)
    return values.map { value in
      (0..<4).reduce(value / bound) { x, _ in 3.4445 * x - 4.7750 * pow(x, 3) + 2.0315 * pow(x, 5) }
    }
  }

  /// Parameters that start at zero, after updates with these gradients.
  private func parameters(
    after gradients: [[[Double]]], learningRate: Float = 1, gradientScale: Float = 1
  ) -> [Float] {
    _ = Processor.current
    let (rows, columns) = (gradients[0].count, gradients[0][0].count)
    let storage = FloatStorage(count: 3 * rows * columns)
    let matrices = (0..<3).map {
      storage.floats.matrix($0 * rows * columns, rows: rows, columns: columns)
    }
    let muon = Muon(shapes: [[3, 5], [rows, columns]])
    for gradient in gradients {
      matrices[1].floats.copy(from: gradient.flatMap { $0.map(Float.init) })
      muon.update(
        parameter: matrices[0], gradient: matrices[1], average: matrices[2],
        learningRate: learningRate, gradientScale: gradientScale)
    }
    return matrices[0].floats.array
  }

  static let singularValues = [5, 3, 2, 1.5, 1, 0.7, 0.5, 0.3]

  @Test(arguments: [(8, 8), (8, 24), (24, 8), (17, 9), (64, 192), (144, 48), (256, 768)])
  func `all singular values come near one`(rows: Int, columns: Int) {
    let values = Self.singularValues
    let mapped = iterated(values)
    #expect(mapped.allSatisfy { (0.6...1.25).contains($0) })
    let size = max(1, Double(rows) / Double(columns)).squareRoot()
    let expected = gradient(rows, columns, singularValues: mapped)
      .flatMap { $0.map { Float(-size * $0) } }
    let actual = parameters(after: [gradient(rows, columns, singularValues: values)])
    #expect(difference(actual, expected) < Float(5e-4 * size))
  }

  /// The squares of the smallest singular values are less than the rounding error of the square of
  /// the largest one.
  @Test func `small singular values are not lost in rounding errors`() {
    let values = (0..<64).map { pow(1e-5, Double($0) / 63) }
    let expected = gradient(64, 96, singularValues: iterated(values)).flatMap {
      $0.map { Float(-$0) }
    }
    let actual = parameters(after: [gradient(64, 96, singularValues: values)])
    #expect(difference(actual, expected) < 5e-3)
  }

  @Test func `the scale of the gradient does not matter`() {
    let gradient = gradient(8, 12, singularValues: Self.singularValues)
    let plain = parameters(after: [gradient])
    for scale: Float in [1e-6, 0.3, 1e6] {
      let scaled = parameters(after: [gradient], gradientScale: scale)
      #expect(difference(scaled, plain) < 1e-4)
    }
    let slow = parameters(after: [gradient], learningRate: 0.1)
    #expect(difference(slow, plain.map { 0.1 * $0 }) < 1e-6)
  }

  @Test func `momentum continues after the gradient changes`() {
    let gradient = gradient(8, 12, singularValues: Self.singularValues)
    let nothing = gradient.map { $0.map { _ in 0.0 } }
    let once = parameters(after: [gradient])
    let twice = parameters(after: [gradient, nothing])
    #expect(difference(twice, once.map { 2 * $0 }) < 1e-4)
    // Nesterov: after gradients g and h the direction is 0.95 · (0.95 · 0.05 g + 0.05 h) + 0.05 h.
    let other = gradient.map { Array($0.reversed()) }
    let both = zip(gradient, other).map { zip($0, $1).map { 0.95 * 0.95 * $0 + 1.95 * $1 } }
    let second = parameters(after: [both])
    let moved = parameters(after: [gradient, other])
    #expect(difference(moved, zip(once, second).map(+)) < 1e-4)
  }

  @Test func `parameters do not move without a gradient`() {
    let nothing = [[Double]](repeating: [0, 0, 0], count: 2)
    #expect(parameters(after: [nothing]) == [Float](repeating: 0, count: 6))
  }
}
