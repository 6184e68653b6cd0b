import Benchmark

/// What one run of something takes, by which its speed is measured.
enum Amount {
  /// Floating-point operations, against the speed of large matrix products times so many threads.
  case operations(Double, threads: Int = 1)
  /// Bytes read and written, against the speed of copying as many.
  case bytes(Double)

  var value: Double {
    switch self {
    case .operations(let value, _), .bytes(let value): value
    }
  }

  var rate: BenchmarkMetric {
    switch self {
    case .operations: .custom("GFLOP/s", polarity: .prefersLarger, useScalingFactor: false)
    case .bytes: .custom("GB/s", polarity: .prefersLarger, useScalingFactor: false)
    }
  }

  var share: BenchmarkMetric {
    switch self {
    case .operations: .custom("% of sgemm", polarity: .prefersLarger, useScalingFactor: false)
    case .bytes: .custom("% of copying", polarity: .prefersLarger, useScalingFactor: false)
    }
  }

  /// The most of it that this machine does in a second.
  func roof() -> Double {
    switch self {
    case .operations(_, let threads): Roofline.operationsPerSecond * Double(threads)
    case .bytes(let value): Roofline.bytesPerSecond(of: value)
    }
  }
}

/// Registers something to time.
///
/// - Parameters:
///   - amount: what one run takes.
///   - tokens: tokens of one run, where their number a second is of interest.
///   - make: lays out what the run needs, checks that it computes what it should, and returns the
///     run. Called before anything is timed.
func register(
  _ name: String, _ amount: Amount, tokens: Int? = nil,
  make: @escaping () throws -> () -> Void
) {
  let tokenRate = BenchmarkMetric.custom(
    "tokens/s", polarity: .prefersLarger, useScalingFactor: false)
  var run = {}
  var roof = 1.0
  Benchmark(
    name,
    configuration: .init(
      metrics: [.wallClock] + (tokens == nil ? [] : [tokenRate]) + [amount.rate, amount.share],
      timeUnits: .microseconds, warmupIterations: 2, maxDuration: .seconds(2)),
    closure: { benchmark in
      let start = ContinuousClock.now
      benchmark.startMeasurement()
      run()
      benchmark.stopMeasurement()
      let seconds = start.duration(to: .now) / .seconds(1)
      if let tokens { benchmark.measurement(tokenRate, Int(Double(tokens) / seconds)) }
      benchmark.measurement(amount.rate, Int(amount.value / seconds / 1e9))
      benchmark.measurement(amount.share, Int(100 * amount.value / seconds / roof))
    },
    setup: {
      run = try make()
      roof = amount.roof()
    })
}

/// What a check found wrong.
struct Mismatch: Error, CustomStringConvertible {
  let description: String

  /// Compares a result with what it should be.
  static func check(
    _ name: String, _ found: Double, _ expected: Double, tolerance: Double = 1e-4
  ) throws {
    guard abs(found - expected) <= tolerance * max(1, abs(expected)) else {
      throw Mismatch(description: "\(name): \(found) instead of \(expected)")
    }
  }
}
