import CPlatform
import Foundation

/// Writes files and folders so that a reader sees either the old one or the whole new one.
///
/// The new one is written under a temporary name in the same folder, synced, and renamed; then the
/// folder is synced. A symbolic link is followed: its target is replaced. Temporary names begin
/// with a dot and end in `.tmp`; a process that is killed may leave one behind, which can be
/// deleted.
public enum AtomicFile {
  /// Writes a file into a folder that exists; an old file of that name is replaced.
  ///
  /// - Throws: `FileError` with the system's reason. The old file is then still in place, and no
  ///   temporary file is left.
  public static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { try $0.write(data) }
  }

  /// Writes a file whose bytes `body` writes piece by piece.
  ///
  /// - Throws: what `body` throws, or `FileError`. The old file is then still in place.
  package static func write(to url: URL, _ body: (OutputFile) throws -> Void) throws {
    let target = url.resolvingSymlinksInPath()
    switch kind(of: target) {
    case nil, S_IFREG: break
    case S_IFDIR: throw FileError(url, "is a folder; name a file to write")
    default: throw FileError(url, "is not a regular file and is not overwritten")
    }
    let temporary = temporaryURL(beside: target)
    let file = try OutputFile(creating: temporary.path, for: url)
    do {
      try body(file)
      try file.synchronize()
      guard rename(temporary.path, target.path) == 0 else {
        throw FileError.system(url, "write")
      }
    } catch {
      unlink(temporary.path)
      throw error
    }
    try synchronizeFolder(target.deletingLastPathComponent())
  }

  /// Writes a whole folder: `body` fills a temporary folder beside it, whose files are synced
  /// before it is renamed. Missing parent folders are created.
  ///
  /// - Parameter replacing: whether an existing folder is replaced, with everything in it. Old and
  ///   new change places in one step, and the old one is then removed. The few file systems that
  ///   cannot do this need two renames; a crash between them leaves both folders under temporary
  ///   names.
  /// - Throws: what `body` throws, or `FileError`. An old folder is then still in place, and no
  ///   temporary folder is left.
  public static func writeFolder(
    at url: URL, replacing: Bool = false, _ body: (URL) throws -> Void
  ) throws {
    let target = url.resolvingSymlinksInPath()
    let old = kind(of: target)
    guard old == nil || old == S_IFDIR else {
      throw FileError(url, "is a file, not a folder; choose another name")
    }
    guard old == nil || replacing else {
      throw FileError(url, "exists already; choose another name or remove it first")
    }
    let parent = target.deletingLastPathComponent()
    try createFolder(parent)
    let temporary = temporaryURL(beside: target)
    guard mkdir(temporary.path, 0o777) == 0 else { throw FileError.system(url, "write") }
    do {
      try body(temporary)
      try synchronizeContents(temporary)
      if old == nil {
        try move(temporary, to: target)
      } else {
        try replace(target, by: temporary)
      }
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
    defer { if old != nil { try? FileManager.default.removeItem(at: temporary) } }
    try synchronizeFolder(parent)
  }

  /// Checks, before long work, that a file or folder can be written at `url`.
  ///
  /// A folder is created in the nearest parent that exists, and removed again. Permissions alone
  /// are not enough to know: root has them all, and some file systems are read-only for everyone.
  ///
  /// - Throws: `FileError` with the system's reason.
  public static func checkWritable(_ url: URL) throws {
    var folder = url.resolvingSymlinksInPath().deletingLastPathComponent()
    while kind(of: folder) == nil, folder.path != "/", !folder.path.isEmpty {
      folder.deleteLastPathComponent()
    }
    guard kind(of: folder.resolvingSymlinksInPath()) == S_IFDIR else {
      throw FileError.system(url, "write", code: ENOTDIR)
    }
    let trial = temporaryURL(beside: folder.appendingPathComponent("recto"))
    guard mkdir(trial.path, 0o700) == 0 else { throw FileError.system(url, "write") }
    rmdir(trial.path)
  }

  /// Removes a folder with everything in it. It is renamed first, so that no part of it is ever
  /// left under its name.
  ///
  /// - Throws: `FileError` with the system's reason.
  package static func removeFolder(_ url: URL) throws {
    let temporary = temporaryURL(beside: url)
    guard rename(url.path, temporary.path) == 0 else { throw FileError.system(url, "remove") }
    try? FileManager.default.removeItem(at: temporary)
  }

  /// Removes what killed processes left half written in a folder.
  ///
  /// - Precondition: no other process is writing there.
  package static func removeTemporaries(in folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where isTemporary(name) {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
  }

  /// The file type (`S_IFREG`, `S_IFDIR`, …) of what is at `url`; nil if nothing is. Links are not
  /// followed.
  package static func kind(of url: URL) -> mode_t? {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return nil }
    return status.st_mode & S_IFMT
  }

  private static func temporaryURL(beside target: URL) -> URL {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let name = target.lastPathComponent.prefix(40)
    return target.deletingLastPathComponent().appendingPathComponent(".\(name).\(random).tmp")
  }

  /// Whether a name is one that `temporaryURL` makes.
  package static func isTemporary(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 4 && parts[0].isEmpty && parts[parts.count - 1] == "tmp"
      && UInt64(parts[parts.count - 2], radix: 36) != nil
  }

  /// Creates a folder and its parents, unless they exist.
  ///
  /// - Throws: `FileError` with the system's reason.
  package static func createFolder(_ url: URL) throws {
    if mkdir(url.path, 0o777) == 0 { return }
    let code = errno
    if code == EEXIST || code == EISDIR {
      guard kind(of: url.resolvingSymlinksInPath()) == S_IFDIR else {
        throw FileError.system(url, "create", code: ENOTDIR)
      }
      return
    }
    let parent = url.deletingLastPathComponent()
    guard code == ENOENT, parent.path.count < url.path.count else {
      throw FileError.system(url, "create", code: code)
    }
    try createFolder(parent)
    guard mkdir(url.path, 0o777) == 0 || errno == EEXIST else {
      throw FileError.system(url, "create")
    }
  }

  private static func move(_ source: URL, to target: URL) throws {
    guard rename(source.path, target.path) == 0 else {
      throw FileError.system(target, "write")
    }
  }

  /// Exchanges the folder `target` with the one at `temporary`.
  package static func replace(_ target: URL, by temporary: URL) throws {
    if platform_exchange(temporary.path, target.path) == 0 { return }
    guard [EINVAL, ENOSYS, ENOTSUP].contains(errno) else {
      throw FileError.system(target, "write")
    }
    try replaceByRenaming(target, by: temporary)
  }

  /// The same in two renames.
  package static func replaceByRenaming(_ target: URL, by temporary: URL) throws {
    let retired = temporaryURL(beside: target)
    try move(target, to: retired)
    do {
      try move(temporary, to: target)
    } catch {
      rename(retired.path, target.path)
      throw error
    }
    rename(retired.path, temporary.path)
  }

  /// Syncs a folder and every file and folder in it.
  private static func synchronizeContents(_ url: URL) throws {
    let names: [String]
    do {
      names = try FileManager.default.subpathsOfDirectory(atPath: url.path)
    } catch {
      throw FileError(url, "cannot be listed: \(error)")
    }
    for name in names {
      let file = url.appendingPathComponent(name)
      switch kind(of: file) {
      case S_IFREG: try OutputFile(opening: file).synchronize()
      case S_IFDIR: try synchronizeFolder(file)
      default: break
      }
    }
    try synchronizeFolder(url)
  }

  private static func synchronizeFolder(_ url: URL) throws {
    let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.system(url, "sync") }
    defer { close(descriptor) }
    // Some file systems cannot sync a folder and answer EINVAL; there is nothing more to do then.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FileError.system(url, "sync")
    }
  }
}
