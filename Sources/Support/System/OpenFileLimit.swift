/// The error that the system lets this process open too few files for a run.
public struct OpenFileLimit: Error, CustomStringConvertible {
  /// Files that a run may need at once: its lock, its output, and those that the system's libraries
  /// open for signals and threads. Those crash without a message when they get none.
  private static let needed = 16

  public let description: String

  /// - Throws: `OpenFileLimit`, which says how to raise the limit, where it is too low for a run.
  public static func check() throws {
    guard let limit = ProcessLimit.openFiles.current, limit < needed else { return }
    throw OpenFileLimit(
      description: "Too many open files: the limit is \(limit), and a run needs "
        + "\(needed); raise it with: ulimit -n 1024")
  }
}
