import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file or folder that cannot be read or written: which one, what is wrong and, where it is known,
/// the mend.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
  /// The file or folder.
  public let path: String
  public let problem: String

  public init(_ url: URL, _ problem: String) {
    path = url.path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }

  /// An error of the operating system, with its text and what to do about it.
  static func system(_ url: URL, _ action: String, code: Int32 = errno) -> CheckpointError {
    let mend: String
    switch code {
    case ENOSPC, EDQUOT, EFBIG: mend = "; free some space or choose another folder"
    case EACCES, EPERM, EROFS: mend = "; check the permissions or choose another folder"
    case ENOENT, ENOTDIR: mend = "; check the path"
    default: mend = ""
    }
    return CheckpointError(url, "cannot \(action): \(String(cString: strerror(code)))\(mend)")
  }

  /// Runs `body` and makes errors that do not say which file they are about say so.
  ///
  /// - Throws: `CheckpointError`.
  public static func naming<Result>(_ url: URL, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(url, "\(error)")
    }
  }
}

/// A name from a file as it may be printed: quoted, control characters escaped, not too long.
func quoted(_ name: String) -> String {
  let limit = 100
  return name.count > limit
    ? String(name.prefix(limit)).debugDescription + "…" : name.debugDescription
}
