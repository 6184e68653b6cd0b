import Foundation
import Testing

@testable import Kernels

struct LaneTests {
  @Test func `exponential is within two units`() {
    var worst = 0.0
    for index in 0...200_000 {
      let x = Float(-87 + 175 * Double(index) / 200_000)
      worst = max(worst, abs(Double(exponential(x)) / exp(Double(x)) - 1))
    }
    #expect(worst < 3e-7)
    #expect(exponential(Float(0)) == 1)
  }

  @Test func `exponential is zero far below and finite far above`() {
    for x: Float in [-87.4, -100, -1e4, -1e30, -.infinity] { #expect(exponential(x) == 0) }
    for x: Float in [88, 89, 1e4, .infinity] { #expect(exponential(x) == exponential(Float(88))) }
  }

  @Test func `every place of a lane is computed`() {
    var samples = Samples(seed: 15)
    let x = samples.vector(16, in: -20...20)
    let lane = exponential(x.base.lane(0))
    #expect((0..<16).map { lane[$0] } == x.array.map { exponential($0) })
    #expect(deviation((0..<16).map { Double(lane[$0]) }, from: x.doubles.map { exp($0) }) < 3e-7)
  }

  @Test(arguments: [1, 15, 16, 17, 40]) func `sums and maxima see every place`(count: Int) {
    for place in 0..<count {
      var samples = Samples(seed: 16)
      let x = samples.vector(count, in: -2 ... -1)
      x[place] = 5
      #expect(maximum(x.base, count) == 5)
      let ones = samples.vector(count)
      ones.fill(0)
      ones[place] = 3
      #expect(dot(x.base, ones.base, count) == 15)
    }
  }
}
