import Foundation
import Support

/// A file of documents: a text, a table, or records of JSON.
public enum DocumentFile {
  /// What a file is, by its extension; any other name is read as lines of JSON.
  private enum Kind {
    case markdown, text, table, json

    init(_ url: URL) {
      switch url.pathExtension.lowercased() {
      case "md", "markdown": self = .markdown
      case "txt", "text": self = .text
      case "csv", "tsv": self = .table
      default: self = .json
      }
    }
  }

  /// Extensions of the files that are read of a folder.
  static let extensions: Set = [
    "md", "markdown", "txt", "text", "csv", "tsv", "jsonl", "ndjson", "json",
  ]

  /// The documents in the order of the file.
  ///
  /// - Throws: `LineError` with the file and the line; also if the file has no document.
  public static func read(_ url: URL) throws -> [UserDocument] {
    let documents: [UserDocument]
    switch Kind(url) {
    case .markdown:
      documents = try sections(of: url, hasHeadings: true)
    case .text: documents = try sections(of: url, hasHeadings: false)
    case .table: documents = try DocumentTable.read(text(of: url), url)
    case .json: documents = try records(of: url)
    }
    guard !documents.isEmpty else {
      throw LineError(url, "has no documents; a record needs \(DocumentRecord.forms)")
    }
    return documents
  }

  private static func sections(of url: URL, hasHeadings: Bool) throws -> [UserDocument] {
    let documents = TextSections.documents(of: try text(of: url), hasHeadings: hasHeadings)
    guard !documents.isEmpty else { throw LineError(url, "is empty; remove it or fill it in") }
    return documents.map { UserDocument(completion: $0) }
  }

  private static func text(of url: URL) throws -> String {
    var bytes: [UInt8]
    do {
      bytes = try InputFile.contents(of: url, limit: JSONLines.maxFileSize)
    } catch let error as FileError {
      throw LineError(url, error.problem)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw LineError(url, "is not UTF-8; save the file in that encoding")
    }
    guard !text.unicodeScalars.contains("\0") else {
      throw LineError(url, "holds the byte 0, so it is no text; name another file")
    }
    return text
  }

  /// Lines of JSON, or one array of it.
  private static func records(of url: URL) throws -> [UserDocument] {
    try JSONLines.read(url, record)
  }

  /// The document of a record; a string is one with a text alone.
  private static func record(_ value: JSONValue) throws -> UserDocument {
    switch value {
    case .string: try DocumentRecord([("text", value)]).document()
    case .object(let members): try DocumentRecord(members).document()
    default: throw LineProblem("is neither a JSON object nor a string; correct it")
    }
  }
}
