/// The chat format of a tokenizer's model, with what its own template adds.
///
/// The texts are those of `apply_chat_template` of transformers, for one message of the user after
/// an optional one of the system, with `add_generation_prompt`.
public struct Chat: Sendable {
  public let format: ChatFormat
  /// The token that ends an answer.
  public let stopToken: Int32
  /// What a conversation begins with.
  let beginning: String
  /// The system message of a conversation that has none.
  let defaultSystem: String?
  /// What stands before every system message.
  let systemPreamble: String?
  /// Whether the template refuses a system message.
  public let refusesSystem: Bool
  /// What stands before an answer that is to be given without thinking first, of a model that can
  /// do both (Qwen3); otherwise empty.
  public let answersWithoutThinking: String
  private let endOfText: String

  /// The name for ``init(_:format:)`` that leaves a text as it is.
  public static let noFormat = "none"

  /// The formats that can be named.
  public static let names = ChatFormat.all.map(\.name) + [noFormat]

  /// - Parameter name: the name of a format; nil for that of the tokenizer's template.
  /// - Throws: `TokenizerError` where the format is not known or the vocabulary lacks its tokens.
  public init(_ tokenizer: Tokenizer, format name: String? = nil) throws {
    let template = tokenizer.chatTemplate
    let own = template.flatMap(ChatFormat.recognised)
    let choice = "choose one of \(Self.names.joined(separator: ", ")) with --chat-format"
    if let name {
      guard let format = ChatFormat.named(name) else {
        throw TokenizerError("\"\(name)\" is no chat format; \(choice)")
      }
      self.format = format
    } else if let own {
      format = own
    } else {
      throw TokenizerError(
        template == nil
          ? "the model has no chat template, so its chat format is not known; \(choice)"
          : "the model's chat template is of none of the known formats; \(choice)")
    }
    endOfText =
      tokenizer.namedTokens["eos_token"] ?? tokenizer.decode([tokenizer.endOfText])
    let format = format
    func isToken(_ spelling: String) -> Bool {
      tokenizer.encodeWhole(spelling, addsTemplate: false).count == 1
    }
    let stop = format.stop.replacing("EOS", with: endOfText)
    if let missing = (format.tokens + [stop]).first(where: { !isToken($0) }) {
      throw TokenizerError(
        "the chat format \(format.name) needs the token \(missing), which the vocabulary lacks; "
          + choice)
    }
    stopToken = tokenizer.encodeWhole(stop, addsTemplate: false)[0]
    // What another format's template says is not of this one.
    let text = own == format ? template : nil
    let begins = text.map { $0.contains("bos_token") } ?? format.begins
    beginning = begins ? tokenizer.namedTokens["bos_token"] ?? "" : ""
    refusesSystem = text?.contains("System role not supported") ?? false
    answersWithoutThinking =
      text?.contains("enable_thinking") == true ? "<think>\n\n</think>\n\n" : ""
    let canonical = text.map(ChatFormat.canonical)
    defaultSystem = canonical.flatMap { Self.defaultSystem($0, format) }
    systemPreamble = canonical.flatMap(Self.preamble)
  }

  /// The text of a conversation up to where the assistant's answer begins.
  ///
  /// - Throws: `TokenizerError` where the template refuses a system message.
  public func text(user: String, system: String? = nil) throws -> String {
    try text(
      (system.map { [ChatMessage(role: .system, content: $0)] } ?? [])
        + [ChatMessage(role: .user, content: user)])
  }

  /// The text of a conversation of several messages up to where the assistant's next answer begins.
  ///
  /// - Throws: `TokenizerError` where the messages are in another order than system (which may be
  ///   missing), user, assistant, user …, or where the template refuses a system message.
  public func text(_ messages: [ChatMessage]) throws -> String {
    try ChatMessage.check(messages)
    let system = messages.first.flatMap { $0.role == .system ? $0.content : nil }
    try check(system: system)
    var text = ""
    for (index, message) in messages.dropFirst(system == nil ? 0 : 1).enumerated() {
      switch message.role {
      case .system: break
      case .user:
        text += (index == 0 ? head(system: system) : format.user) + content(message.content) + end
      case .assistant: text += format.assistant + content(message.content) + end
      }
    }
    return text + format.assistant
  }

  /// - Throws: `TokenizerError` where the template refuses a system message.
  public func check(system: String?) throws {
    guard refusesSystem, system != nil else { return }
    throw TokenizerError("the model's chat template takes no system message; leave out --system")
  }

  /// What stands before the user's message.
  func head(system: String? = nil) -> String {
    var text = beginning
    switch format.systemMessage {
    case .message:
      if let message = system ?? defaultSystem ?? systemPreamble.map({ _ in "" }) {
        text += format.system + (systemPreamble ?? "") + content(message) + end
      }
      return text + format.user
    case .beforeUser:
      return text + format.user + (system.map { $0 + "\n\n" } ?? "")
    }
  }

  /// What stands after the user's message.
  var tail: String { end + format.assistant }

  private var end: String { format.end.replacing("EOS", with: endOfText) }

  /// The ends of a message that are in a text.
  enum Ends {
    case leading, trailing, both
  }

  /// A message, or a part of one, as the format writes it.
  func content(_ message: String, _ ends: Ends = .both) -> String {
    guard format.trims else { return message }
    var rest = message.unicodeScalars[...]
    if ends != .trailing { rest = rest.drop { $0.properties.isWhitespace } }
    if ends != .leading {
      while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
    }
    return String(rest)
  }

  /// The system message that a template has as a literal between the marks of its format.
  ///
  /// - Parameter template: as `ChatFormat.canonical` spells it.
  private static func defaultSystem(_ template: String, _ format: ChatFormat) -> String? {
    guard format == .chatML else { return nil }
    let (before, after) = (#"'<|im_start|>system\n"#, "<|im_end|>")
    var rest = template[...]
    while let start = rest.firstRange(of: before) {
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: after) else { return nil }
      let literal = rest[..<end.lowerBound]
      let isWhole = !literal.replacing(#"\'"#, with: "").contains("'")
      if !literal.isEmpty, isWhole { return unescaped(literal) }
    }
    return nil
  }

  /// The dates that the templates of Llama 3.1 and later put before every system message. Today's
  /// is the template's own default, so that the same text is written every day.
  private static func preamble(_ template: String) -> String? {
    guard
      let cutoff = template.firstMatch(of: /Cutting Knowledge Date: [^'\\]+/),
      let date = template.firstMatch(of: /date_string='([^'\\]+)'/)
    else { return nil }
    return "\(cutoff.0)\nToday Date: \(date.1)\n\n"
  }

  /// A literal's text, in which the usual escapes stand for what they mean.
  private static func unescaped(_ literal: Substring) -> String {
    var text = ""
    var isEscape = false
    for character in literal {
      if isEscape {
        text += character == "n" ? "\n" : character == "t" ? "\t" : String(character)
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        text.append(character)
      }
    }
    return text
  }
}
