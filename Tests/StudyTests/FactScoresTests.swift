import Testing

@testable import Study

@Suite struct FactScoresTests {
  @Test func `clusters of one value equal a plain sample`() {
    let values = [1.0, 0, 1, 1, 0, 0.5]
    let clustered = Estimate(clusters: values.map { [$0] })
    let plain = Estimate(values)
    #expect(isClose(clustered.mean, plain.mean))
    #expect(isClose(clustered.standardError, plain.standardError))
    #expect(isClose(clustered.interval.upperBound, plain.interval.upperBound))
  }

  /// A question that is asked twice is not a second fact.
  @Test func `repeated questions do not make the error smaller`() {
    let values = [1.0, 0, 1, 1, 0, 0.5]
    let twice = Estimate(clusters: values.map { [$0, $0] })
    #expect(isClose(twice.mean, Estimate(values).mean))
    #expect(isClose(twice.standardError, Estimate(values).standardError))
  }

  @Test func `clusters of different sizes have the error computed by hand`() {
    // Mean 0.6; residuals of the clusters 0.8 and -0.8; 2 · 2 · 0.64 / 5².
    let estimate = Estimate(clusters: [[1, 1], [1, 0, 0]])
    #expect(isClose(estimate.mean, 0.6))
    #expect(isClose(estimate.standardError, (2 * 2 * 0.64).squareRoot() / 5))
  }

  @Test func `one cluster has no error`() {
    let estimate = Estimate(clusters: [[1, 0, 1]])
    #expect(estimate.standardError == 0 && isClose(estimate.mean, 2.0 / 3))
    #expect(estimate.interval == estimate.mean...estimate.mean)
  }

  @Test func `a rank counts the likelier choices and half of those that are as likely`() {
    #expect(Scoring.rank([-1, -2, -3], answer: 0) == 1)
    #expect(Scoring.rank([-1, -2, -3], answer: 2) == 3)
    #expect(Scoring.rank([-2, -2, -1], answer: 0) == 2.5)
  }
}
