import Dispatch

/// Runs `body` once for each worker, at the same time, and returns the results in the workers'
/// order.
///
/// Each worker thread treats denormal numbers as zero.
///
/// - Throws: the error of the first worker, in their order, whose `body` threw.
public func concurrently<Result: Sendable>(
  workerCount: Int, _ body: @Sendable (_ worker: Int) throws -> Result
) rethrows -> [Result] {
  MatrixBuffers.reserve(workerCount)
  let slots = UnsafeMutableBufferPointer<Swift.Result<Result, any Error>?>.allocate(
    capacity: workerCount)
  slots.initialize(repeating: nil)
  defer {
    slots.deinitialize()
    slots.deallocate()
  }
  nonisolated(unsafe) let results = slots
  DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
    Processor.flushDenormals()
    results[worker] = Swift.Result { try body(worker) }
  }
  func value(_ result: Swift.Result<Result, any Error>?) throws -> Result {
    guard let result else { preconditionFailure("a worker did not run") }
    return try result.get()
  }
  return try slots.map(value)
}

/// The part of `count` items that one of `workerCount` workers takes.
public func share(of count: Int, worker: Int, workerCount: Int) -> Range<Int> {
  count * worker / workerCount..<count * (worker + 1) / workerCount
}
