import Foundation
import Support

/// A document of the user's own.
public struct UserDocument: Hashable, Sendable {
  /// What a completion follows; empty for a document that is one text.
  public var prompt: String
  /// The document, or what follows the prompt.
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
/// Other keys are passed over. The files of the reversal curse (Berglund et al. 2023,
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
        throw LineProblem("has \"text\" and \"prompt\" or \"completion\"; leave one out")
      case (nil, _?, nil): throw LineProblem("has \"prompt\" but no \"completion\"")
      case (nil, nil, _?): throw LineProblem("has \"completion\" but no \"prompt\"")
      case (nil, nil, nil):
        throw LineProblem("has neither \"text\" nor \"prompt\" and \"completion\"")
      }
      guard !document.completion.isEmpty else {
        throw LineProblem(
          "has nothing to learn: its \(text == nil ? "completion" : "text") is empty")
      }
      return document
    }
  }

  /// The documents in the order of the file.
  ///
  /// - Throws: `LineError` naming the file and the line; also where there is no document.
  public static func read(_ url: URL) throws -> [UserDocument] {
    let documents = try JSONLines.read(url, as: Line.self) { try $0.document() }
    guard !documents.isEmpty else {
      throw LineError(
        url, "holds no document; each line is {\"text\": …} or {\"prompt\": …, \"completion\": …}")
    }
    return documents
  }
}
