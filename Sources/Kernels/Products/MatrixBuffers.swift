import Foundation
import Support
import Synchronization

/// The work buffers of OpenBLAS: one for each thread that multiplies at the same time, kept for the
/// next product.
///
/// OpenBLAS takes a buffer when a thread first needs one. Where the system does not give it,
/// OpenBLAS tries again for ever (`blas_memory_alloc` of its 0.3 releases). So under a limit of
/// address space (`ulimit -v`) OpenBLAS's own threads are ended, and buffers for our threads are
/// taken in advance; where there is no room for them, the process ends with status 1 and a message.
/// Without a limit nothing is done.
enum MatrixBuffers {
  /// The bytes of one buffer of OpenBLAS on x86-64.
  private static let bytes = 128 << 20
  /// The most bytes that a buffer takes, with its alignment.
  private static let maxBytes = bytes + (4 << 20)
  /// Bytes to be left for everything else: where a small allocation fails, Swift's runtime ends the
  /// process without our message.
  private static let roomForOthers = 32 << 20
  /// How many threads can multiply at the same time without another buffer.
  private static let ready = Mutex(0)

  /// Ends the `count` threads that OpenBLAS started for itself. Each of them takes a buffer at an
  /// unknown time, and the process cannot end before it has one.
  ///
  /// - Precondition: nothing else has used OpenBLAS yet, and it is set to one thread; otherwise it
  ///   would start them again.
  static func endLibraryThreads(_ count: Int) {
    guard let limit else { return }
    guard let end else { return reserve(1 + count) }
    ready.withLock { ready in
      // Ending waits for threads that have no buffer yet.
      demandRoom(
        for: count - buffersAtStart(), limit,
        hint: "raise the limit (ulimit -v), or set OPENBLAS_NUM_THREADS to 1")
      _ = end()
      // Their buffers are free now. There may be fewer than threads, where a late one reused
      // another's.
      ready = buffersAtStart()
    }
  }

  /// Takes buffers in advance, so that `count` threads can multiply at the same time.
  static func reserve(_ count: Int) {
    guard let limit, let take, let giveBack else { return }
    ready.withLock { ready in
      guard count > ready else { return }
      var buffers: [UnsafeMutableRawPointer?] = []
      for number in 0..<count {
        if number >= ready {
          demandRoom(for: 1, limit, hint: "take fewer workers, or raise the limit (ulimit -v)")
        }
        buffers.append(take(0))
      }
      // Only after all are taken; otherwise the same one would be handed out again.
      for case let buffer? in buffers { giveBack(buffer) }
      ready = count
    }
  }

  /// Ends the process where there is no room for `count` more buffers.
  private static func demandRoom(for count: Int, _ limit: Int, hint: String) {
    guard let used = addressSpace() else { return }
    let needed = max(0, count) * maxBytes + roomForOthers
    if used + needed > limit { FloatStorage.endForLackOfMemory(needed, hint: hint) }
  }

  /// The most bytes of address space that this process may use, where that is limited.
  private static let limit = ProcessLimit.addressSpace.current

  /// The bytes of address space in use, where the system says. (Trying to allocate instead could
  /// make a thread of OpenBLAS fail at that moment.)
  private static func addressSpace() -> Int? {
    var used: Int?
    forEachLine(of: "/proc/self/statm") { line in
      used = strtol(line, nil, 10) * sysconf(CInt(_SC_PAGESIZE))
    }
    return used
  }

  /// How many buffers there are at the start of the process, when nothing else is as large.
  /// Adjacent ones are listed as one.
  private static func buffersAtStart() -> Int {
    var count = 0
    forEachLine(of: "/proc/self/maps") { line in
      // "7f0000000000-7f0008000000 rw-p 00000000 00:00 0"
      var dash: UnsafeMutablePointer<CChar>?
      let first = strtoul(line, &dash, 16)
      guard let dash, strncmp(dash, "-", 1) == 0 else { return }
      var access: UnsafeMutablePointer<CChar>?
      let behind = strtoul(dash + 1, &access, 16)
      guard let access, strncmp(access, " rw-p", 5) == 0 else { return }
      count += Int(behind - first) / bytes
    }
    return count
  }

  private static func forEachLine(of path: String, _ body: (UnsafePointer<CChar>) -> Void) {
    guard let file = fopen(path, "r") else { return }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) >= 0 {
      if let line { body(line) }
    }
  }

  private static let end = Processor.symbol(
    "blas_thread_shutdown_", as: (@convention(c) () -> CInt).self)
  private static let take = Processor.symbol(
    "blas_memory_alloc", as: (@convention(c) (CInt) -> UnsafeMutableRawPointer?).self)
  private static let giveBack = Processor.symbol(
    "blas_memory_free", as: (@convention(c) (UnsafeMutableRawPointer) -> Void).self)
}
