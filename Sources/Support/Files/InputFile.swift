import Foundation

/// A regular file that is open for reading at any offset; it is closed when the last reference to
/// it goes.
///
/// It stays the same file even when another one gets its name.
package final class InputFile: Sendable {
  package let url: URL
  /// Bytes in the file when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// - Throws: `FileError` where it is missing, not a regular file, not readable, or a pointer of
  ///   Git LFS.
  package init(_ url: URL) throws {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { throw FileError(url, "is missing; check the path") }
      throw FileError.system(url, "open", code: code)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw FileError(
        url, isFolder ? "is a folder; name a file" : "is not a regular file; check the path")
    }
    self.url = url
    self.descriptor = descriptor
    size = Int(status.st_size)
    guard try !isPointer() else {
      throw FileError(
        url, "is a pointer of Git LFS, not the file itself; fetch it with: git lfs pull")
    }
  }

  /// Whether this is the short text that a clone without Git LFS has in place of a large file.
  private func isPointer() throws -> Bool {
    let mark = Array("version https://git-lfs.github.com/spec/".utf8)
    guard (mark.count..<1024).contains(size) else { return false }
    return try bytes(count: mark.count, at: 0) == mark
  }

  deinit { close(descriptor) }

  /// Fills `destination` with the bytes from `offset` on.
  ///
  /// - Throws: `FileError` if the file ends too early or cannot be read.
  package func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var filled = 0
    while filled < destination.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        throw FileError.system(url, "read", code: code)
      }
      if count == 0 {
        throw FileError(url, "became shorter while it was read; read it again")
      }
      filled += count
    }
  }

  /// `count` bytes from `offset` on.
  ///
  /// - Precondition: the file has that many; the caller has checked `size`.
  /// - Throws: `FileError`.
  package func bytes(count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) }
    return bytes
  }

  /// The whole file.
  ///
  /// - Parameter limit: the most bytes that the file may have.
  /// - Throws: `FileError` if it is longer or cannot be read.
  package static func contents(of url: URL, limit: Int) throws -> [UInt8] {
    let file = try InputFile(url)
    guard file.size <= limit else {
      throw FileError(
        url, "has \(file.size) bytes; at most \(limit) are read; is it the right file?")
    }
    return try file.bytes(count: file.size, at: 0)
  }
}
