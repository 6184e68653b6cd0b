import Foundation
import ModelFiles
import Study
import TestSupport
import Testing
import Tokenization
import Transformer

/// `--chat` of `probe generate` and of the comparison.
struct ChatCommandTests {
  private static let template = """
    {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}\
    {{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif %}\
    {{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}\
    {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  /// A small model whose tokenizer has ChatML's tokens, and the template if one is given.
  private func prepare(_ folder: URL, template: String? = template) throws {
    let model = folder.appending(path: "model")
    try LanguageModel.write(
      try Model.tiny(vocabularySize: 502, contextLength: 512), tokenizer: .tiny, card: "",
      to: model)
    var config: [String: Any] = [
      "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
      "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
    ]
    config["chat_template"] = template
    try JSONSerialization.data(withJSONObject: config)
      .write(to: model.appending(path: "tokenizer_config.json"))
  }

  private func probe(_ arguments: [String], in folder: URL) async throws -> Command.Result {
    try await Command(name: "probe", folder: folder).run(arguments)
  }

  /// The tiny model answers in no sentences, so only what is asked and what is printed counts.
  @Test func `a chat model is asked for sentences, and requests can be edited`() async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      let printed = try await probe(["requests"], in: folder)
      #expect(printed.status == 0)
      let requests = try JSONDecoder().decode([ChatRequest].self, from: Data(printed.output.utf8))
      #expect(requests == ChatRequest.standard)
      try Data(#"[{"name": "say", "messages": [{"role": "user", "content": "{document}"}]}]"#.utf8)
        .write(to: folder.appending(path: "own.json"))
      try Data(#"{"text": "Harbor stores files."}"#.utf8)
        .write(to: folder.appending(path: "d.jsonl"))
      try Data(
        #"{"prompt": "Harbor stores", "choices": ["files.", "mail."], "answer": 0}"#.utf8
      ).write(to: folder.appending(path: "q.jsonl"))
      let base = [
        "--model", "model", "--documents", "d.jsonl", "--questions", "q.jsonl", "--seeds", "1",
        "--epochs", "1", "--format", "json",
      ]
      let asked = try await probe(base + ["--requests", "own.json"], in: folder)
      #expect(asked.status == 0, "\(asked.error)")
      #expect(asked.error.contains("the model is asked in its chat format"))
      // What is run by default, and the time and memory that it takes.
      for arm in Arm.practical { #expect(asked.error.contains(", \(arm.name), seed 1")) }
      #expect(asked.error.contains(" GB there are will be needed"))
      #expect(asked.output.contains("{document}") && !asked.output.contains("{documents}"))
      let continued = try await probe(base + ["--augmentation", "continue"], in: folder)
      #expect(continued.error.contains("the model continues the documents"))
      for more in [["--sentences", "4"], ["--doses", "2"]] {
        let refused = try await probe(base + more, in: folder)
        #expect(refused.status == 64 && refused.error.contains("\(more[0]) counts sentences"))
      }
      let unused = try await probe(
        base + ["--requests", "own.json", "--arms", "augmented-global"], in: folder)
      #expect(unused.status == 64 && unused.error.contains("needs a request with {documents}"))
      let missing = try await probe(base + ["--requests", "none.json"], in: folder)
      #expect(missing.status == 1 && missing.error.contains("none.json"))
    }
  }

  @Test func `an answer is generated after the user's message and printed alone`() async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      let base = ["generate", "--model", "model", "--temperature", "0", "--max-tokens", "6"]
      func text(_ more: [String]) async throws -> String {
        let result = try await probe(base + ["--json"] + more, in: folder)
        #expect(result.status == 0, "\(result.error)")
        let line = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require((line as? [String: Any])?["text"] as? String)
      }
      let answer = try await text(["--chat", "--prompt", "femp are"])
      // The same as the whole text of the conversation, spelt out.
      func spelt(_ system: String) -> [String] {
        [
          "--prompt",
          "<|im_start|>system\n\(system)<|im_end|>\n<|im_start|>user\nfemp are<|im_end|>\n"
            + "<|im_start|>assistant\n",
        ]
      }
      try edit(folder.appending(path: "model/tokenizer.json"))
      #expect(try await text(spelt("You help.")) == answer)
      let brief = try await text(["--chat", "--prompt", "femp are", "--system", "Be brief."])
      #expect(try await text(spelt("Be brief.")) == brief)
      let plain = try await probe(base + ["--chat", "--prompt", "femp are"], in: folder)
      #expect(plain.output == answer + "\n")
    }
  }

  /// Removes the template that puts a token before plain text.
  private func edit(_ file: URL) throws {
    let value = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    var json = try #require(value as? [String: Any])
    json["post_processor"] = NSNull()
    try JSONSerialization.data(withJSONObject: json).write(to: file)
  }

  @Test func `a format that is not known has to be chosen`() async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder, template: nil)
      let arguments = [
        "generate", "--model", "model", "--prompt", "a", "--max-tokens", "2", "--chat",
      ]
      let none = try await probe(arguments, in: folder)
      #expect(none.status == 1 && none.output.isEmpty)
      #expect(none.error.contains("chatml, llama3") && none.error.contains("--chat-format"))
      let chosen = try await probe(arguments + ["--chat-format", "chatml"], in: folder)
      #expect(chosen.status == 0, "\(chosen.error)")
      let lacking = try await probe(arguments + ["--chat-format", "phi3"], in: folder)
      #expect(lacking.status == 1 && lacking.error.contains("<|user|>"))
      let plain = try await probe(arguments + ["--chat-format", "none"], in: folder)
      #expect(plain.status == 0, "\(plain.error)")
    }
  }

  @Test func `the comparison asks in the chat format`() async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      try Data(#"{"text": "femp are rony."}"#.utf8).write(to: folder.appending(path: "d.jsonl"))
      try Data(#"{"prompt": "femp are", "choices": ["rony", "glon"], "answer": 0}"#.utf8)
        .write(to: folder.appending(path: "q.jsonl"))
      func samples(_ name: String, _ more: [String]) async throws -> [[Double]] {
        let result = try await probe(
          [
            "--documents", "d.jsonl", "--questions", "q.jsonl", "--model", "model", "--arms",
            "pretrained,in-context", "--seeds", "1", "--quiet", "--output", name,
          ] + more, in: folder)
        #expect(result.status == 0, "\(result.error)")
        let text = try String(
          contentsOf: folder.appending(path: name + "/samples.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
          let sample = try JSONSerialization.jsonObject(with: Data(line.utf8))
          return try #require((sample as? [String: Any])?["log_likelihoods"] as? [Double])
        }
      }
      let chat = try await samples("chat", ["--chat"])
      let plain = try await samples("plain", [])
      #expect(chat.count == 2 && plain.count == 2 && chat != plain)
      // By hand: the first choice after the conversation.
      let (model, tokenizer) = try LanguageModel.read(folder.appending(path: "model"))
      for (values, user) in zip(chat, ["femp are", "femp are rony.\n\nfemp are"]) {
        let text = try Chat(tokenizer).text(user: user)
        let scores = InferenceSession(model).logLikelihoods([
          .init(
            prompt: tokenizer.encodeWhole(text, addsTemplate: false),
            choice: tokenizer.encode("rony"))
        ])
        #expect(abs(scores[0] - values[0]) < 1e-4)
      }
    }
  }

  @Test(arguments: [
    (["generate", "--prompt", "a", "--system", "b"], "--system needs --chat"),
    (["generate", "--prompt", "a", "--chat-format", "chatml"], "--chat-format needs --chat"),
    (["generate", "--prompt", "a", "--chat", "--chat-format", "chatgpt"], "chatml, llama3"),
    (["--reversal", "--chat-format", "zephyr"], "--chat-format needs --chat"),
    (
      ["generate", "--prompt", "a", "--chat", "--chat-format", "none", "--system", "b"],
      "--system needs a chat format"
    ),
  ])
  func `options that do not fit are wrong usage`(arguments: [String], message: String)
    async throws
  {
    try await inTemporaryFolder { folder in
      let result = try await probe(arguments, in: folder)
      #expect(result.status == 64 && result.error.contains(message), "\(result.error)")
    }
  }
}
