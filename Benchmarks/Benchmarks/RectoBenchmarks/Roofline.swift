import Kernels

/// What this machine can do at best, measured when it is asked for.
enum Roofline {
  /// Floating-point operations a second of one thread in large matrix products.
  static let operationsPerSecond = Processor.current.measureGigaflops() * 1e9

  /// Bytes a second of one thread that copies so many bytes, reading half of them and writing the
  /// other half: what fits a cache is copied faster.
  static func bytesPerSecond(of bytes: Double) -> Double {
    let count = max(1024, Int(bytes) / 8)
    let storage = FloatStorage(count: 2 * count)
    let (source, target) = (storage.floats.slice(0, count), storage.floats.slice(count, count))
    source.fill(1)
    let repetitions = max(1, 4_000_000 / count)
    var best = Double.infinity
    for _ in 0..<12 {
      let start = ContinuousClock.now
      for _ in 0..<repetitions { target.copy(from: source) }
      best = min(best, start.duration(to: .now) / .seconds(1))
    }
    return Double(repetitions * count * 8) / best
  }
}
