import Support

/// A question that was drafted from a document, for a user to read and edit.
public struct DraftedQuestion: Hashable, Sendable {
  public let prompt: String
  /// Without white space; a prompt and a choice are joined when they are read.
  public let choices: [String]
  /// The place of the right choice.
  public let answer: Int
  public let split: Split
  /// What the sentence is about: questions from the same sentence share it.
  public let fact: String
  /// The place of the document among all.
  public let document: Int

  /// The line of a file that `QuestionFile` reads.
  public var line: String {
    JSONValue.object([
      ("prompt", .string(prompt)), ("choices", .array(choices.map(JSONValue.string))),
      ("answer", .integer(answer)), ("split", .string(split.rawValue)), ("fact", .string(fact)),
    ]).line
  }
}
