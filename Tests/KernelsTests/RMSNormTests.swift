import Testing

@testable import Kernels

struct RMSNormTests {
  static let epsilon = 1e-3

  @Test(arguments: [1, 15, 16, 17, 48, 100], [(0, 0), (1, 0), (3, 5)])
  func `forward equals the reference`(columns: Int, shape: (rows: Int, padding: Int)) {
    var samples = Samples(seed: 2)
    let input = samples.matrix(shape.rows, columns, padding: shape.padding)
    let output = samples.matrix(shape.rows, columns, padding: shape.padding)
    let weight = samples.vector(columns)
    let inverse = samples.vector(shape.rows)
    rmsNormForward(
      input, weight: weight, epsilon: Float(Self.epsilon), output: output, inverse: inverse)

    let expected = input.doubles.map {
      rmsNormReference($0, weight: weight.doubles, epsilon: Self.epsilon)
    }
    #expect(deviation(output, from: expected) < 1e-6)
    #expect(output.isFenced)
    let inverses = input.doubles.map { row in
      1 / (inner(row, row) / Double(columns) + Self.epsilon).squareRoot()
    }
    #expect(deviation(inverse.doubles, from: inverses) < 1e-6)
  }

  @Test(arguments: [1, 15, 16, 17, 48], [(1, 0), (3, 5)])
  func `backward adds the derivatives`(columns: Int, shape: (rows: Int, padding: Int)) {
    var samples = Samples(seed: 3)
    let (rows, padding) = (shape.rows, shape.padding)
    let input = samples.matrix(rows, columns, padding: padding)
    let weight = samples.vector(columns)
    let output = samples.matrix(rows, columns)
    let inverse = samples.vector(rows)
    rmsNormForward(
      input, weight: weight, epsilon: Float(Self.epsilon), output: output, inverse: inverse)
    let outputGradient = samples.matrix(rows, columns, padding: padding)
    let inputGradient = samples.matrix(rows, columns, padding: padding)
    let weightGradient = samples.vector(columns)
    // Where the weight is not trained, the rest is the same.
    let frozen = samples.matrix(rows, columns)
    for row in 0..<rows { frozen.row(row).copy(from: inputGradient.row(row)) }
    rmsNormBackward(
      input, weight: weight, inverse: inverse, outputGradient: outputGradient,
      inputGradient: frozen, weightGradient: nil)
    let before = (inputGradient.doubles.flatMap { $0 }, weightGradient.doubles)
    rmsNormBackward(
      input, weight: weight, inverse: inverse, outputGradient: outputGradient,
      inputGradient: inputGradient, weightGradient: weightGradient)

    let upstream = outputGradient.doubles.flatMap { $0 }
    let x = input.doubles.flatMap { $0 }
    let byInput = derivatives(at: x) {
      inner(upstream, rmsNormReference($0, weight: weight.doubles, epsilon: Self.epsilon))
    }
    let byWeight = derivatives(at: weight.doubles) {
      inner(upstream, rmsNormReference(x, weight: $0, epsilon: Self.epsilon))
    }
    #expect(
      deviation(inputGradient.doubles.flatMap { $0 }, from: sum(before.0, byInput)) < 1e-5)
    #expect(deviation(weightGradient.doubles, from: sum(before.1, byWeight)) < 1e-5)
    #expect(inputGradient.isFenced)
    #expect(frozen.doubles == inputGradient.doubles)
  }
}
