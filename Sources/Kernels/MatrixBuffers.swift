import Files
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The buffers that OpenBLAS lays the operands of a product out in: one for each thread that multiplies at
/// that time, kept for the next.
///
/// OpenBLAS takes a buffer when a thread first needs one, and where the system does not give it, it tries
/// again for ever (`blas_memory_alloc` of its 0.3 releases). So under a limit of address space (`ulimit -v`)
/// they are taken ahead, as long as there is room for them. Without a limit nothing is done.
enum MatrixBuffers {
  /// Of one buffer, as OpenBLAS has it on x86-64, with the alignment of its place.
  private static let bytes = (128 << 20) + (4 << 20)
  /// What is to be left beside them for all that is small: where that fails, the language's runtime ends the
  /// process without a message of ours.
  private static let rest = 32 << 20
  private static let taken = Mutex(0)

  /// Ends the threads that OpenBLAS has started for itself, so many of them. Each takes a buffer of its own, at a
  /// time that nobody knows, and until it has it the process cannot even end. Afterwards theirs are ours.
  static func endLibraryThreads(_ count: Int) {
    guard isLimited, let end else { return }
    taken.withLock { taken in
      demandRoom(for: count)
      _ = end()
      taken = count
    }
  }

  /// Sees to it that so many threads can multiply at a time. Where there is no room for their buffers, the
  /// process ends with status 1 and a message.
  static func reserve(_ count: Int) {
    guard isLimited, let take, let giveBack else { return }
    taken.withLock { taken in
      guard count > taken else { return }
      var buffers: [UnsafeMutableRawPointer?] = []
      for number in 0..<count {
        if number >= taken { demandRoom(for: 1) }
        buffers.append(take(0))
      }
      // Only now, or the same one would be handed out again.
      for case let buffer? in buffers { giveBack(buffer) }
      taken = count
    }
  }

  private static func demandRoom(for count: Int) {
    let needed = count * bytes + rest
    if let limit, let used = addressSpace(), used + needed > limit {
      FloatStorage.endForLackOfMemory(needed)
    }
  }

  /// The most bytes of address space that this process may use, where that is limited.
  private static let limit = ProcessLimit.addressSpace.current
  private static var isLimited: Bool { limit != nil }

  /// The bytes of address space in use, where the system tells. To try for them instead would be in the way of a
  /// thread that takes its buffer just then: refused once, OpenBLAS takes yet other memory.
  private static func addressSpace() -> Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, CInt(line.count), file) != nil else { return nil }
    return strtol(line, nil, 10) * sysconf(CInt(_SC_PAGESIZE))
  }

  private static let end = Processor.symbol(
    "blas_thread_shutdown_", as: (@convention(c) () -> CInt).self)
  private static let take = Processor.symbol(
    "blas_memory_alloc", as: (@convention(c) (CInt) -> UnsafeMutableRawPointer?).self)
  private static let giveBack = Processor.symbol(
    "blas_memory_free", as: (@convention(c) (UnsafeMutableRawPointer) -> Void).self)
}
