import Foundation

/// A file that is open for writing; it is closed when the last reference to it goes.
package final class OutputFile {
  /// The file as errors name it.
  private let url: URL
  private let descriptor: Int32

  /// Creates the file `path`, which must not exist yet.
  ///
  /// - Parameter url: the name that the file will have in the end; errors name it.
  /// - Throws: `FileError` with the system's reason, as do the other initialisers.
  package init(creating path: String, for url: URL) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    self.url = url
    guard descriptor >= 0 else { throw FileError.system(url, "write") }
  }

  /// Opens a file or device that exists.
  package init(opening url: URL) throws {
    descriptor = open(url.path, O_WRONLY | O_CLOEXEC)
    self.url = url
    guard descriptor >= 0 else { throw FileError.system(url, "write") }
  }

  /// Opens a file to write at its end, and creates it if it does not exist.
  package init(appendingTo url: URL) throws {
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    self.url = url
    guard descriptor >= 0 else { throw FileError.system(url, "write") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes all of `bytes`.
  ///
  /// - Throws: `FileError` with the system's reason, such as a full disk.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      // One call takes at most 2 GiB; it returns how much it took.
      let count = Foundation.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        throw FileError.system(url, "write", code: code)
      }
      written += count
    }
  }

  package func write(_ data: Data) throws { try data.withUnsafeBytes { try write($0) } }

  /// Waits until the bytes are on the disk.
  ///
  /// - Throws: `FileError` with the system's reason.
  package func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw FileError.system(url, "write") }
  }
}
