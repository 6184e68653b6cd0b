import FuzzedReaders

/// libFuzzer's own main function, for those who bring theirs (`FuzzerInterface.h`). The package
/// manager gives an executable a main function of its own name, so that libFuzzer's is not the one
/// that runs.
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
  return runDriver(&count, &arguments) { start, count in tryInput(start, count) }
}

/// Under this name libFuzzer looks for it when it is linked.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  chosen?.take(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
