import Foundation
import TestSupport
import Testing

@testable import Tokenization

/// Unusual tokenizer files, and the files beside them; `Golden/make_settings.py` makes the ids.
struct TokenizerSettingsTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  /// The texts and the cases of `settings.json`.
  private func golden() throws -> (texts: [String], cases: [[String: Any]]) {
    let data = try Data(contentsOf: Self.folder.appending(path: "settings.json"))
    let all = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return (
      try #require(all["texts"] as? [String]), try #require(all["cases"] as? [[String: Any]])
    )
  }

  /// The golden tokenizer with the changes of a case.
  private func tokenizer(_ one: [String: Any]) throws -> Tokenizer {
    let base = try JSONSerialization.jsonObject(with: Data(contentsOf: Golden.tokenizerFile))
    var file = try #require(base as? [String: Any])
    var changes = try #require(one["changes"] as? [String: Any])
    if let model = changes.removeValue(forKey: "model") as? [String: Any] {
      let old = try #require(file["model"] as? [String: Any])
      file["model"] = old.merging(model) { $1 }
    }
    file.merge(changes) { $1 }
    var result: Tokenizer?
    try withTemporaryFolder { folder in
      for (name, text) in try #require(one["files"] as? [String: String]) {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      var settings = try TokenizerSettings(folder: folder)
      settings.belong(toModelOfType: try #require(one["type"] as? String))
      result = try Tokenizer(
        json: JSONSerialization.data(withJSONObject: file), settings: settings, endOfText: 0)
    }
    return try #require(result)
  }

  @Test func `ids are those of transformers`() throws {
    let (texts, cases) = try golden()
    #expect(cases.count >= 31)
    for one in cases {
      let name = try #require(one["name"] as? String)
      let tokenizer = try tokenizer(one)
      let ids = try #require(one["ids"] as? [[Int]])
      #expect(ids.count == texts.count)
      for (text, expected) in zip(texts, ids) {
        let found = tokenizer.encodeWhole(text).map(Int.init)
        #expect(found == expected, "\(name): \(text.debugDescription)")
      }
      // What is written is the same tokenizer, settings included.
      let again = try Tokenizer(json: tokenizer.json(), endOfText: 0)
      guard name != "split special" else { continue }
      for text in texts {
        #expect(again.encodeWhole(text) == tokenizer.encodeWhole(text), "\(name)")
      }
    }
  }

  private func settings(_ files: [String: String]) throws -> TokenizerSettings {
    var result: TokenizerSettings?
    try withTemporaryFolder { folder in
      for (name, text) in files {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      result = try TokenizerSettings(folder: folder)
    }
    return try #require(result)
  }

  @Test func `roles and the chat template are read`() throws {
    let one = try settings([
      "tokenizer_config.json": """
      {"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>"},
      "pad_token": null, "chat_template": [{"name": "tools", "template": "x"},
      {"name": "default", "template": "y"}], "model_max_length": 1e30}
      """
    ])
    #expect(one.namedTokens == ["bos_token": "<s>", "eos_token": "</s>"])
    #expect(one.chatTemplate == "y")
    #expect(!one.beginsTextsWithSpace)
    let other = try settings([
      "tokenizer_config.json": #"{"chat_template": "x"}"#, "chat_template.jinja": "z\n",
    ])
    #expect(other.chatTemplate == "z\n")
    #expect(try settings([:]).chatTemplate == nil)
  }

  /// The marks of a tokenizer trained here: the key, or the exact lines of earlier versions.
  @Test func `a space before a text is for tokenizers of our own`() throws {
    let older = """
      {
        "bos_token" : "<|endoftext|>",
        "clean_up_tokenization_spaces" : false,
        "eos_token" : "<|endoftext|>",
        "model_max_length" : 2048,
        "tokenizer_class" : "PreTrainedTokenizerFast"
      }

      """
    func begins(_ config: String) throws -> Bool {
      try settings(["tokenizer_config.json": config]).beginsTextsWithSpace
    }
    #expect(try begins(older))
    #expect(try begins(older.replacing("  \"model_max_length\" : 2048,\n", with: "")))
    // The same settings as others write them.
    #expect(try !begins(older.replacing(" : ", with: ": ")))
    #expect(try begins("{\"\(TokenizerSettings.spaceKey)\": true}"))
    #expect(try !begins("{\"\(TokenizerSettings.spaceKey)\": false}"))
    let file = try Tokenizer.tiny.json()
    let foreign = try Tokenizer(json: file)
    #expect(foreign.templatePrefix == [foreign.endOfText])
    #expect(foreign.prompt(["glon"]) == [0] + foreign.encode("glon"))
    let own = try Tokenizer(
      json: file, settings: settings(["tokenizer_config.json": older]))
    #expect(own.prompt(["glon"]) == Tokenizer.tiny.prompt(["glon"]))
  }

  @Test(arguments: [
    ("tokenizer_config.json", "[]", "tokenizer_config.json: is not a JSON object"),
    ("tokenizer_config.json", "{", "tokenizer_config.json: is not valid JSON"),
    ("tokenizer_config.json", #"{"pad_token": 3}"#, "pad_token is \"3\""),
    ("tokenizer_config.json", #"{"extra_special_tokens": 3}"#, "extra_special_tokens must be"),
    ("tokenizer_config.json", #"{"added_tokens_decoder": {"a": {}}}"#, "added_tokens_decoder has"),
    ("special_tokens_map.json", #"{"pad_token": []}"#, "pad_token is"),
    ("added_tokens.json", #"{"a": "b"}"#, "no whole number"),
    ("added_tokens.json", "", "added_tokens.json: is not valid JSON"),
  ])
  func `what is wrong is named`(name: String, text: String, problem: String) {
    let error = #expect(throws: (any Error).self) { try settings([name: text]) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(problem))
  }

  @Test func `tokens that the model lacks are ordinary text`() throws {
    let text = try String(contentsOf: Golden.tokenizerFile, encoding: .utf8)
    let file = text.replacingOccurrences(
      of: "\"special\": true\n    }",
      with: """
        "special": true
            }, {"id": 380, "content": "<pad>", "special": true}
        """)
    var tokenizer = try Tokenizer(json: Data(file.utf8))
    #expect(tokenizer.encodeWhole("<pad>", addsTemplate: false) == [380])
    #expect(try tokenizer.leaveOut(from: 381).isEmpty)
    #expect(try tokenizer.leaveOut(from: 380) == ["<pad>"])
    #expect(tokenizer.encodeWhole("<pad>", addsTemplate: false) == tokenizer.encode("<pad>"))
    let error = #expect(throws: TokenizerError.self) { try tokenizer.leaveOut(from: 379) }
    #expect(error?.description.contains("the id 379") == true)
  }
}
