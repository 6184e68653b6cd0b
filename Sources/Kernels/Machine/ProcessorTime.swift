import Foundation
import Synchronization

/// The processor time of a piece of work: unlike time on the clock, it does not grow where other
/// programs use the machine.
public enum ProcessorTime {
  /// Seconds that the processor has spent on the calling thread, and on the threads among which it
  /// divided work with `divide` or `concurrently`. Differences tell what was spent between two
  /// calls.
  public static var seconds: Double { Double(nanoseconds) / 1e9 }

  static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec) + ofOthers
  }

  /// What other threads have spent on this thread's work, in nanoseconds. The value of a thread is
  /// stored in place of a pointer.
  private static var ofOthers: UInt64 {
    get { UInt64(UInt(bitPattern: pthread_getspecific(key))) }
    set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: UInt(newValue))) }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key, nil)
    precondition(status == 0, "no storage for a thread's time")
    return key
  }()

  /// Counts what other threads spend on the work of the thread that made it.
  struct Meter: ~Copyable {
    private let owner = pthread_self()
    private let spent = Atomic<UInt64>(0)

    /// Runs a part of the work, on any thread.
    borrowing func run(_ body: () -> Void) {
      if pthread_equal(pthread_self(), owner) != 0 { return body() }
      let start = ProcessorTime.nanoseconds
      body()
      spent.wrappingAdd(ProcessorTime.nanoseconds - start, ordering: .relaxed)
    }

    /// Adds what was counted to the time of the calling thread, which made it.
    consuming func end() {
      ProcessorTime.ofOthers += spent.load(ordering: .relaxed)
    }
  }
}
