import Testing

@testable import Kernels

struct LayerNormTests {
  static let epsilon = 1e-3

  private func expected(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
    layerNormReference(x, weight: weight, bias: bias, epsilon: Self.epsilon)
  }

  @Test(arguments: [1, 15, 16, 17, 48, 100], [(0, 0), (1, 0), (3, 5)])
  func `forward equals the reference`(columns: Int, shape: (rows: Int, padding: Int)) {
    var samples = Samples(seed: 60)
    let (rows, padding) = shape
    // A mean far from zero: the variance must not be lost in it.
    let input = samples.matrix(rows, columns, padding: padding, in: 50...52)
    let output = samples.matrix(rows, columns, padding: padding)
    let (weight, bias) = (samples.vector(columns), samples.vector(columns))
    layerNormForward(
      input, weight: weight, bias: bias, epsilon: Float(Self.epsilon), output: output,
      mean: samples.vector(rows), inverse: samples.vector(rows))
    let reference = expected(input.doubles.flatMap { $0 }, weight.doubles, bias.doubles)
    #expect(deviation(output.doubles.flatMap { $0 }, from: reference) < 1e-5)
    #expect(output.isFenced)
  }

  @Test(arguments: [1, 15, 16, 17, 48], [(1, 0), (3, 5)])
  func `backward adds the derivatives`(columns: Int, shape: (rows: Int, padding: Int)) {
    var samples = Samples(seed: 61)
    let (rows, padding) = shape
    let input = samples.matrix(rows, columns, padding: padding)
    let (weight, bias) = (samples.vector(columns), samples.vector(columns))
    let (mean, inverse) = (samples.vector(rows), samples.vector(rows))
    layerNormForward(
      input, weight: weight, bias: bias, epsilon: Float(Self.epsilon),
      output: samples.matrix(rows, columns), mean: mean, inverse: inverse)
    let outputGradient = samples.matrix(rows, columns, padding: padding)
    let inputGradient = samples.matrix(rows, columns, padding: padding)
    let (weightGradient, biasGradient) = (samples.vector(columns), samples.vector(columns))
    let before = (
      input: inputGradient.doubles.flatMap { $0 }, weight: weightGradient.doubles,
      bias: biasGradient.doubles
    )
    layerNormBackward(
      input, weight: weight, mean: mean, inverse: inverse, outputGradient: outputGradient,
      inputGradient: inputGradient, weightGradient: weightGradient, biasGradient: biasGradient)

    let (x, w, b) = (input.doubles.flatMap { $0 }, weight.doubles, bias.doubles)
    let upstream = outputGradient.doubles.flatMap { $0 }
    let byInput = derivatives(at: x) { inner(upstream, expected($0, w, b)) }
    let byWeight = derivatives(at: w) { inner(upstream, expected(x, $0, b)) }
    let byBias = derivatives(at: b) { inner(upstream, expected(x, w, $0)) }
    let result = inputGradient.doubles.flatMap { $0 }
    #expect(deviation(result, from: sum(before.input, byInput)) < 2e-5)
    #expect(deviation(weightGradient.doubles, from: sum(before.weight, byWeight)) < 2e-5)
    #expect(deviation(biasGradient.doubles, from: sum(before.bias, byBias)) < 2e-5)
    #expect(inputGradient.isFenced)
  }
}
