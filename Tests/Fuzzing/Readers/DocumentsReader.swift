import Corpora
import Foundation

extension FuzzedReader {
  /// A user's documents, JSON lines.
  public static let documents = FuzzedReader("documents") { bytes in
    let file = try emptyFolder("documents").appendingPathComponent("documents.jsonl")
    try Data(bytes).write(to: file)
    for document in try DocumentFile.read(file) {
      precondition(!document.completion.isEmpty)
    }
  }
}
