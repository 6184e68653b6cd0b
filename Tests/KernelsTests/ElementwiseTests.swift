import Testing

@testable import Kernels

struct ElementwiseTests {
  @Test(arguments: [0, 1, 15, 16, 17, 100]) func `add and scale`(count: Int) {
    var samples = Samples(seed: 23)
    let (a, b) = (samples.vector(count), samples.vector(count))
    let before = a.doubles
    a.add(b)
    #expect(deviation(a.doubles, from: sum(before, b.doubles)) < 1e-6)
    a.scale(by: -2)
    a.add(b, scale: 3)
    let expected = sum(before.map { -2 * $0 }, b.doubles)
    #expect(deviation(a.doubles, from: expected) < 1e-6)
    a.combine(0.5, a, -3, b)
    #expect(deviation(a.doubles, from: zip(expected, b.doubles).map { 0.5 * $0 - 3 * $1 }) < 1e-6)
    #expect(b.array == b.array.filter(\.isFinite))
  }

  @Test(arguments: [0, 1, 17, 4095, 4096, 4097, 10_000]) func `sum of squares`(count: Int) {
    var samples = Samples(seed: 24)
    let x = samples.vector(count)
    #expect(deviation([x.sumOfSquares], from: [inner(x.doubles, x.doubles)]) < 1e-6)
    for workers in [1, 2, 3, 7] { #expect(x.sumOfSquares(workerCount: workers) == x.sumOfSquares) }
  }

  @Test func `the checksum sees every bit`() {
    var samples = Samples(seed: 26)
    let x = samples.vector(1_000)
    let before = x.checksum
    #expect(x.checksum == before)
    for index in [0, 500, 999] {
      let value = x[index]
      x[index] = value.nextUp
      #expect(x.checksum != before)
      x[index] = value
    }
    #expect(x.checksum == before)
  }

  @Test func `sum of squares of millions keeps its precision`() {
    var samples = Samples(seed: 25)
    let x = samples.vector(3_000_000)
    x.fill(0.1)
    #expect(abs(x.sumOfSquares / (3e6 * Double(Float(0.1)) * Double(Float(0.1))) - 1) < 1e-6)
  }
}
