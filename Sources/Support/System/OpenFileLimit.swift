/// The system's limit of files that a process may have open.
public struct OpenFileLimit: Error, CustomStringConvertible {
  /// Files that a run has open at most: its lock, what it writes, and what the system's libraries need
  /// for signals and threads, which trap instead of telling where they get none.
  private static let needed = 16

  public let description: String

  /// - Throws: an error that says how to raise the limit where it is too low for a run.
  public static func check() throws {
    guard let limit = ProcessLimit.openFiles.current, limit < needed else { return }
    throw OpenFileLimit(
      description: "Too many open files: the limit is \(limit), and a run needs "
        + "\(needed); raise it with: ulimit -n 1024")
  }
}
