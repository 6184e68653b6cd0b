import Foundation

/// The file `SHA256SUMS` of a folder: one line for each file, in the form of the command
/// `sha256sum`.
package enum Checksums {
  package static let name = "SHA256SUMS"
  /// The most bytes that are read of `SHA256SUMS`.
  private static let maxSize = 1 << 20

  /// Writes the sums of all files below a folder.
  ///
  /// - Throws: `FileError`.
  package static func write(in folder: URL) throws {
    let names: [String]
    do {
      names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    } catch {
      throw FileError(folder, "cannot be listed; check the permissions")
    }
    var text = ""
    for name in names where name != Self.name {
      let file = folder.appendingPathComponent(name)
      guard AtomicFile.kind(of: file) == S_IFREG else { continue }
      text += "\(try digest(of: file))  \(name)\n"
    }
    try AtomicFile.write(Data(text.utf8), to: folder.appendingPathComponent(Self.name))
  }

  /// Checks that the files of a folder are the ones that were written.
  ///
  /// - Parameter required: names of files that the list must contain.
  /// - Throws: `FileError` naming the file that is missing or damaged.
  package static func check(_ folder: URL, required: [String]) throws {
    let list = folder.appendingPathComponent(Self.name)
    let text = String(decoding: try InputFile.contents(of: list, limit: maxSize), as: UTF8.self)
    var listed: Set<String> = []
    for line in text.split(separator: "\n") {
      let digest = line.prefix(64)
      let name = String(line.dropFirst(66))
      guard digest.utf8.count == 64, line.dropFirst(64).hasPrefix("  "), isInside(name) else {
        throw FileError(list, "is damaged: \(quoted(String(line))) is not a checksum and a name")
      }
      listed.insert(name)
      let file = folder.appendingPathComponent(name)
      guard try self.digest(of: file) == digest else {
        throw FileError(file, "is damaged: its bytes are not the ones that were written")
      }
    }
    if let name = required.first(where: { !listed.contains($0) }) {
      throw FileError(
        folder.appendingPathComponent(name), "is missing from \(Self.name); the folder is damaged")
    }
  }

  /// Whether a relative path stays in its folder.
  private static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.contains("\0")
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".."
      }
  }

  private static func digest(of url: URL) throws -> String {
    let file = try InputFile(url)
    var hash = SHA256()
    for start in stride(from: 0, to: file.size, by: 1 << 20) {
      hash.update(try file.bytes(count: min(1 << 20, file.size - start), at: start))
    }
    return hash.finish()
  }
}
