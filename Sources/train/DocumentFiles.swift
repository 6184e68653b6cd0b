import ArgumentParser
import Foundation

/// The option that names files of documents.
struct DocumentFiles: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of documents, or folders of them: .md, .txt, .csv, .tsv, .json, .jsonl.",
      valueName: "file"),
    completion: .file())
  var documents: [String] = []

  /// The files; not checked in `validate()`, which runs before the parser reports a misspelt
  /// option.
  ///
  /// - Throws: `ValidationError` where no file is named.
  func urls() throws -> [URL] {
    guard !documents.isEmpty else {
      throw ValidationError("--documents is missing: name one or more files or folders.")
    }
    return documents.map { URL(fileURLWithPath: $0) }
  }
}
