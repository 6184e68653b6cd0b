import Foundation
import Support

/// Files and folders of documents, and what was read of each.
public struct DocumentFolder: Sendable {
  public struct File: Sendable {
    public let url: URL
    public let documents: [UserDocument]
  }

  /// In the order in which they were named; those of a folder in the order of their paths.
  public private(set) var files: [File] = []
  /// Files of folders that are in no form that is read.
  public private(set) var skipped: [URL] = []

  /// Files that one folder may hold.
  private static let maxFiles = 100_000

  /// Reads files, and all files in folders and the folders in them, but for hidden ones.
  ///
  /// - Throws: `LineError` naming the file and the line, or a folder in which nothing can be read.
  public init(_ urls: [URL]) throws {
    for url in urls {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
        isFolder.boolValue
      else {
        files.append(File(url: url, documents: try DocumentFile.read(url)))
        continue
      }
      let count = files.count
      for file in try Self.files(in: url) {
        guard DocumentFile.extensions.contains(file.pathExtension.lowercased()) else {
          skipped.append(file)
          continue
        }
        files.append(File(url: file, documents: try DocumentFile.read(file)))
      }
      guard files.count > count else {
        throw LineError(
          url,
          "holds no file that can be read; there are "
            + DocumentFile.extensions.sorted().map { "." + $0 }.joined(separator: ", "))
      }
    }
  }

  public var documents: [UserDocument] { files.flatMap(\.documents) }

  private static func files(in folder: URL) throws -> [URL] {
    guard
      let all = FileManager.default.enumerator(
        at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: .skipsHiddenFiles)
    else { throw LineError(folder, "is not a folder that can be listed; choose another name") }
    var files: [URL] = []
    for case let file as URL in all {
      let isFile = try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
      guard isFile == true else { continue }
      files.append(file)
      guard files.count <= maxFiles else {
        throw LineError(folder, "holds more than \(maxFiles) files; name a smaller folder")
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  /// What was read of each file, a line for each; of many files the first ones.
  public var report: [String] {
    let shown = 12
    func read(_ name: String, _ documents: [UserDocument]) -> String {
      "\(name): \(documents.count) document\(documents.count == 1 ? "" : "s")"
        + UserRecord.note(onUnread: documents.lazy.flatMap(\.unread))
    }
    var lines = files.prefix(shown).map { read($0.url.relativePath, $0.documents) }
    if files.count > shown {
      let rest = files.dropFirst(shown)
      lines.append(
        read(
          "\(rest.count) more file\(rest.count == 1 ? "" : "s")", rest.flatMap(\.documents)))
    }
    if let first = skipped.first {
      lines.append(
        "\(skipped.count) file\(skipped.count == 1 ? " is" : "s are") in no form that is read, such "
          + "as \(first.lastPathComponent)")
    }
    return lines
  }
}
