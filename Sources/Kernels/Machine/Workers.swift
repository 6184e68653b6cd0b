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
  let meter = ProcessorTime.Meter()
  DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
    Processor.flushDenormals()
    meter.run { results[worker] = Swift.Result { try body(worker) } }
  }
  meter.end()
  func value(_ result: Swift.Result<Result, any Error>?) throws -> Result {
    guard let result else { preconditionFailure("a worker did not run") }
    return try result.get()
  }
  return try slots.map(value)
}

/// Prepares for `count` threads that multiply matrices at the same time, as `divide` needs where
/// memory is limited.
///
/// Where there is no room for them, the process ends with a message.
public func reserveThreads(_ count: Int) { MatrixBuffers.reserve(count) }

/// Divides `count` items into one range for each of several threads, and runs `body` on each range
/// at the same time.
///
/// It is for parts of one pass, which begin and end many times: nothing is returned or thrown. With
/// one thread it is a call of `body`.
///
/// - Parameters:
///   - unit: ranges begin at multiples of this.
///   - body: takes the number of a thread, and its range, which is never empty.
public func divide(
  _ count: Int, among threadCount: Int, unit: Int = 1,
  _ body: (_ thread: Int, _ range: Range<Int>) -> Void
) {
  let units = (count + unit - 1) / unit
  let threads = min(threadCount, units)
  guard threads > 1 else {
    if count > 0 { body(0, 0..<count) }
    return
  }
  withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body
    let meter = ProcessorTime.Meter()
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      Processor.flushDenormals()
      let own = share(of: units, worker: thread, workerCount: threads)
      meter.run { body(thread, own.lowerBound * unit..<min(count, own.upperBound * unit)) }
    }
    meter.end()
  }
}

/// The part of `count` items that one of `workerCount` workers takes.
public func share(of count: Int, worker: Int, workerCount: Int) -> Range<Int> {
  count * worker / workerCount..<count * (worker + 1) / workerCount
}
