import Testing

@testable import Kernels

struct HeadRotationTests {
  struct Shape: CustomTestStringConvertible {
    let rows, heads, headSize, firstPosition: Int
    let padding: Int
    let normalizes: Bool
    /// Elements of a head that turn.
    var turned: Int
    var testDescription: String {
      "\(rows) rows of \(heads) heads of \(headSize) from \(firstPosition), "
        + "padding \(padding)\(normalizes ? ", with norm" : "")"
    }
  }

  static let shapes = [2, 6, 32, 40, 64].flatMap { headSize in
    [false, true].flatMap { normalizes in
      [
        Shape(
          rows: 1, heads: 1, headSize: headSize, firstPosition: 0, padding: 0,
          normalizes: normalizes, turned: headSize),
        Shape(
          rows: 4, heads: 3, headSize: headSize, firstPosition: 5, padding: 3,
          normalizes: normalizes, turned: headSize),
        Shape(
          rows: 2, heads: 2, headSize: headSize + 1, firstPosition: 3, padding: 1,
          normalizes: normalizes, turned: headSize / 4 * 2),
      ]
    }
  }
  static let (theta, epsilon) = (1_000.0, 1e-3)

  private func expected(_ input: [Double], _ weight: [Double]?, _ shape: Shape) -> [Double] {
    let width = shape.heads * shape.headSize
    return stride(from: 0, to: input.count, by: shape.headSize).flatMap { start in
      headRotationReference(
        Array(input[start..<start + shape.headSize]), weight: weight, epsilon: Self.epsilon,
        position: shape.firstPosition + start / width, theta: Self.theta, turned: shape.turned)
    }
  }

  private func table(_ shape: Shape) -> RotaryTable {
    RotaryTable(
      positionCount: shape.firstPosition + shape.rows,
      frequencies: RotaryTable.frequencies(width: shape.turned, theta: Self.theta))
  }

  @Test(arguments: shapes) func `forward equals the reference`(shape: Shape) {
    var samples = Samples(seed: 4)
    let width = shape.heads * shape.headSize
    let input = samples.matrix(shape.rows, width, padding: shape.padding)
    let output = samples.matrix(shape.rows, width, padding: shape.padding)
    let inverse = samples.matrix(shape.rows, shape.heads, padding: shape.padding)
    let weight = shape.normalizes ? samples.vector(shape.headSize) : nil
    headRotationForward(
      input, headSize: shape.headSize, weight: weight, epsilon: Float(Self.epsilon),
      inverse: inverse, table: table(shape), firstPosition: shape.firstPosition, output: output)
    let result = output.doubles.flatMap { $0 }
    let x = input.doubles.flatMap { $0 }
    #expect(deviation(result, from: expected(x, weight?.doubles, shape)) < 1e-6)
    #expect(output.isFenced && inverse.isFenced)
  }

  @Test(arguments: shapes) func `backward gives the derivatives`(shape: Shape) {
    var samples = Samples(seed: 5)
    let width = shape.heads * shape.headSize
    let input = samples.matrix(shape.rows, width, padding: shape.padding)
    let output = samples.matrix(shape.rows, width)
    let inverse = samples.matrix(shape.rows, shape.heads, padding: shape.padding)
    let weight = shape.normalizes ? samples.vector(shape.headSize) : nil
    headRotationForward(
      input, headSize: shape.headSize, weight: weight, epsilon: Float(Self.epsilon),
      inverse: inverse, table: table(shape), firstPosition: shape.firstPosition, output: output)
    let gradient = samples.matrix(shape.rows, width, padding: shape.padding)
    let upstream = gradient.doubles.flatMap { $0 }
    let weightGradient = shape.normalizes ? samples.vector(shape.headSize) : nil
    let before = weightGradient?.doubles ?? []
    // Where the weight is not trained, the rest is the same.
    let frozen = samples.matrix(shape.rows, width)
    for row in 0..<shape.rows { frozen.row(row).copy(from: gradient.row(row)) }
    headRotationBackward(
      input, headSize: shape.headSize, weight: weight, inverse: inverse, table: table(shape),
      firstPosition: shape.firstPosition, gradient: frozen, weightGradient: nil)
    headRotationBackward(
      input, headSize: shape.headSize, weight: weight, inverse: inverse, table: table(shape),
      firstPosition: shape.firstPosition, gradient: gradient, weightGradient: weightGradient)

    let x = input.doubles.flatMap { $0 }
    let byInput = derivatives(at: x) { inner(upstream, expected($0, weight?.doubles, shape)) }
    #expect(deviation(gradient.doubles.flatMap { $0 }, from: byInput) < 1e-5)
    #expect(gradient.isFenced)
    #expect(frozen.doubles == gradient.doubles)
    if let weight, let weightGradient {
      let byWeight = derivatives(at: weight.doubles) { inner(upstream, expected(x, $0, shape)) }
      #expect(deviation(weightGradient.doubles, from: sum(before, byWeight)) < 1e-5)
    }
  }

  @Test func `far positions keep their precision`() {
    var samples = Samples(seed: 6)
    let input = samples.matrix(1, 8)
    let output = samples.matrix(1, 8)
    headRotationForward(
      input, headSize: 8, weight: nil, epsilon: 0, inverse: samples.matrix(1, 1),
      table: RotaryTable(
        positionCount: 4096, frequencies: RotaryTable.frequencies(width: 8, theta: 10_000)),
      firstPosition: 4095,
      output: output)
    let expected = headRotationReference(
      input.doubles[0], weight: nil, epsilon: 0, position: 4095, theta: 10_000)
    #expect(deviation(output.doubles[0], from: expected) < 1e-6)
  }
}
