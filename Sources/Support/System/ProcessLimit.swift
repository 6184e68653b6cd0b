import Foundation

/// What the system limits of a process.
public enum ProcessLimit {
  /// Files that may be open at a time.
  case openFiles
  /// Bytes of address space (`ulimit -v`).
  case addressSpace

  /// The limit of this process; nil where there is none.
  public var current: Int? {
    var limit = rlimit()
    let resource =
      switch self {
      case .openFiles: RLIMIT_NOFILE
      case .addressSpace: RLIMIT_AS
      }
    #if os(Linux)
      let status = getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    #else
      let status = getrlimit(resource, &limit)
    #endif
    // No limit is the largest number there is, and no `Int`.
    return status == 0 ? Int(exactly: limit.rlim_cur) : nil
  }
}
