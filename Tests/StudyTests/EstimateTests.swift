import Randomness
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

  @Test func `three and five values have the interval of Student's t`() {
    let three = Estimate([1, 2, 3])
    #expect(abs(three.standardError - 0.5773502692) < 1e-9)
    #expect(abs(three.interval.upperBound - (2 + 4.302653 * 0.5773502692)) < 1e-5)
    let five = Estimate([0.2, 0.4, 0.4, 0.5, 1.0])
    #expect(abs(five.mean - 0.5) < 1e-12)
    #expect(abs(five.standardError - 0.1341640786) < 1e-9)
    #expect(abs(five.interval.lowerBound - (0.5 - 2.776445 * 0.1341640786)) < 0.002)
  }

  @Test func `thirty values have the interval of Student's t`() {
    // 0, 1, …, 29: variance 77.5.
    let estimate = Estimate((0..<30).map(Double.init))
    #expect(abs(estimate.mean - 14.5) < 1e-12)
    #expect(abs(estimate.standardError - 1.6072751268) < 1e-9)
    #expect(abs(estimate.interval.upperBound - (14.5 + 2.045230 * 1.6072751268)) < 0.001)
  }

  /// Wilson's interval for 12 of 12 is n / (n + z²); for 3 of 10 as in a table (0.108, 0.603).
  @Test func `an interval of shares is clipped, and has a width even without any variance`() {
    let perfect = Estimate([1, 1, 1]).intervalOfShare(of: 12)
    #expect(abs(perfect.lowerBound - 12 / (12 + 3.8414588)) < 1e-6 && perfect.upperBound == 1)
    // Three times 0.7 has an error of rounding.
    let equal = Estimate([0.7, 0.7, 0.7]).intervalOfShare(of: 30)
    #expect(equal.lowerBound < 0.6 && equal.upperBound > 0.8)
    let none = Estimate([0, 0]).intervalOfShare(of: 12)
    #expect(none.lowerBound == 0 && abs(none.upperBound - (1 - perfect.lowerBound)) < 1e-9)
    let some = Estimate([0.3, 0.3]).intervalOfShare(of: 10)
    #expect(abs(some.lowerBound - 0.108) < 0.001 && abs(some.upperBound - 0.603) < 0.001)
    #expect(Estimate([0.9, 1]).intervalOfShare(of: 10).upperBound == 1)
    #expect(Estimate([0.9, 1]).intervalOfShare(of: 10).lowerBound < 0.9)
  }

  @Test func `an interval of differences is clipped, and has a width`() {
    let same = Estimate([0, 0, 0]).intervalOfDifference(of: 12)
    #expect(abs(same.upperBound - 3.8414588 / (12 + 3.8414588)) < 1e-6)
    #expect(same.lowerBound == -same.upperBound)
    let largest = Estimate([1, 1]).intervalOfDifference(of: 12)
    #expect(largest.upperBound == 1 && largest.lowerBound < 1)
    #expect(Estimate([-1, 1]).intervalOfDifference(of: 12) == -1...1)
  }

  @Test func `equal values, one value and none have no width`() {
    #expect(Estimate([0.5, 0.5, 0.5]).interval == 0.5...0.5)
    #expect(Estimate([0.25]).interval == 0.25...0.25)
    #expect(Estimate([0.25]).standardError == 0)
    #expect(Estimate([]).mean == 0)
  }
}

@Suite struct PairedDifferenceTests {
  @Test func `worlds that all differ by the same amount leave no doubt`() {
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
    // All four draws on one side happen once in sixteen: more often than 1/40.
    #expect(PairedDifference.bootstrap([1, -1, 1, -1]) == -1...1)
  }

  /// With two worlds the mean of a resample is one value, the other or their mean, with chances ¼,
  /// ¼ and ½.
  @Test func `the bootstrap leaves out a fortieth of the resamples at each end`() {
    #expect(PairedDifference.bootstrap([1, 0.5]) == 0.5...1)
    // With ten worlds of which one differs, the mean of a resample is k/10 with the chances of
    // Binomial(10, 1/10): P(k ≥ 4) = 0.013, P(k ≥ 3) = 0.070.
    let one = PairedDifference.bootstrap([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(one.lowerBound == 0)
    // With five: P(k ≥ 4) = 0.007, P(k ≥ 3) = 0.058.
    #expect(PairedDifference.bootstrap([1, 0, 0, 0, 0]) == 0...0.6)
    #expect(abs(one.upperBound - 0.3) < 1e-12)
  }

  /// Three or five worlds with normal differences around 0: an interval of 95 % excludes 0 once in
  /// twenty times.
  @Test(arguments: [3, 5])
  func `few worlds claim no more than 95 % allows`(worlds: Int) {
    var random = RandomGenerator(seed: 31)
    let rounds = 400
    let without = (0..<rounds).count { _ in
      // Sums of twelve uniform numbers are nearly normal.
      let values = (0..<worlds).map { _ in (0..<12).reduce(-6) { sum, _ in sum + random.uniform() }
      }
      return !PairedDifference(values, minus: .init(repeating: 0, count: worlds))
        .interval.contains(0)
    }
    // 20 ± 4.4; the bootstrap alone excludes it in 64 and more.
    #expect((6...34).contains(without))
  }

  @Test func `with many worlds the bootstrap may be the wider interval`() {
    let skewed = [Double](repeating: 0, count: 19) + [1]
    let difference = PairedDifference(skewed, minus: .init(repeating: 0, count: 20))
    #expect(
      difference.interval.upperBound
        == max(
          Estimate(skewed).interval.upperBound, PairedDifference.bootstrap(skewed).upperBound))
    #expect(difference.mean == 0.05)
  }

  @Test func `worlds are paired, whatever they have in common`() {
    // Each world is a little better, and worlds differ much more.
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
