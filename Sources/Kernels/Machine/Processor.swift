import COpenBLAS
import CPlatform
import Foundation

/// The processor, and what the matrix library uses of it.
public struct Processor: Sendable {
  /// The processor type whose kernels OpenBLAS runs, such as `SkylakeX`; `unknown` for another
  /// BLAS.
  public let blasCore: String
  /// The type that OpenBLAS had detected, where that was corrected.
  public let detectedCore: String?
  /// Processor cores that this process may use.
  public let coreCount: Int

  /// This processor. The first use prepares the matrix library, and has to come before any other
  /// use of it.
  ///
  /// OpenBLAS takes processors that it does not know for much older ones and then runs at a fifth
  /// of their speed (its issue 4267). Where the processor can do more than the detected type,
  /// OpenBLAS is started again with a better one, unless `OPENBLAS_CORETYPE` is set in the
  /// environment. OpenBLAS itself uses one thread: each worker thread calls it on its own.
  public static let current: Processor = {
    let detected = coreName()
    if getenv("OPENBLAS_CORETYPE") == nil, let better = betterCore(than: detected),
      let quit = symbol("gotoblas_dynamic_quit", as: Action.self),
      let start = symbol("gotoblas_dynamic_init", as: Action.self)
    {
      setenv("OPENBLAS_CORETYPE", better, 1)
      quit()
      start()
      // Child processes detect their own.
      unsetenv("OPENBLAS_CORETYPE")
    }
    let threads = symbol("openblas_get_num_threads", as: GetThreads.self)?() ?? 1
    symbol("openblas_set_num_threads", as: SetThreads.self)?(1)
    MatrixBuffers.endLibraryThreads(Int(threads) - 1)
    MatrixBuffers.reserve(1)
    platform_flush_denormals()
    let core = coreName()
    return Processor(
      blasCore: core ?? "unknown", detectedCore: core == detected ? nil : detected,
      coreCount: max(1, Int(platform_core_count())))
  }()

  /// The present speed of matrix products on `workerCount` threads together, in GFLOP/s (billions
  /// of floating-point operations a second): the sum over the threads of the best of twelve
  /// single-precision products of 512 × 512 matrices.
  public func measureGigaflops(workerCount: Int = 1) -> Double {
    concurrently(workerCount: workerCount) { _ in measureGigaflopsOfThread() }.reduce(0, +)
  }

  private func measureGigaflopsOfThread() -> Double {
    let size = 512
    let storage = FloatStorage(count: 3 * size * size)
    let floats = storage.floats
    floats.fill(0.5)
    let a = floats.matrix(0, rows: size, columns: size)
    let b = floats.matrix(size * size, rows: size, columns: size)
    let c = floats.matrix(2 * size * size, rows: size, columns: size)
    var best = Double.infinity
    for _ in 0..<12 {
      let start = ContinuousClock.now
      multiply(a, b, into: c)
      best = min(best, start.duration(to: .now) / .seconds(1))
    }
    return 2 * Double(size * size * size) / best / 1e9
  }

  /// One line for the start of a program: processor type, threads and speed of matrix products.
  public var summary: String {
    let core = detectedCore.map { "\(blasCore) (detected as \($0))" } ?? blasCore
    let speed = Int(measureGigaflops().rounded())
    return "BLAS core \(core), \(coreCount) threads, \(speed) GFLOP/s a thread"
  }

  /// The largest resident memory of this process so far, in bytes.
  public static var peakMemory: Int {
    var usage = rusage()
    getrusage(0, &usage)  // 0 is RUSAGE_SELF, whose C type does not import
    return usage.ru_maxrss * 1024  // Linux counts kibibytes
  }

  /// Makes the calling thread treat denormal numbers, which are slow, as zero. Each worker thread
  /// calls it.
  @inline(__always) public static func flushDenormals() { platform_flush_denormals() }

  private typealias Action = @convention(c) () -> Void
  private typealias Name = @convention(c) () -> UnsafePointer<CChar>?
  private typealias GetThreads = @convention(c) () -> CInt
  private typealias SetThreads = @convention(c) (CInt) -> Void

  /// A function of the loaded BLAS, looked up by name so that other BLAS builds still link.
  static func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
    guard let address = dlsym(nil, name) else { return nil }
    return unsafeBitCast(address, to: type)
  }

  private static func coreName() -> String? {
    symbol("openblas_get_corename", as: Name.self)?().map { String(cString: $0) }
  }

  /// A processor type of OpenBLAS with wider vectors than the detected one, where this processor
  /// has them.
  private static func betterCore(than detected: String?) -> String? {
    guard let detected = detected?.lowercased() else { return nil }
    let wide = ["skylakex", "cooperlake", "sapphirerapids"]
    let middle = ["haswell", "zen"]
    switch platform_vector_level() {
    case 2: return wide.contains(detected) ? nil : "SkylakeX"
    case 1: return (wide + middle).contains(detected) ? nil : "Haswell"
    default: return nil
    }
  }
}
