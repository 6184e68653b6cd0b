import Foundation
import TestSupport
import Testing

@testable import Tokenization

/// Conversations in the formats of well-known models; `make_chat.py` makes their ids.
struct ChatTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  private struct Talk: Decodable {
    let user: String?
    let system: String?
    /// A conversation of several turns.
    let messages: [ChatMessage]?
    let ids: [Int32]
  }

  /// A template, its format and its conversations.
  private struct Case {
    let name: String
    let format: String?
    let tokenizer: Tokenizer
    let talks: [Talk]
  }

  private func cases() throws -> [Case] {
    let data = try Data(contentsOf: Self.folder.appending(path: "chat.json"))
    let all = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(all["cases"] as? [[String: Any]]).map { one in
      let talks = try JSONSerialization.data(withJSONObject: #require(one["talks"]))
      return Case(
        name: try #require(one["name"] as? String), format: one["format"] as? String,
        tokenizer: try tokenizer(
          added: #require(one["added"] as? [[String: Any]]),
          config: #require(one["config"] as? [String: Any])),
        talks: try JSONDecoder().decode([Talk].self, from: talks))
    }
  }

  private func tokenizer(added: [[String: Any]], config: [String: Any]) throws -> Tokenizer {
    let file = Self.folder.appending(path: "../TokenizationTests/Golden/tokenizer.json")
    let base = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    var json = try #require(base as? [String: Any])
    json["added_tokens"] = try #require(json["added_tokens"] as? [[String: Any]]) + added
    var result: Tokenizer?
    try withTemporaryFolder { folder in
      try JSONSerialization.data(withJSONObject: config)
        .write(to: folder.appending(path: "tokenizer_config.json"))
      result = try Tokenizer(
        json: JSONSerialization.data(withJSONObject: json),
        settings: TokenizerSettings(folder: folder), endOfText: 0)
    }
    return try #require(result)
  }

  @Test func `conversations are those of apply_chat_template`() throws {
    let cases = try cases()
    #expect(cases.count { $0.format != nil } >= 11)
    for one in cases {
      guard let format = one.format else {
        let error = #expect(throws: TokenizerError.self) { try Chat(one.tokenizer) }
        #expect(error?.description.contains("none of the known formats") == true, "\(one.name)")
        continue
      }
      let chat = try Chat(one.tokenizer)
      #expect(chat.format.name == format, "\(one.name)")
      #expect(one.talks.count >= 4)
      #expect(one.talks.contains { ($0.messages?.count ?? 0) > 3 }, "\(one.name)")
      for talk in one.talks {
        let text =
          try talk.messages.map(chat.text)
          ?? chat.text(user: #require(talk.user), system: talk.system)
        let ids = one.tokenizer.encodeWhole(text, addsTemplate: false)
        #expect(ids == talk.ids, "\(one.name): \(text.debugDescription)")
        guard talk.system == nil, let user = talk.user else { continue }
        let prompting = Prompting(one.tokenizer, chat: chat)
        #expect(prompting.question(user, isFirst: true) == ids, "\(one.name)")
        // Texts before the question are part of the user's message.
        let joined = try chat.text(user: "Femp are rony.\n\nGlon too.\n\n" + user + "?")
        #expect(
          prompting.prompt(["Femp are rony.", "Glon too."]) + prompting.question(user + "?")
            == one.tokenizer.encodeWhole(joined, addsTemplate: false), "\(one.name)")
        #expect(prompting.prompt([]).isEmpty)
      }
    }
  }

  @Test func `a format can be chosen, if the vocabulary has its tokens`() throws {
    let cases = try cases()
    func tokenizer(_ name: String) throws -> Tokenizer {
      try #require(cases.first { $0.name == name }).tokenizer
    }
    var bare = try tokenizer("smollm2")
    bare.chatTemplate = nil
    let unknown = #expect(throws: TokenizerError.self) { try Chat(bare) }
    #expect(unknown?.description.contains("no chat template") == true)
    #expect(unknown?.description.contains("--chat-format") == true)
    #expect(
      try Chat(bare, format: "chatml").text(user: "x")
        == "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n")
    let missing = #expect(throws: TokenizerError.self) { try Chat(bare, format: "llama3") }
    #expect(missing?.description.contains("<|start_header_id|>") == true)
    #expect(throws: TokenizerError.self) { try Chat(bare, format: "chatgpt") }
    // What the template of one format adds is not added to another.
    #expect(
      try Chat(tokenizer("smollm2"), format: "zephyr").text(user: "x")
        == "<|user|>\nx<|im_end|>\n<|assistant|>\n")
    #expect(
      try Chat(tokenizer("llama3"), format: "llama3").text(user: " x ")
        == Chat(tokenizer("llama3")).text(user: "x"))
  }

  @Test(
    arguments: [
      ([(.assistant, "a")], "one of the user is due"),
      ([(.user, "a"), (.user, "b")], "message 2 of the conversation is of the user"),
      ([(.user, "a"), (.assistant, "b")], "ends with a message of the user"),
      ([(.system, "a")], "ends with a message of the user"),
      ([(.system, "a"), (.system, "b"), (.user, "c")], "only one system message"),
      ([], "ends with a message of the user"),
    ] as [([(ChatMessage.Role, String)], String)])
  func `messages out of order are refused`(
    messages: [(ChatMessage.Role, String)], problem: String
  ) throws {
    let tokenizer = try #require(try cases().first { $0.name == "smollm2" }).tokenizer
    let error = #expect(throws: TokenizerError.self) {
      try Chat(tokenizer).text(messages.map { ChatMessage(role: $0.0, content: $0.1) })
    }
    #expect(error?.description.contains(problem) == true)
  }

  @Test func `the token that ends an answer is the format's`() throws {
    let stops = try Dictionary(
      uniqueKeysWithValues: cases().filter { $0.format != nil }.map { one in
        (one.name, one.tokenizer.decode([try Chat(one.tokenizer).stopToken]))
      })
    #expect(stops["smollm2"] == "<|im_end|>" && stops["llama3.2"] == "<|eot_id|>")
    #expect(stops["gemma"] == "<end_of_turn>" && stops["phi3"] == "<|end|>")
    #expect(stops["zephyr"] == "<|endoftext|>")
  }

  @Test func `a template that takes no system message refuses one`() throws {
    let gemma = try #require(try cases().first { $0.name == "gemma" }).tokenizer
    let error = #expect(throws: TokenizerError.self) {
      try Chat(gemma).text(user: "x", system: "y")
    }
    #expect(error?.description.contains("--system") == true)
  }

  @Test func `an answer begins without a space`() throws {
    let one = try #require(try cases().first { $0.name == "smollm2" })
    let chat = Prompting(one.tokenizer, chat: try Chat(one.tokenizer))
    #expect(chat.choice(" more rony.") == one.tokenizer.encode("more rony."))
    let plain = Prompting(one.tokenizer)
    #expect(plain.choice(" more rony.") == one.tokenizer.encode(" more rony."))
    #expect(plain.prompt([]) == one.tokenizer.prompt([]))
  }
}
