import Foundation

/// A limit that the system sets for a process.
public enum ProcessLimit {
  /// How many files may be open at once.
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
    // "No limit" is a number that is too large for an `Int`.
    return status == 0 ? Int(exactly: limit.rlim_cur) : nil
  }
}
