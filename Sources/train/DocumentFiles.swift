import ArgumentParser
import Foundation

/// The option that names files of documents.
struct DocumentFiles: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files of documents.", valueName: "file"), completion: .file())
  var documents: [String] = []

  /// Not `validate()`, which comes before a misspelt option is told.
  ///
  /// - Throws: `ValidationError` where there are none.
  func urls() throws -> [URL] {
    guard !documents.isEmpty else {
      throw ValidationError("--documents is missing: name one or more files of JSON lines.")
    }
    return documents.map { URL(fileURLWithPath: $0) }
  }
}
