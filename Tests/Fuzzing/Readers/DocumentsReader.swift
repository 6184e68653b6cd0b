import Corpora
import Foundation

extension FuzzedReader {
  /// The same bytes as each kind of file of a user's documents, and as questions; and questions
  /// drafted of the documents.
  public static let documents = FuzzedReader("documents") { bytes in
    let folder = try emptyFolder("documents")
    for kind in ["jsonl", "md", "csv"] {
      attempt("documents.\(kind)") {
        let file = folder.appendingPathComponent("documents.\(kind)")
        try Data(bytes).write(to: file)
        let documents = try DocumentFile.read(file)
        precondition(documents.allSatisfy { !$0.completion.isEmpty })
        for question in QuestionDraft(documents).questions {
          precondition(question.choices.indices.contains(question.answer))
        }
      }
    }
    attempt("questions") {
      let questions = try QuestionFile.read(folder.appendingPathComponent("documents.jsonl"))
      for question in questions {
        precondition(question.choices?.contains(question.completion) ?? true)
      }
    }
  }
}
