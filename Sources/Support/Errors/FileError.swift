import Foundation

/// A file or folder that cannot be read or written: which one, what is wrong and, where it is
/// known, how to fix it.
public struct FileError: Error, CustomStringConvertible, Equatable {
  /// The file or folder.
  public let path: String
  /// What is wrong with it, without its path.
  public let problem: String
  /// The system's error number, where the error came from the system.
  private let code: Int32?

  public init(_ url: URL, _ problem: String) { self.init(url, problem, code: nil) }

  private init(_ url: URL, _ problem: String, code: Int32?) {
    path = url.path
    self.problem = problem
    self.code = code
  }

  public var description: String { "\(path): \(problem)" }

  /// An error of the operating system: its own text, and how to fix it where that is known.
  ///
  /// - Parameters:
  ///   - action: what could not be done, as a verb: "write".
  ///   - code: the system's error number.
  package static func system(_ url: URL, _ action: String, code: Int32 = errno) -> FileError {
    let hint: String
    switch code {
    case ENOSPC, EDQUOT, EFBIG: hint = "; free some space or choose another folder"
    case EACCES, EPERM, EROFS: hint = "; check the permissions or choose another folder"
    case EMFILE, ENFILE: hint = "; raise the limit (ulimit -n)"
    case ENOENT, ENOTDIR: hint = "; check the path"
    default: hint = ""
    }
    return FileError(url, "cannot \(action): \(String(cString: strerror(code)))\(hint)", code: code)
  }

  /// Whether the file itself may be whole: this process lacks a permission or memory, has too many
  /// files open, or the file system did not answer in time.
  package var isOfThisProcess: Bool {
    let codes = [
      EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR, ETIMEDOUT, ESTALE,
    ]
    return code.map(codes.contains) ?? false
  }

  /// Runs `body`; an error that does not name its file becomes a `FileError` that does.
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

/// A name from a file, made safe to print: in quotation marks, control characters escaped, at most
/// 100 characters.
package func quoted(_ name: String) -> String {
  let limit = 100
  return name.count > limit
    ? String(name.prefix(limit)).debugDescription + "…" : name.debugDescription
}
