import Support

/// One document of a file of records: an object of JSON or a row of a table, in one of the forms
/// that data for fine-tuning has.
///
/// The files of the reversal curse (Berglund et al. 2023, arXiv 2309.12288) are in the second form.
struct DocumentRecord {
  private let fields: UserRecord

  /// The forms, by their keys; the last key of each is what is learned.
  static let forms =
    "\"text\"; \"prompt\" and \"completion\"; \"question\" and \"answer\"; \"instruction\" and "
    + "\"output\", with an \"input\" or without; or \"messages\""
  private static let pairs = [("prompt", "completion"), ("question", "answer")]

  /// A document, and the keys of the form in which the record has it.
  private struct Found {
    /// The last one is what is learned.
    let keys: [String]
    let document: UserDocument

    var learned: String { keys.last ?? "" }
  }

  /// - Parameter fields: of which those that are null do not count.
  init(_ fields: [(key: String, value: JSONValue)]) { self.fields = UserRecord(fields) }

  /// - Throws: `LineProblem`.
  func document() throws -> UserDocument {
    let found = try found()
    guard found.count < 2 else {
      throw LineProblem(
        "has \(quoted(found[0].learned)) together with \(quoted(found[1].learned)); give only one "
          + "of the forms")
    }
    guard let found = found.first else {
      throw LineProblem("has no document; it needs \(Self.forms)")
    }
    var document = found.document
    guard document.completion.contains(where: { !$0.isWhitespace }) else {
      throw LineProblem(
        "has an empty \(quoted(found.learned)), so there is nothing to learn; remove it")
    }
    document.unread = (document.unread + fields.keys(otherThan: found.keys + ["space"])).sorted()
    return document
  }

  /// The document in each form that the record has.
  private func found() throws -> [Found] {
    let addsSpace = try fields.flag("space") ?? true
    var found: [Found] = []
    if let text = try fields.text("text") {
      found.append(Found(keys: ["text"], document: UserDocument(completion: text)))
    }
    for (promptKey, completionKey) in Self.pairs {
      switch (try fields.text(promptKey), try fields.text(completionKey)) {
      case (nil, nil): continue
      case (let prompt?, let completion?):
        found.append(
          Found(
            keys: [promptKey, completionKey], document: joined(prompt, completion, addsSpace)))
      case (_?, nil):
        throw LineProblem("has a \"\(promptKey)\" but no \"\(completionKey)\"; add it")
      case (nil, _?):
        throw LineProblem("has a \"\(completionKey)\" but no \"\(promptKey)\"; add it")
      }
    }
    if let instruction = try fields.text("instruction") {
      guard let output = try fields.text("output") else {
        throw LineProblem("has an \"instruction\" but no \"output\"; add it")
      }
      let input = try fields.text("input") ?? ""
      let prompt = input.isEmpty ? instruction : instruction + "\n\n" + input
      found.append(
        Found(
          keys: ["instruction", "input", "output"], document: joined(prompt, output, addsSpace)))
    }
    if let messages = fields["messages"] {
      found.append(Found(keys: ["messages"], document: try conversation(messages, addsSpace)))
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
    var document =
      before.isEmpty
      ? UserDocument(completion: last.content)
      : joined(before.joined(separator: "\n\n") + "\n\n", last.content, addsSpace)
    document.unread = Set(
      messages.flatMap { UserRecord($0.members).keys(otherThan: ["role", "content"]) }
    ).map { "messages[].\($0)" }
    return document
  }

  /// The text of a message: a string, or a list of parts that are all text.
  private static func content(_ value: JSONValue?) -> String? {
    guard let parts = value?.elements else { return value?.string }
    let texts = parts.compactMap { $0["type"]?.string == "text" ? $0["text"]?.string : nil }
    return texts.count == parts.count ? texts.joined() : nil
  }
}
