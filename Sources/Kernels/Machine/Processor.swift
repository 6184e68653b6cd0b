import COpenBLAS
import CPlatform
import Foundation

/// The processor as the matrix library sees it.
public struct Processor: Sendable {
  /// The kernels OpenBLAS runs, such as `SkylakeX`; `unknown` for another BLAS.
  public let blasCore: String
  /// The core OpenBLAS had detected before it was corrected, where it was.
  public let detectedCore: String?
  /// Processor cores that this process may use.
  public let coreCount: Int

  /// Prepares the matrix library once, before anything else uses it, and tells what it runs.
  ///
  /// OpenBLAS takes processors it does not know for much older ones and then runs at a fifth of their
  /// speed (its issue 4267). Where the detected core is below what the processor has, its own
  /// start-up is run again with a better one. `OPENBLAS_CORETYPE` in the environment wins.
  /// BLAS itself is kept to one thread: parallelism is one caller a worker.
  public static let current: Processor = {
    let detected = coreName()
    if getenv("OPENBLAS_CORETYPE") == nil, let better = betterCore(than: detected),
      let quit = symbol("gotoblas_dynamic_quit", as: Action.self),
      let start = symbol("gotoblas_dynamic_init", as: Action.self)
    {
      setenv("OPENBLAS_CORETYPE", better, 1)
      quit()
      start()
      // Child processes find out for themselves.
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

  /// Matrix-product speed now of so many threads together, in billions of floating-point operations a
  /// second.
  ///
  /// Each thread's best of several 512 × 512 × 512 single-precision products.
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

  /// One line for the start of a program: core, threads and matrix-product speed.
  public var summary: String {
    let core = detectedCore.map { "\(blasCore) (detected as \($0))" } ?? blasCore
    let speed = Int(measureGigaflops().rounded())
    return "BLAS core \(core), \(coreCount) threads, \(speed) GFLOP/s a thread"
  }

  /// The most memory that this process has had resident so far, in bytes.
  public static var peakMemory: Int {
    var usage = rusage()
    getrusage(0, &usage)  // 0 is RUSAGE_SELF, whose C type does not import
    return usage.ru_maxrss * 1024  // Linux counts kibibytes
  }

  /// Makes the calling thread treat denormal numbers as zero. Each worker thread calls it.
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
