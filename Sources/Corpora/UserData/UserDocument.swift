/// A document of the user.
public struct UserDocument: Hashable, Sendable {
  /// The text before the completion; empty for a document that is one text.
  public var prompt: String
  /// The text of the document, or what follows the prompt, with the white space between them.
  public var completion: String
  /// The keys of its record that are no part of it, in alphabetical order.
  public var unread: [String]

  public init(prompt: String = "", completion: String, unread: [String] = []) {
    self.prompt = prompt
    self.completion = completion
    self.unread = unread
  }

  public var text: String { prompt + completion }
}
