import Foundation

/// The right to write to the folder of a run or a study; one process has it at a time.
///
/// The file `lock` in the folder holds the process's number for people to read. What counts is the
/// system's lock on that file (`flock`), which ends with its process, even after a crash. So a file
/// that is left behind locks nobody out.
package final class RunLock: Sendable {
  package static let name = "lock"
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of a folder.
  ///
  /// - Throws: `FileError` naming the process that has the lock, or with the system's reason.
  package init(_ folder: URL) throws {
    let file = folder.appendingPathComponent(Self.name)
    path = file.path
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { throw FileError.system(file, "write") }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || Self.isUnknown(errno) else {
        let code = errno
        defer { close(descriptor) }
        guard code == EWOULDBLOCK else { throw FileError.system(file, "lock", code: code) }
        throw FileError(
          folder, "is in use by \(Self.holder(descriptor)); wait for it to end, or stop it")
      }
      // The process that had the lock before may have just removed this file: then try again.
      var (own, current) = (stat(), stat())
      if fstat(descriptor, &own) == 0, stat(path, &current) == 0, own.st_ino == current.st_ino {
        self.descriptor = descriptor
        break
      }
      close(descriptor)
    }
    ftruncate(descriptor, 0)
    let number = Array("\(getpid())\n".utf8)
    _ = pwrite(descriptor, number, number.count, 0)
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  /// Whether an error means that the file system has no such locks. Two processes can then write to
  /// one folder.
  private static func isUnknown(_ code: Int32) -> Bool {
    [ENOSYS, ENOLCK, ENOTSUP, EINVAL].contains(code)
  }

  /// The process whose number stands in the file.
  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
    return digits.isEmpty
      ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
  }
}
