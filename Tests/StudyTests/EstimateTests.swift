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
