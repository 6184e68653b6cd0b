extension Tokenizer {
  /// The tokens of a prompt: those that the tokenizer's template puts before a text, then the texts
  /// with a space before each.
  ///
  /// The first text has a space before it only where ``beginsTextsWithSpace`` says so.
  public func prompt(_ texts: [String]) -> [Int32] {
    templatePrefix
      + texts.enumerated().flatMap { place, text in continuation(text, isFirst: place == 0) }
  }

  /// The tokens of a text that continues a prompt, or that follows the template alone (`isFirst`).
  public func continuation(_ text: String, isFirst: Bool = false) -> [Int32] {
    let isApart = !isFirst || beginsTextsWithSpace
    return encodeWhole((isApart ? " " : "") + text, addsTemplate: false)
  }

  /// The tokens of an answer choice, which begins with its own white space.
  public func choice(_ text: String) -> [Int32] { encodeWhole(text, addsTemplate: false) }
}

/// How a model is asked: in plain text, or in its chat format.
///
/// In a chat the prompt's texts and the question are one message of the user, and the choice is the
/// assistant's answer.
public struct Prompting: Sendable {
  public let tokenizer: Tokenizer
  /// Nil for plain text.
  public let chat: Chat?

  public init(_ tokenizer: Tokenizer, chat: Chat? = nil) {
    self.tokenizer = tokenizer
    self.chat = chat
  }

  /// The tokens of the texts that stand before a question.
  public func prompt(_ texts: [String]) -> [Int32] {
    guard let chat else { return tokenizer.prompt(texts) }
    guard !texts.isEmpty else { return [] }
    return encode(chat.head() + chat.content(texts.joined(separator: " "), .leading))
  }

  /// The tokens of a question.
  ///
  /// - Parameter isFirst: whether no text stands before it.
  public func question(_ text: String, isFirst: Bool = false) -> [Int32] {
    guard let chat else { return tokenizer.continuation(text, isFirst: isFirst) }
    let own = chat.content(text, isFirst ? .both : .trailing)
    return encode((isFirst ? chat.head() : " ") + own + chat.tail)
  }

  /// The tokens of an answer choice.
  public func choice(_ text: String) -> [Int32] {
    guard chat != nil else { return tokenizer.choice(text) }
    // The mark of the answer's beginning takes the place of the space before it.
    return encode(String(text.drop(while: \.isWhitespace)))
  }

  /// The most tokens that a question takes with its longest choice, prompt texts apart.
  public func length(_ question: String, choices: [String]) -> Int {
    let asked = self.question(question, isFirst: chat != nil).count
    return asked + (choices.map { choice($0).count }.max() ?? 0)
  }

  private func encode(_ text: String) -> [Int32] {
    tokenizer.encodeWhole(text, addsTemplate: false)
  }
}
