import Testing

@testable import Study

@Suite struct EstimateTests {
  /// Quantiles from a table of Student's t distribution.
  @Test(arguments: [
    (1, 12.706205), (2, 4.302653), (3, 3.182446), (4, 2.776445), (5, 2.570582), (9, 2.262157),
    (29, 2.045230), (99, 1.984217), (1_000_000, 1.959966),
  ])
  func `the t quantile is within half a per cent of the table`(degrees: Int, expected: Double) {
    #expect(abs(Estimate.t975(degreesOfFreedom: degrees) / expected - 1) < 0.005)
  }

  @Test func `two values have a very wide interval`() {
    let estimate = Estimate([1, 3])
    #expect(estimate.mean == 2)
    #expect(abs(estimate.standardError - 1) < 1e-12)
    #expect(abs(estimate.interval.lowerBound - (2 - 12.706205)) < 1e-5)
    #expect(abs(estimate.interval.upperBound - (2 + 12.706205)) < 1e-5)
  }

  @Test func `three and five values`() {
    let three = Estimate([1, 2, 3])
    #expect(abs(three.standardError - 0.5773502692) < 1e-9)
    #expect(abs(three.interval.upperBound - (2 + 4.302653 * 0.5773502692)) < 1e-5)
    let five = Estimate([0.2, 0.4, 0.4, 0.5, 1.0])
    #expect(abs(five.mean - 0.5) < 1e-12)
    #expect(abs(five.standardError - 0.1341640786) < 1e-9)
    #expect(abs(five.interval.lowerBound - (0.5 - 2.776445 * 0.1341640786)) < 0.002)
  }

  @Test func `thirty values`() {
    // 0, 1, …, 29: variance 77.5.
    let estimate = Estimate((0..<30).map(Double.init))
    #expect(abs(estimate.mean - 14.5) < 1e-12)
    #expect(abs(estimate.standardError - 1.6072751268) < 1e-9)
    #expect(abs(estimate.interval.upperBound - (14.5 + 2.045230 * 1.6072751268)) < 0.001)
  }

  @Test func `equal values, one value and none have no width`() {
    #expect(Estimate([0.5, 0.5, 0.5]).interval == 0.5...0.5)
    #expect(Estimate([0.25]).interval == 0.25...0.25)
    #expect(Estimate([0.25]).standardError == 0)
    #expect(Estimate([]).mean == 0)
  }
}

@Suite struct PairedDifferenceTests {
  @Test func `worlds that all differ by as much leave no doubt`() {
    let difference = PairedDifference([0.75, 0.5, 1], minus: [0.5, 0.25, 0.75])
    #expect(difference.mean == 0.25)
    #expect(difference.interval == 0.25...0.25)
    #expect(difference.isAbove && !difference.isBelow)
    let other = PairedDifference([0.5, 0.25, 0.75], minus: [0.75, 0.5, 1])
    #expect(other.interval == -0.25 ... -0.25)
    #expect(other.isBelow && !other.isAbove)
    let same = PairedDifference([0.5, 0.25], minus: [0.5, 0.25])
    #expect(same.interval == 0...0 && !same.isAbove && !same.isBelow)
  }

  @Test func `differences to both sides contain zero`() {
    let difference = PairedDifference([1, 0, 1, 0], minus: [0, 1, 0, 1])
    #expect(difference.mean == 0)
    #expect(difference.interval.contains(0))
    #expect(!difference.isAbove && !difference.isBelow)
    // Four of four the same way come up once in sixteen: more than a fortieth.
    #expect(difference.interval == -1...1)
  }

  /// Of two worlds the mean of a resample is one, the other or between, with chances ¼, ¼ and ½.
  @Test func `the interval holds the resamples but for a fortieth at each end`() {
    #expect(PairedDifference([1, 0.5], minus: [0, 0]).interval == 0.5...1)
    // Of ten worlds of which one differs, the mean of a resample is k/10 with the chances of
    // Binomial(10, 1/10): P(k ≥ 4) = 0.013, P(k ≥ 3) = 0.070.
    let one = PairedDifference(
      [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], minus: .init(repeating: 0, count: 10))
    #expect(abs(one.mean - 0.1) < 1e-12)
    #expect(one.interval.lowerBound == 0)
    // Of five: P(k ≥ 4) = 0.007, P(k ≥ 3) = 0.058.
    let five = PairedDifference([1, 0, 0, 0, 0], minus: [0, 0, 0, 0, 0])
    #expect(five.interval == 0...0.6)
    #expect(abs(one.interval.upperBound - 0.3) < 1e-12)
  }

  @Test func `worlds are paired, whatever they have in common`() {
    // Each world is better by a little, and worlds differ by much.
    let base = [0.1, 0.9, 0.4, 0.6, 0.2]
    let better = zip(base, [0.02, 0.03, 0.04, 0.03, 0.02]).map { $0 + $1 }
    #expect(PairedDifference(better, minus: base).isAbove)
    #expect(!PairedDifference(better, minus: Array(base.reversed())).isAbove)
  }

  @Test func `the same worlds give the same interval`() {
    let a = [0.3, 0.7, 0.55, 0.6]
    let b = [0.25, 0.75, 0.5, 0.4]
    #expect(PairedDifference(a, minus: b) == PairedDifference(a, minus: b))
    let turned = PairedDifference(b, minus: a)
    #expect(abs(turned.mean + PairedDifference(a, minus: b).mean) < 1e-12)
  }
}
