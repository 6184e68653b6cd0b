import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that is open for writing; it is closed with its last reference.
final class OutputFile {
  /// The file that errors name.
  private let url: URL
  private let descriptor: Int32

  /// Creates a file that must not exist yet; errors speak of `url`, the name it will have at last.
  init(creating path: String, for url: URL) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    self.url = url
    guard descriptor >= 0 else { throw CheckpointError.system(url, "write") }
  }

  /// Opens a file or device that exists.
  init(opening url: URL) throws {
    descriptor = open(url.path, O_WRONLY | O_CLOEXEC)
    self.url = url
    guard descriptor >= 0 else { throw CheckpointError.system(url, "write") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Throws: `CheckpointError` with the system's reason, such as a full disk.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      // The system call takes at most 2 GiB at once; it says how much it took.
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      #else
        let count = Darwin.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      #endif
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        throw CheckpointError.system(url, "write", code: code)
      }
      written += count
    }
  }

  func write(_ data: Data) throws { try data.withUnsafeBytes { try write($0) } }

  /// Waits until the bytes are on the disk.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw CheckpointError.system(url, "write") }
  }
}
