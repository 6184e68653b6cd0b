import Driver
import FuzzedReaders

/// The name that the package manager gives an executable's main function.
@_cdecl("fuzz_gguf_main")
public func main(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  fuzz(.gguf, count, arguments)
}
