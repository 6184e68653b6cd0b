import Foundation

/// The user's files of documents and questions, as they were read.
public struct UserFiles: Sendable {
  /// The paths of the files and folders, as they were named.
  public let documentPaths, questionPaths: [String]
  public let documents: [UserDocument]
  public let questions: [UserQuestion]
  /// What was read of each file, a line for each.
  public let report: [String]

  /// A file of questions and the split of those that name none.
  public struct QuestionSource: Sendable {
    public var url: URL
    public var split: Split?

    public init(_ url: URL, split: Split? = nil) {
      self.url = url
      self.split = split
    }
  }

  /// - Throws: `LineError` naming file and line.
  public init(documents: [URL], questions sources: [QuestionSource]) throws {
    let folder = try DocumentFolder(documents)
    let asked = try sources.map { try QuestionFile.read($0.url, split: $0.split) }
    self.documents = folder.documents
    questions = asked.flatMap { $0 }
    documentPaths = documents.map(\.relativePath)
    questionPaths = sources.map(\.url.relativePath)
    report =
      folder.report
      + zip(questionPaths, asked).map { path, questions in
        "\(path): \(questions.count) question\(questions.count == 1 ? "" : "s")"
          + UserRecord.note(onUnread: questions.lazy.flatMap(\.unread))
      }
  }
}
