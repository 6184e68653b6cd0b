extension Tokenizer {
  /// What stands between two texts of a prompt: a space in the models that are pretrained here, an
  /// empty line in all others, unless it is set.
  public var separator: String {
    get { chosenSeparator ?? (beginsTextsWithSpace ? " " : "\n\n") }
    set { chosenSeparator = newValue }
  }

  /// The tokens of a prompt: those that the tokenizer's template puts before a text, then the texts
  /// with the separator between them.
  ///
  /// The first text has a space before it only where ``beginsTextsWithSpace`` says so.
  public func prompt(_ texts: [String]) -> [Int32] {
    guard let first = texts.first else { return templatePrefix }
    // Between words a space is always where tokens begin, so that texts can be encoded one by one.
    if separator == " " {
      return templatePrefix + continuation(first, isFirst: true)
        + texts.dropFirst().flatMap { continuation($0) }
    }
    return templatePrefix + continuation(texts.joined(separator: separator), isFirst: true)
  }

  /// The tokens of a text that continues a prompt, or that follows the template alone (`isFirst`).
  public func continuation(_ text: String, isFirst: Bool = false) -> [Int32] {
    let before = isFirst ? (beginsTextsWithSpace ? " " : "") : separator
    return encodeWhole(before + text, addsTemplate: false)
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
  /// The separator if it ends the texts before a question, empty if it begins the question.
  ///
  /// A whole prompt has the tokens of its parts only where a token begins: before a space, but
  /// after line ends if the tokenizer joins them to the full stop before them.
  private let end: String

  public init(_ tokenizer: Tokenizer, chat: Chat? = nil) {
    self.tokenizer = tokenizer
    self.chat = chat
    func tokens(_ text: String) -> [Int32] { tokenizer.encodeWhole(text, addsTemplate: false) }
    let (before, after) = ("a.", "A")
    let separator = tokenizer.separator
    let endsTexts = tokens(before + separator) + tokens(after)
    end = endsTexts == tokens(before + separator + after) ? separator : ""
  }

  /// The tokens of the texts that stand before a question.
  public func prompt(_ texts: [String]) -> [Int32] {
    guard !texts.isEmpty else { return chat == nil ? tokenizer.templatePrefix : [] }
    guard let chat else {
      guard !end.isEmpty else { return tokenizer.prompt(texts) }
      let text = texts.joined(separator: end) + end
      return tokenizer.templatePrefix + tokenizer.continuation(text, isFirst: true)
    }
    let text = texts.joined(separator: tokenizer.separator)
    return encode(chat.head() + chat.content(text, .leading) + end)
  }

  /// The tokens of a question.
  ///
  /// - Parameter isFirst: whether no text stands before it.
  public func question(_ text: String, isFirst: Bool = false) -> [Int32] {
    guard let chat else {
      return isFirst || end.isEmpty
        ? tokenizer.continuation(text, isFirst: isFirst) : encode(text)
    }
    let own = chat.content(text, isFirst ? .both : .trailing)
    return encode(
      (isFirst ? chat.head() : end.isEmpty ? tokenizer.separator : "") + own + chat.tail)
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
