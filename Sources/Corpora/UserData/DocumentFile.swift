import Foundation
import Support

/// A document of the user.
public struct UserDocument: Hashable, Sendable {
  /// The text before the completion; empty for a document that is one text.
  public var prompt: String
  /// The text of the document, or what follows the prompt.
  public var completion: String

  public init(prompt: String = "", completion: String) {
    self.prompt = prompt
    self.completion = completion
  }

  /// Prompt and completion as they are, with nothing between them.
  public var text: String { prompt + completion }
}

/// Files of documents: JSON lines, each `{"text": …}` or `{"prompt": …, "completion": …}`.
///
/// Other keys are ignored. The files of the reversal curse (Berglund et al. 2023,
/// arXiv 2309.12288) load as they are.
public enum DocumentFile {
  private struct Line: Decodable {
    let text, prompt, completion: String?

    func document() throws -> UserDocument {
      let document: UserDocument
      switch (text, prompt, completion) {
      case (let text?, nil, nil): document = UserDocument(completion: text)
      case (nil, let prompt?, let completion?):
        document = UserDocument(prompt: prompt, completion: completion)
      case (_?, _, _):
        throw LineProblem(
          "has \"text\" together with \"prompt\" or \"completion\"; give only one of the two forms")
      case (nil, _?, nil): throw LineProblem("has a \"prompt\" but no \"completion\"; add it")
      case (nil, nil, _?): throw LineProblem("has a \"completion\" but no \"prompt\"; add it")
      case (nil, nil, nil):
        throw LineProblem(
          "has neither a \"text\" nor a \"prompt\" and a \"completion\"; give one of the two forms")
      }
      guard !document.completion.isEmpty else {
        throw LineProblem(
          "has an empty \"\(text == nil ? "completion" : "text")\", so there is nothing to learn; "
            + "remove the line")
      }
      return document
    }
  }

  /// The documents in the order of the file.
  ///
  /// - Throws: `LineError` with the file and the line; also if the file has no document.
  public static func read(_ url: URL) throws -> [UserDocument] {
    let documents = try JSONLines.read(url, as: Line.self) { try $0.document() }
    guard !documents.isEmpty else {
      throw LineError(
        url,
        "has no documents; each line must be {\"text\": …} or {\"prompt\": …, \"completion\": …}")
    }
    return documents
  }
}
