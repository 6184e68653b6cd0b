import Synchronization
import Testing

@testable import Kernels

struct WorkersTests {
  private struct Failure: Error, Equatable {
    let worker: Int
  }

  @Test(arguments: [0, 1, 2, 7]) func `results come in order`(workerCount: Int) {
    let results = concurrently(workerCount: workerCount) { worker in
      // The first workers have more to do than the later ones.
      let work = (0..<(workerCount - worker) * 100_000).reduce(1) { $0 &* 31 ^ $1 }
      return work == 0 ? -1 : worker
    }
    #expect(results == Array(0..<workerCount))
  }

  @Test func `the first workers error is thrown`() {
    #expect(throws: Failure(worker: 1)) {
      try concurrently(workerCount: 4) { worker in
        if worker % 2 == 1 { throw Failure(worker: worker) }
        return worker
      }
    }
  }

  @Test func `workers treat denormals as zero`() {
    let halves = concurrently(workerCount: 3) { worker in
      Float.leastNormalMagnitude / Float(worker + 2)
    }
    #expect(halves == [0, 0, 0])
  }

  @Test(arguments: [0, 1, 5, 16, 17, 100], [1, 2, 3, 7])
  func `threads divide everything once, in whole units`(count: Int, threadCount: Int) {
    for unit in [1, 4, 32] {
      let ranges = Mutex<[Int: Range<Int>]>([:])
      divide(count, among: threadCount, unit: unit) { thread, range in
        ranges.withLock { $0[thread] = range }
      }
      let all = ranges.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
      #expect(all.flatMap(Array.init) == Array(0..<count))
      #expect(all.allSatisfy { !$0.isEmpty && $0.lowerBound % unit == 0 })
      #expect(all.count <= threadCount)
    }
  }

  /// The work of three threads is several times that of one, however many of them run at a time.
  @Test func `the processor time of other threads counts`() {
    @Sendable func work() -> Int { (0..<3_000_000).reduce(1) { $0 &* 31 ^ $1 } }
    func seconds(_ body: () -> Void) -> Double {
      let start = ProcessorTime.seconds
      body()
      return ProcessorTime.seconds - start
    }
    let sink = Atomic(0)
    let one = seconds { sink.store(work(), ordering: .relaxed) }
    let divided = seconds {
      divide(4, among: 4) { _, _ in sink.store(work(), ordering: .relaxed) }
    }
    let nested = seconds {
      _ = concurrently(workerCount: 2) { _ in
        divide(2, among: 2) { _, _ in sink.store(work(), ordering: .relaxed) }
      }
    }
    #expect(one > 0 && divided > 2 * one && nested > 2 * one)
  }

  @Test(arguments: [0, 1, 5, 16, 17], [1, 2, 3, 7])
  func `shares cover everything once`(count: Int, workerCount: Int) {
    let shares = (0..<workerCount).map { share(of: count, worker: $0, workerCount: workerCount) }
    #expect(shares.flatMap(Array.init) == Array(0..<count))
    #expect(shares.allSatisfy { abs($0.count - count / workerCount) <= 1 })
  }
}
