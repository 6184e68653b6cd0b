import Foundation
import Support
import Synchronization

/// The buffers that OpenBLAS lays the operands of a product out in: one for each thread that multiplies at
/// that time, kept for the next.
///
/// OpenBLAS takes a buffer when a thread first needs one, and where the system does not give it, it tries
/// again for ever (`blas_memory_alloc` of its 0.3 releases). So under a limit of address space (`ulimit -v`)
/// its own threads are ended, and ours take theirs ahead, as long as there is room for them; where there is
/// none, the process ends with status 1 and a message. Without a limit nothing is done.
enum MatrixBuffers {
  /// Of one buffer, as OpenBLAS has it on x86-64.
  private static let bytes = 128 << 20
  /// With the alignment of its place.
  private static let bytesAtMost = bytes + (4 << 20)
  /// What is to be left beside them for all that is small: where that fails, the language's runtime ends the
  /// process without a message of ours.
  private static let rest = 32 << 20
  /// How many threads can multiply at a time without another buffer.
  private static let ready = Mutex(0)

  /// Ends the threads that OpenBLAS has started for itself, of which there are `count`. Each takes a buffer of
  /// its own, at a time that nobody knows, and until it has it the process cannot even end.
  ///
  /// Before anything else uses OpenBLAS, and after it was told to use one thread: it would start them again.
  static func endLibraryThreads(_ count: Int) {
    guard let limit else { return }
    guard let end else { return reserve(1 + count) }
    ready.withLock { ready in
      // One that cannot have its buffer would be waited for here.
      demandRoom(
        for: count - buffersAtStart(), limit,
        mend: "raise the limit (ulimit -v), or set OPENBLAS_NUM_THREADS to 1")
      _ = end()
      // Theirs are free now. One that began late may have got that of one that had ended.
      ready = buffersAtStart()
    }
  }

  /// Sees to it that so many threads can multiply at a time.
  static func reserve(_ count: Int) {
    guard let limit, let take, let giveBack else { return }
    ready.withLock { ready in
      guard count > ready else { return }
      var buffers: [UnsafeMutableRawPointer?] = []
      for number in 0..<count {
        if number >= ready {
          demandRoom(for: 1, limit, mend: "take fewer workers, or raise the limit (ulimit -v)")
        }
        buffers.append(take(0))
      }
      // Only now, or the same one would be handed out again.
      for case let buffer? in buffers { giveBack(buffer) }
      ready = count
    }
  }

  private static func demandRoom(for count: Int, _ limit: Int, mend: String) {
    guard let used = addressSpace() else { return }
    let needed = max(0, count) * bytesAtMost + rest
    if used + needed > limit { FloatStorage.endForLackOfMemory(needed, mend: mend) }
  }

  /// The most bytes of address space that this process may use, where that is limited.
  private static let limit = ProcessLimit.addressSpace.current

  /// The bytes of address space in use, where the system tells. To try for them instead would be in the way of a
  /// thread that takes its buffer just then: refused once, OpenBLAS takes yet other memory.
  private static func addressSpace() -> Int? {
    var used: Int?
    forEachLine(of: "/proc/self/statm") { line in
      used = strtol(line, nil, 10) * sysconf(CInt(_SC_PAGESIZE))
    }
    return used
  }

  /// How many buffers there are, as long as nothing else is as large. The system shows neighbours as one.
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
