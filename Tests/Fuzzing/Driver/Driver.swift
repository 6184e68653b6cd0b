import FuzzedReaders

/// libFuzzer's own main function, for those who bring theirs (`FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

nonisolated(unsafe) private var chosen: FuzzedReader?

/// Lets libFuzzer try one reader.
public func fuzz(
  _ reader: FuzzedReader, _ count: CInt,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  chosen = reader
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments) { start, count in
    chosen?.take(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
  }
}
