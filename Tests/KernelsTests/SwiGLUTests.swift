import Testing

@testable import Kernels

struct SwiGLUTests {
  private func expected(_ gateUp: [Double], width: Int) -> [Double] {
    gateUp.indices.filter { $0 % (2 * width) < width }.map {
      swigluReference(gate: gateUp[$0], up: gateUp[$0 + width])
    }
  }

  @Test(arguments: [1, 15, 16, 17, 40], [(0, 0), (1, 0), (3, 5)])
  func `forward equals the reference`(width: Int, shape: (rows: Int, padding: Int)) {
    var samples = Samples(seed: 10)
    let gateUp = samples.matrix(shape.rows, 2 * width, padding: shape.padding, in: -6...6)
    let output = samples.matrix(shape.rows, width, padding: shape.padding)
    swigluForward(gateUp, output: output)
    let reference = expected(gateUp.doubles.flatMap { $0 }, width: width)
    #expect(deviation(output.doubles.flatMap { $0 }, from: reference) < 1e-6)
    #expect(output.isFenced)
  }

  @Test(arguments: [1, 15, 16, 17, 40], [false, true])
  func `backward gives the derivatives`(width: Int, inPlace: Bool) {
    var samples = Samples(seed: 11)
    let gateUp = samples.matrix(3, 2 * width, padding: 5, in: -6...6)
    let outputGradient = samples.matrix(3, width, padding: 2)
    let gradient = inPlace ? gateUp : samples.matrix(3, 2 * width, padding: 1)
    let point = gateUp.doubles.flatMap { $0 }
    swigluBackward(gateUp, outputGradient: outputGradient, gateUpGradient: gradient)
    let upstream = outputGradient.doubles.flatMap { $0 }
    let reference = derivatives(at: point) { inner(upstream, expected($0, width: width)) }
    #expect(deviation(gradient.doubles.flatMap { $0 }, from: reference) < 1e-5)
    #expect(gradient.isFenced)
  }

  @Test func `extreme gates stay finite`() {
    var samples = Samples(seed: 12)
    for width in [1, 16] {
      let gateUp = samples.matrix(2, 2 * width)
      gateUp.row(0).fill(-1000)
      gateUp.row(1).fill(1000)
      let output = samples.matrix(2, width)
      swigluForward(gateUp, output: output)
      #expect(output.row(0).array.allSatisfy { abs($0) < 1e-30 })
      #expect(output.row(1).array == [Float](repeating: 1e6, count: width))
      let upstream = samples.matrix(2, width)
      swigluBackward(gateUp, outputGradient: upstream, gateUpGradient: gateUp)
      #expect(gateUp.floats.isFinite)
    }
  }
}
