import Foundation
import Support
import Tokenization

/// A conversation that asks a chat model to state in its own words what a document says.
///
/// A request with ``documentsMark`` also shows the other documents: the *global* augmentation of
/// Lampinen et al. 2025, which asks for inferences from all of them. One without it shows a single
/// document, to be rephrased and reversed: the *local* augmentation.
public struct ChatRequest: Codable, Hashable, Sendable {
  /// What it asks for, in a word.
  public var name: String
  /// The conversation; its last message is the user's. Where the marks stand, the texts are put in.
  public var messages: [ChatMessage]

  /// Stands for the document.
  public static let documentMark = "{document}"
  /// Stands for all documents that fit the model's context: one on each line, or with empty lines
  /// between them where one has several lines.
  public static let documentsMark = "{documents}"

  public var showsAllDocuments: Bool {
    messages.contains { $0.content.contains(Self.documentsMark) }
  }

  /// The conversation about one document, by itself or among others.
  func messages(about document: String, among others: [String]) -> [ChatMessage] {
    let separator = others.contains { $0.contains(where: \.isNewline) } ? "\n\n" : "\n"
    return messages.map { message in
      // In this order, so that a mark inside a document stays as it is.
      let parts = message.content.split(
        separator: Self.documentsMark, omittingEmptySubsequences: false
      ).map { $0.replacing(Self.documentMark, with: document) }
      return ChatMessage(
        role: message.role, content: parts.joined(separator: others.joined(separator: separator)))
    }
  }

  /// The requests that are made unless the user names others.
  public static let standard: [ChatRequest] = [
    restating,
    ChatRequest(
      name: "combine",
      messages: [
        ChatMessage(
          role: .system,
          content: "You are given a list of facts. Write short sentences that follow from two of "
            + "them together. Name everything by its full name. Add nothing that the facts do not "
            + "say."),
        ChatMessage(
          role: .user,
          content: """
            Facts:
            The lighthouse keeper is Tom Hale.
            Tom Hale plays the cello.
            The lighthouse is on Gull Island.

            Combine this fact with the others: The lighthouse keeper is Tom Hale.
            """),
        ChatMessage(
          role: .assistant,
          content: """
            1. The lighthouse keeper plays the cello.
            2. Tom Hale works on Gull Island.
            3. The keeper of the lighthouse on Gull Island is Tom Hale.
            """),
        ChatMessage(
          role: .user,
          content: """
            Facts:
            \(documentsMark)

            Combine this fact with the others: \(documentMark)
            """),
      ]),
  ]

  private static let restating = ChatRequest(
    name: "restate",
    messages: [
      ChatMessage(
        role: .system,
        content: "You restate facts. Write six short sentences that follow from the fact: some in "
          + "other words, most the other way round, beginning with what is said about the thing and "
          + "ending with its name. Add nothing that the fact does not say."),
      ChatMessage(
        role: .user, content: "Fact: The Old Mill is a museum about paper making."),
      ChatMessage(
        role: .assistant,
        content: """
          1. The museum about paper making is the Old Mill.
          2. To learn about paper making, one visits the Old Mill.
          3. Paper making is shown at the Old Mill.
          4. The Old Mill shows how paper is made.
          5. The place that is a museum about paper making is called the Old Mill.
          6. Which museum is about paper making? The Old Mill.
          """),
      ChatMessage(role: .user, content: "Fact: \(documentMark)"),
    ])

  /// Checks that a list of requests can be asked.
  ///
  /// - Throws: `TokenizerError` where a conversation cannot be answered or shows no document.
  static func check(_ requests: [ChatRequest]) throws {
    guard !requests.isEmpty else { throw TokenizerError("there is no request") }
    for request in requests {
      func problem(_ text: String) -> TokenizerError {
        TokenizerError("the request \(quoted(request.name)): \(text)")
      }
      do {
        try ChatMessage.check(request.messages)
      } catch let error as TokenizerError {
        throw problem(error.description)
      }
      guard request.messages.last?.content.contains(documentMark) == true else {
        throw problem("its last message lacks \(documentMark), which stands for the document")
      }
    }
  }

  /// Reads a file of requests, as `probe requests` prints them.
  ///
  /// - Throws: `FileError` naming the file and what is wrong in it.
  public static func read(_ url: URL) throws -> [ChatRequest] {
    try JSONFile.read([ChatRequest].self, from: url) { requests in
      do {
        try check(requests)
      } catch let error as TokenizerError {
        throw FileError(url, error.description + "; \"probe requests\" prints an example")
      }
    }
  }
}

/// The sentences of a chat model's answer.
enum AnswerSentences {
  /// The lines that end as a sentence does, without the number, dash or quotation marks around it.
  ///
  /// Other lines are headings, remarks, or cut off.
  static func of(_ answer: String) -> [String] {
    // What a model thinks before it answers is no answer.
    let parts = answer.split(separator: "</think>", omittingEmptySubsequences: false)
    guard let answer = parts.last, parts.count > 1 || !answer.contains("<think>") else { return [] }
    return answer.split(whereSeparator: \.isNewline).compactMap { line in
      var text = line[...]
      if let mark = text.prefixMatch(of: /\s*(?:\d{1,3}[.)]|[-*•–])\s+/) {
        text = text[mark.range.upperBound...]
      }
      var sentence = text.trimmingCharacters(in: .whitespaces).replacing("**", with: "")
      if sentence.count > 2, let first = sentence.first, let last = sentence.last,
        ["\"\"", "“”", "''", "‘’"].contains("\(first)\(last)"),
        !sentence.dropFirst().dropLast().contains(where: { $0 == first || $0 == last })
      {
        sentence = String(sentence.dropFirst().dropLast())
      }
      // A sentence may end with a quotation.
      let end = sentence.last { !"\"”'’".contains($0) }
      guard let end, ".!?".contains(end), sentence.contains(" ") else { return nil }
      return sentence
    }
  }
}
