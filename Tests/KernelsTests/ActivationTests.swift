import Testing

@testable import Kernels

struct ActivationTests {
  @Test(arguments: Activation.allCases, [1, 15, 16, 17, 40])
  func `plain functions and their slopes`(activation: Activation, width: Int) {
    var samples = Samples(seed: 62)
    let input = samples.matrix(3, width, padding: 5, in: -7...7)
    let output = samples.matrix(3, width, padding: 2)
    activationForward(activation, input, output: output)
    let x = input.doubles.flatMap { $0 }
    func expected(_ x: [Double]) -> [Double] { x.map { activationReference(activation, $0) } }
    #expect(deviation(output.doubles.flatMap { $0 }, from: expected(x)) < 1e-6)
    #expect(output.isFenced)

    let gradient = samples.matrix(3, width, padding: 1)
    let upstream = gradient.doubles.flatMap { $0 }
    // In place.
    activationBackward(activation, input, outputGradient: gradient, inputGradient: gradient)
    let reference = derivatives(at: x) { inner(upstream, expected($0)) }
    #expect(deviation(gradient.doubles.flatMap { $0 }, from: reference) < 1e-5)
    #expect(gradient.isFenced)
  }

  @Test(arguments: Activation.allCases, [1, 15, 16, 17, 40])
  func `gated functions and their slopes`(activation: Activation, width: Int) {
    var samples = Samples(seed: 63)
    let gateUp = samples.matrix(3, 2 * width, padding: 5, in: -7...7)
    let output = samples.matrix(3, width, padding: 2)
    gatedForward(activation, gateUp, output: output)
    func expected(_ gateUp: [Double]) -> [Double] {
      gateUp.indices.filter { $0 % (2 * width) < width }.map {
        activationReference(activation, gateUp[$0]) * gateUp[$0 + width]
      }
    }
    let point = gateUp.doubles.flatMap { $0 }
    #expect(deviation(output.doubles.flatMap { $0 }, from: expected(point)) < 1e-6)
    #expect(output.isFenced)

    let upstream = samples.matrix(3, width)
    gatedBackward(activation, gateUp, outputGradient: upstream, gateUpGradient: gateUp)
    let flat = upstream.doubles.flatMap { $0 }
    let reference = derivatives(at: point) { inner(flat, expected($0)) }
    #expect(deviation(gateUp.doubles.flatMap { $0 }, from: reference) < 1e-5)
    #expect(gateUp.isFenced)
  }

  @Test(arguments: Activation.allCases)
  func `extreme inputs stay finite`(activation: Activation) {
    var samples = Samples(seed: 64)
    let input = samples.matrix(2, 17)
    input.row(0).fill(-1e4)
    input.row(1).fill(1e4)
    let output = samples.matrix(2, 17)
    activationForward(activation, input, output: output)
    #expect(output.row(0).array.allSatisfy { abs($0) < 1e-30 })
    #expect(output.row(1).array == [Float](repeating: 1e4, count: 17))
    let gradient = samples.matrix(2, 17)
    gradient.floats.fill(1)
    activationBackward(activation, input, outputGradient: gradient, inputGradient: gradient)
    #expect(gradient.row(0).array.allSatisfy { abs($0) < 1e-30 })
    #expect(gradient.row(1).array == [Float](repeating: 1, count: 17))
  }
}
