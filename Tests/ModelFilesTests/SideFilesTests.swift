import Foundation
import Support
import TestSupport
import Testing
import Tokenization
import Transformer

@testable import ModelFiles

/// What a model keeps of the folder that it descends from.
struct SideFilesTests {
  private static let template = "{{ messages[0].content }}<|eot|>\n"
  private static let files = [
    "tokenizer_config.json": #"{"bos_token":"<|endoftext|>", "eos_token": "<|eot|>"}"#,
    "generation_config.json": #"{"eos_token_id": [500, 0], "temperature": 0.60}"#,
    "special_tokens_map.json": "{}", "chat_template.jinja": template, "LICENSE": "Free.\n",
    "additional_chat_templates/tool.jinja": "x",
  ]

  /// A folder as others write one: a tokenizer with a token of its own, and small files.
  private func withBase(_ body: (URL, Model) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let base = folder.appending(path: "base")
      let model = try Model.tiny(vocabularySize: 501, contextLength: 32)
      try LanguageModel.write(model, tokenizer: .tiny, card: "base", to: base)
      let tokenizer = base.appending(path: "tokenizer.json")
      let text = try String(contentsOf: tokenizer, encoding: .utf8).replacing(
        "\"added_tokens\": [",
        with: #"""
          "added_tokens": [{"id": 500, "content": "<|eot|>", "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true},
          """#)
      try Data(text.utf8).write(to: tokenizer)
      try FileManager.default.createDirectory(
        at: base.appending(path: "additional_chat_templates"), withIntermediateDirectories: true)
      for (name, text) in Self.files {
        try Data(text.utf8).write(to: base.appending(path: name))
      }
      try edit(base.appending(path: "config.json")) { config in
        config["bos_token_id"] = 0
        config["eos_token_id"] = [500, 0]
        config["pad_token_id"] = 3
      }
      try Data("1".utf8).write(to: base.appending(path: "model-00001-of-00001.bin"))
      try body(base, model)
    }
  }

  private func edit(_ file: URL, _ change: (inout [String: Any]) -> Void) throws {
    var config = try object(file)
    change(&config)
    try JSONSerialization.data(withJSONObject: config).write(to: file)
  }

  private func object(_ file: URL) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return try #require(value as? [String: Any])
  }

  @Test func `a descendant keeps the small files byte for byte, and the tokens of config_json`()
    throws
  {
    try withBase { base, _ in
      let (model, tokenizer) = try LanguageModel.read(base)
      #expect(tokenizer.chatTemplate == Self.template)
      #expect(tokenizer.stopTokens == [0, 500] && tokenizer.endOfText == 500)
      let copy = base.deletingLastPathComponent().appending(path: "copy")
      let files = try SideFiles.read(base)
      try LanguageModel.write(model, tokenizer: tokenizer, sideFiles: files, card: "b", to: copy)
      for name in Self.files.keys + ["tokenizer.json"] {
        #expect(
          try Data(contentsOf: copy.appending(path: name))
            == Data(contentsOf: base.appending(path: name)), "\(name)")
      }
      #expect(
        try names(in: copy) == [
          "LICENSE", "README.md", "additional_chat_templates", "chat_template.jinja",
          "config.json", "generation_config.json", "model.safetensors", "special_tokens_map.json",
          "tokenizer.json", "tokenizer_config.json",
        ])
      let config = try object(copy.appending(path: "config.json"))
      #expect(config["bos_token_id"] as? Int == 0)
      #expect(config["eos_token_id"] as? [Int] == [500, 0])
      #expect(config["pad_token_id"] as? Int == 3)
      #expect(config["hidden_size"] as? Int == 16)
      let (again, _) = try LanguageModel.read(copy)
      #expect(again.configuration == model.configuration && again.digest == model.digest)
      // Once more, over what is there, and from the copy.
      try ModelFolder.checkDestination(copy)
      try LanguageModel.write(
        model, tokenizer: tokenizer, sideFiles: SideFiles.read(copy), card: "b", to: copy)
      #expect(
        try Data(contentsOf: copy.appending(path: "generation_config.json"))
          == Data(contentsOf: base.appending(path: "generation_config.json")))
    }
  }

  @Test func `what the base does not say is not said`() throws {
    try withBase { base, model in
      try edit(base.appending(path: "config.json")) { config in
        config["bos_token_id"] = NSNull()
        config["pad_token_id"] = nil
      }
      let copy = base.deletingLastPathComponent().appending(path: "copy")
      try LanguageModel.write(
        model, tokenizer: .tiny, sideFiles: SideFiles.read(base), card: "b", to: copy)
      let config = try object(copy.appending(path: "config.json"))
      #expect(config["bos_token_id"] is NSNull && config["pad_token_id"] == nil)
    }
  }

  @Test func `a tokenizer of our own is marked, and no more is written than before`() throws {
    try withTemporaryFolder { folder in
      let model = folder.appending(path: "model")
      let tiny = try Model.tiny(vocabularySize: 500, contextLength: 32)
      try LanguageModel.write(tiny, tokenizer: .tiny, card: "", to: model)
      let settings = try object(model.appending(path: "tokenizer_config.json"))
      #expect(settings[TokenizerSettings.spaceKey] as? Bool == true)
      #expect(settings["bos_token"] as? String == "<|endoftext|>")
      #expect(settings["eos_token"] as? String == "<|endoftext|>")
      #expect(settings["model_max_length"] as? Int == 32)
      #expect(
        try Data(contentsOf: model.appending(path: "config.json"))
          == ConfigurationFile(tiny.configuration).encoded())
      let (_, tokenizer) = try LanguageModel.read(model)
      #expect(tokenizer.prompt(["glon"]) == Tokenizer.tiny.prompt(["glon"]))
      // The same files without the mark are another's.
      try edit(model.appending(path: "tokenizer_config.json")) {
        $0[TokenizerSettings.spaceKey] = nil
      }
      let (_, other) = try LanguageModel.read(model)
      #expect(other.prompt(["glon"]) == [0] + other.encode("glon"))
    }
  }

  @Test func `the shipped model is recognised as our own`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../models/recto")
    let (_, tokenizer) = try LanguageModel.read(folder)
    #expect(tokenizer.prompt(["glon"]) == [0] + tokenizer.encode(" glon"))
  }

  @Test func `tokens beyond the model, and ids that are not as declared, are reported`() throws {
    try withBase { base, _ in
      let tokenizer = base.appending(path: "tokenizer.json")
      let text = try String(contentsOf: tokenizer, encoding: .utf8).replacing(
        #""id": 500"#, with: #""id": 510"#)
      try Data(text.utf8).write(to: tokenizer)
      try Data(#"{"pad_token": "<pad>"}"#.utf8)
        .write(to: base.appending(path: "tokenizer_config.json"))
      var warnings: [String] = []
      let read = try LanguageModel.read(base, warn: { warnings.append($0) })
      #expect(warnings.count == 2, "\(warnings)")
      #expect(warnings[0].contains("the id 510, but it is 500"))
      #expect(warnings[1].contains("\"<pad>\"") && warnings[1].contains("vocab_size of 501"))
      #expect(
        read.tokenizer.encodeWhole("<pad><|eot|>", addsTemplate: false)
          == read.tokenizer.encode("<pad>") + [500])
    }
  }

  @Test func `a folder without tokenizer_json says how to make it`() throws {
    try withBase { base, _ in
      try FileManager.default.moveItem(
        at: base.appending(path: "tokenizer.json"), to: base.appending(path: "vocab.json"))
      let error = #expect(throws: FileError.self) { try LanguageModel.read(base) }
      #expect(error?.description.contains("save_pretrained") == true)
    }
  }

  /// `make_gguf.py` wrote the names of the tokens into the file.
  @Test func `a GGUF file names its tokens`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Interop/models/smollm.gguf")
    #expect(try SideFiles.read(file)?.files == nil)
    let (model, tokenizer) = try LanguageModel.read(file)
    #expect(tokenizer.namedTokens["eos_token"] == tokenizer.decode([tokenizer.endOfText]))
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "copy")
      try LanguageModel.write(model, tokenizer: tokenizer, card: "", to: copy)
      let settings = try object(copy.appending(path: "tokenizer_config.json"))
      #expect(settings["eos_token"] as? String == tokenizer.namedTokens["eos_token"])
      #expect(try LanguageModel.read(copy).tokenizer.namedTokens == tokenizer.namedTokens)
    }
  }
}
