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

  @Test(arguments: [0, 1, 5, 16, 17], [1, 2, 3, 7])
  func `shares cover everything once`(count: Int, workerCount: Int) {
    let shares = (0..<workerCount).map { share(of: count, worker: $0, workerCount: workerCount) }
    #expect(shares.flatMap(Array.init) == Array(0..<count))
    #expect(shares.allSatisfy { abs($0.count - count / workerCount) <= 1 })
  }
}
