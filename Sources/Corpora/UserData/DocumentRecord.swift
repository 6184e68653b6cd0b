import Support

/// One document of a file of records: an object of JSON or a row of a table, in one of the forms
/// that data for fine-tuning has.
///
/// The files of the reversal curse (Berglund et al. 2023, arXiv 2309.12288) are in the second form.
struct DocumentRecord {
  private let fields: [String: JSONValue]

  /// The forms, by their keys; the last key of each is what is learned.
  static let forms =
    "\"text\"; \"prompt\" and \"completion\"; \"question\" and \"answer\"; \"instruction\" and "
    + "\"output\", with an \"input\" or without; or \"messages\""
  private static let pairs = [("prompt", "completion"), ("question", "answer")]

  /// - Parameter fields: of which those that are null do not count.
  init(_ fields: [(key: String, value: JSONValue)]) {
    self.fields = Dictionary(
      fields.filter { if case .null = $0.value { false } else { true } },
      uniquingKeysWith: { first, _ in first })
  }

  /// - Throws: `LineProblem`.
  func document() throws -> UserDocument {
    let found = try found()
    guard found.count < 2 else {
      throw LineProblem(
        "has \(quoted(found[0].key)) together with \(quoted(found[1].key)); give only one of the "
          + "forms")
    }
    guard let (key, document) = found.first else {
      throw LineProblem("has no document; it needs \(Self.forms)")
    }
    guard document.completion.contains(where: { !$0.isWhitespace }) else {
      throw LineProblem(
        "has an empty \(quoted(key)), so there is nothing to learn; remove it")
    }
    return document
  }

  /// The document in each form that the record has, with the key of what is learned.
  private func found() throws -> [(key: String, document: UserDocument)] {
    let addsSpace = try flag("space") ?? true
    var found: [(String, UserDocument)] = []
    if let text = try text("text") { found.append(("text", UserDocument(completion: text))) }
    for (promptKey, completionKey) in Self.pairs {
      switch (try text(promptKey), try text(completionKey)) {
      case (nil, nil): continue
      case (let prompt?, let completion?):
        found.append((completionKey, joined(prompt, completion, addsSpace)))
      case (_?, nil):
        throw LineProblem("has a \"\(promptKey)\" but no \"\(completionKey)\"; add it")
      case (nil, _?):
        throw LineProblem("has a \"\(completionKey)\" but no \"\(promptKey)\"; add it")
      }
    }
    if let instruction = try text("instruction") {
      guard let output = try text("output") else {
        throw LineProblem("has an \"instruction\" but no \"output\"; add it")
      }
      let input = try text("input") ?? ""
      let prompt = input.isEmpty ? instruction : instruction + "\n\n" + input
      found.append(("output", joined(prompt, output, addsSpace)))
    }
    if let messages = fields["messages"] {
      found.append(("messages", try conversation(messages, addsSpace)))
    }
    return found
  }

  private func joined(
    _ prompt: String, _ completion: String, _ addsSpace: Bool
  ) -> UserDocument {
    let joining = Joining(prompt, addsSpace: addsSpace)
    return UserDocument(
      prompt: joining.prompt, completion: joining.continuation(completion))
  }

  /// A conversation, whose last message is learned; a blank line stands between messages.
  private func conversation(_ value: JSONValue, _ addsSpace: Bool) throws -> UserDocument {
    guard case .array(let messages) = value else {
      throw LineProblem("messages must be a list; correct it")
    }
    let contents = try messages.enumerated().map { index, message in
      guard let role = message["role"]?.string, let content = Self.content(message["content"])
      else {
        throw LineProblem(
          "messages[\(index)] needs a \"role\" and a \"content\" of text; correct it")
      }
      return (role: role, content: content)
    }
    guard let last = contents.last, last.role == "assistant" else {
      throw LineProblem(
        "messages does not end with one of the role \"assistant\", so there is nothing to learn; "
          + "add it")
    }
    let before = contents.dropLast().map(\.content)
    guard !before.isEmpty else { return UserDocument(completion: last.content) }
    return joined(before.joined(separator: "\n\n") + "\n\n", last.content, addsSpace)
  }

  /// The text of a message: a string, or a list of parts that are all text.
  private static func content(_ value: JSONValue?) -> String? {
    guard let parts = value?.elements else { return value?.string }
    let texts = parts.compactMap { $0["type"]?.string == "text" ? $0["text"]?.string : nil }
    return texts.count == parts.count ? texts.joined() : nil
  }

  private func text(_ key: String) throws -> String? {
    guard let value = fields[key] else { return nil }
    guard let text = value.string else {
      throw LineProblem("\(key) must be a string; correct it")
    }
    return text
  }

  private func flag(_ key: String) throws -> Bool? {
    guard let value = fields[key] else { return nil }
    guard let flag = value.boolean else {
      throw LineProblem("\(key) must be true or false; correct it")
    }
    return flag
  }
}
