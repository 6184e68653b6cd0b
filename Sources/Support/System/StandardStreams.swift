import Foundation

/// Standard output and standard error. A full disk or a closed pipe is an error, not a crash.
package enum StandardStreams {
  /// Makes a write beyond the limit of a file's size (`ulimit -f`) an error, like a full disk; by
  /// default the system ends the process. Call it before anything else.
  package static func prepare() { signal(SIGXFSZ, SIG_IGN) }

  /// Writes a line of results to standard output.
  ///
  /// - Throws: `FileError` with the system's reason.
  package static func printResult(_ text: String) throws { try writeResult(text + "\n") }

  /// Writes text to standard output as it is.
  ///
  /// - Throws: `FileError` with the system's reason.
  package static func writeResult(_ text: String) throws {
    guard write(text, to: STDOUT_FILENO) else {
      throw FileError.system(URL(fileURLWithPath: "/dev/stdout"), "write")
    }
  }

  /// Writes to standard error. A failure is ignored, since there is nowhere left to report it.
  package static func report(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
