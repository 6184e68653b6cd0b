import Foundation
import Randomness

/// Mean, standard error and confidence interval over independent worlds, or over independent facts.
public struct Estimate: Codable, Sendable, Equatable {
  public var mean: Double
  /// Standard error of the mean; 0 for a single value, which gives no error.
  public var standardError: Double
  /// Student's t interval of 95 %.
  public var interval: ClosedRange<Double>

  public init(_ values: [Double]) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    self.mean = mean
    guard values.count > 1 else {
      standardError = 0
      interval = mean...mean
      return
    }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let standardError = (variance / count).squareRoot()
    self.standardError = standardError
    let half = Self.t975(degreesOfFreedom: values.count - 1) * standardError
    interval = (mean - half)...(mean + half)
  }

  /// Over values that come in independent clusters, such as questions about the same thing: the
  /// cluster-robust standard error of the mean of all (Miller 2024, *Adding Error Bars to Evals*,
  /// arXiv 2411.00640, § 2.2), corrected for few clusters.
  public init(clusters: [[Double]]) {
    let values = clusters.joined()
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    self.mean = mean
    guard clusters.count > 1 else {
      standardError = 0
      interval = mean...mean
      return
    }
    let squares = clusters.reduce(0.0) { sum, cluster in
      let residual = cluster.reduce(0) { $0 + $1 - mean }
      return sum + residual * residual
    }
    let few = Double(clusters.count) / Double(clusters.count - 1)
    let standardError = (few * squares).squareRoot() / count
    self.standardError = standardError
    let half = Self.t975(degreesOfFreedom: clusters.count - 1) * standardError
    interval = (mean - half)...(mean + half)
  }

  /// The interval of 95 % for a share of `count` things, which has a width even where all of them
  /// are alike and a standard error is 0 (Wilson 1927; see Brown, Cai & DasGupta 2001, *Interval
  /// Estimation for a Binomial Proportion*).
  static func wilson(_ share: Double, of count: Int) -> ClosedRange<Double> {
    let n = Double(max(1, count))
    let z2 = z975 * z975
    let middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    let half = z975 / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)).squareRoot()
    // Rounding must not exclude the share itself.
    return max(0, min(share, middle - half))...min(1, max(share, middle + half))
  }

  /// The interval as one of shares: within 0 and 1, and never of width 0.
  ///
  /// - Parameter count: the questions or facts that the shares are of.
  func intervalOfShare(of count: Int) -> ClosedRange<Double> {
    standardError > Self.rounding
      ? max(0, interval.lowerBound)...min(1, interval.upperBound) : Self.wilson(mean, of: count)
  }

  /// The interval as one of differences of shares: within -1 and 1, and never of width 0.
  func intervalOfDifference(of count: Int) -> ClosedRange<Double> {
    Self.clipped(interval, mean, of: count)
  }

  static func clipped(
    _ interval: ClosedRange<Double>, _ mean: Double, of count: Int
  ) -> ClosedRange<Double> {
    // Where all differences are alike, one of `count` others could still have differed.
    let least =
      interval.upperBound - interval.lowerBound > rounding ? 0 : 1 - wilson(1, of: count).lowerBound
    return max(-1, interval.lowerBound - least)...min(1, interval.upperBound + least)
  }

  /// Errors below this are of rounding: equal values, such as three times 0.7, have one.
  private static let rounding = 1e-9

  private static let z975 = 1.959_963_984_540

  /// The 97.5 % quantile of Student's t distribution: exact for 1 and 2 degrees of freedom,
  /// otherwise within 0.5 % (Cornish–Fisher expansion; Abramowitz & Stegun 26.7.5).
  static func t975(degreesOfFreedom n: Int) -> Double {
    if n == 1 { return 12.706_204_736 }
    if n == 2 { return 4.302_652_730 }
    let z = z975
    let v = Double(n)
    let g1 = (pow(z, 3) + z) / 4
    let g2 = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
    let g3 = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
    let g4 =
      (79 * pow(z, 9) + 776 * pow(z, 7) + 1482 * pow(z, 5) - 1920 * pow(z, 3) - 945 * z) / 92_160
    return z + g1 / v + g2 / (v * v) + g3 / pow(v, 3) + g4 / pow(v, 4)
  }
}

/// The difference between two arms on the same worlds, by the paired bootstrap over worlds (Efron &
/// Tibshirani 1993).
///
/// With few worlds the bootstrap's interval is too narrow, since no resample exceeds the largest
/// difference: in simulations with normal differences it contained the mean in 73 % of cases with
/// three worlds and in 84 % with five (see Hesterberg 2015, *What Teachers Should Know about the
/// Bootstrap*, arXiv 1411.5279). Student's t interval of the differences is right there, so that
/// each end of the interval is the outer one of the two.
public struct PairedDifference: Codable, Sendable, Equatable {
  public var mean: Double
  /// The 95 % interval; for a single world, which gives no interval, only the mean.
  public var interval: ClosedRange<Double>

  init(mean: Double, interval: ClosedRange<Double>) {
    self.mean = mean
    self.interval = interval
  }

  /// - Parameters: one accuracy per world, the same worlds in the same order.
  /// - Precondition: both have the same number of accuracies, at least one.
  public init(_ a: [Double], minus b: [Double]) {
    precondition(a.count == b.count && !a.isEmpty)
    let differences = zip(a, b).map { $0 - $1 }
    let student = Estimate(differences)
    let resampled = Self.bootstrap(differences)
    mean = student.mean
    interval =
      min(
        student.interval.lowerBound, resampled.lowerBound)...max(
        student.interval.upperBound, resampled.upperBound)
  }

  /// The 2.5 % and 97.5 % quantiles of the mean over resamples.
  static func bootstrap(_ differences: [Double]) -> ClosedRange<Double> {
    let count = differences.count
    let drawn = count == fewWorlds.count ? fewWorlds.drawn : draw(of: count)
    var means = [Double](repeating: 0, count: resamples)
    for resample in means.indices {
      var sum = 0.0
      for place in count * resample..<count * (resample + 1) { sum += differences[drawn[place]] }
      means[resample] = sum / Double(count)
    }
    means.sort()
    return means[resamples / 40]...means[resamples - 1 - resamples / 40]
  }

  /// Resamples of the worlds.
  static let resamples = 10_000

  /// Which worlds are drawn for each resample, one after another: the same for every comparison.
  private static func draw(of count: Int) -> [Int] {
    var random = RandomGenerator(seed: 0xB007)
    return (0..<resamples * count).map { _ in random.integer(below: count) }
  }

  /// The draws for five worlds, which most studies have, made once.
  private static let fewWorlds = (count: 5, drawn: draw(of: 5))

  /// Whether the interval lies above 0.
  public var isAbove: Bool { interval.lowerBound > 0 }
  public var isBelow: Bool { interval.upperBound < 0 }
}
