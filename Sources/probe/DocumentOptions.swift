import ArgumentParser
import Foundation

/// The option that names the user's own documents.
struct DocumentOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of your own documents, or folders of them: .md, .txt, .csv, .tsv, .json, .jsonl.",
      valueName: "file"), completion: .file())
  var documents: [String] = []

  var isEmpty: Bool { documents.isEmpty }
  var urls: [URL] { documents.map { URL(fileURLWithPath: $0) } }
}
