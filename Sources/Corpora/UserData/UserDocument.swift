/// A document of the user.
public struct UserDocument: Hashable, Sendable {
  /// The text before the completion; empty for a document that is one text.
  public var prompt: String
  /// The text of the document, or what follows the prompt, with the white space between them.
  public var completion: String

  public init(prompt: String = "", completion: String) {
    self.prompt = prompt
    self.completion = completion
  }

  public var text: String { prompt + completion }
}
