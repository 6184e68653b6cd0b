import Foundation

/// A file or folder that cannot be read or written: which one, what is wrong and, where it is known,
/// the mend.
public struct FileError: Error, CustomStringConvertible, Equatable {
  /// The file or folder.
  public let path: String
  public let problem: String
  /// The system's number for it, where the system said so.
  private let code: Int32?

  public init(_ url: URL, _ problem: String) { self.init(url, problem, code: nil) }

  private init(_ url: URL, _ problem: String, code: Int32?) {
    path = url.path
    self.problem = problem
    self.code = code
  }

  public var description: String { "\(path): \(problem)" }

  /// An error of the operating system, with its text and what to do about it.
  package static func system(_ url: URL, _ action: String, code: Int32 = errno) -> FileError {
    let mend: String
    switch code {
    case ENOSPC, EDQUOT, EFBIG: mend = "; free some space or choose another folder"
    case EACCES, EPERM, EROFS: mend = "; check the permissions or choose another folder"
    case EMFILE, ENFILE: mend = "; raise the limit (ulimit -n)"
    case ENOENT, ENOTDIR: mend = "; check the path"
    default: mend = ""
    }
    return FileError(url, "cannot \(action): \(String(cString: strerror(code)))\(mend)", code: code)
  }

  /// Whether it says nothing of what lies there: this process may not open it, has too much open, or waited for it in
  /// vain.
  package var isOfThisProcess: Bool {
    let codes = [
      EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR, ETIMEDOUT, ESTALE,
    ]
    return code.map(codes.contains) ?? false
  }

  /// Runs `body` and makes errors that do not say which file they are about say so.
  ///
  /// - Throws: `FileError`.
  public static func naming<Result>(_ url: URL, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(url, "\(error)")
    }
  }
}

/// A name from a file as it may be printed: quoted, control characters escaped, not too long.
package func quoted(_ name: String) -> String {
  let limit = 100
  return name.count > limit
    ? String(name.prefix(limit)).debugDescription + "…" : name.debugDescription
}
