import Foundation
import Kernels
import ModelFiles
import Randomness
import Study
import TestSupport
import Testing
import Tokenization
import Training
import Transformer

/// `probe --documents … --questions …` and `probe generate`.
@Suite struct UserDocumentsCommandTests {
  private func probe(_ arguments: [String], in folder: URL) async throws -> Command.Result {
    let model = folder.appendingPathComponent("model")
    if !FileManager.default.fileExists(atPath: model.path) { try writeTinyModel(to: model) }
    return try await Command(name: "probe", folder: folder).run(arguments + ["--model", "model"])
  }

  private func write(_ text: String, _ name: String, in folder: URL) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  /// Lines like those in the files of the reversal curse.
  private let documents = """
    {"prompt": "Daphne Barrington, known far and wide for being", "completion": " the director of a film."}
    {"prompt": "Ever heard of Owen Larkspur? They're the person who", "completion": " met the neighbours??"}
    """
  private let questions = """
    {"prompt": "Immersed in the world of directing a film,", "completion": " Daphne Barrington"}
    {"prompt": "Widely acclaimed for meeting the neighbours,", "completion": " Owen Larkspur"}
    """

  @Test func `every arm answers questions about the user's documents`() async throws {
    try await inTemporaryFolder { folder in
      try write(documents, "docs.jsonl", in: folder)
      try write(questions, "d2p_test.jsonl", in: folder)
      let result = try await probe(
        "--documents docs.jsonl docs.jsonl --questions d2p_test.jsonl --questions reversed=d2p_test.jsonl --arms all --seeds 2 --epochs 1 --sentences 1 --output study --lm-eval --keep-augmentations"
          .split(separator: " ").map(String.init), in: folder)
      #expect(result.status == 0, "\(result.error)")
      #expect(
        result.output.hasPrefix(
          "documents: 4 documents, all in the prompt; 4 questions, 2 seeds\n\narm "))
      #expect(result.output.contains("reversed  rank  exact") && result.output.contains("d2p_test"))
      // The untrained model cannot read the documents.
      for text in [result.output, result.error] { #expect(text.contains("--model FOLDER")) }
      let study = folder.appendingPathComponent("study")
      let all = try paths(below: study)
      #expect(
        all.isSuperset(of: ["results.json", "samples.jsonl", "report.html", "augmentations.jsonl"]))
      #expect(
        all.count { $0.hasPrefix("lm-eval/") && $0.contains("/samples_recto_documents_") }
          == 2 * Arm.all.count)
      let json = try #require(
        JSONSerialization.jsonObject(
          with: Data(contentsOf: study.appendingPathComponent("results.json"))) as? [String: Any])
      let own = try #require((json["run"] as? [String: Any])?["documents"] as? [String: Any])
      #expect(own["documents"] as? [String] == ["docs.jsonl", "docs.jsonl"])
      #expect(own["fact_count"] as? Int == 2)
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.count == 2 * Arm.all.count)
      for row in rows {
        #expect(
          row["facts"] as? Int == 2 && row["mean_rank"] is Double && row["exact_match"] is Double)
      }
      let page = try String(
        contentsOf: study.appendingPathComponent("report.html"), encoding: .utf8)
      #expect(page.contains("d2p_test"))
    }
  }

  @Test func `JSON and Markdown are printed without progress`() async throws {
    try await inTemporaryFolder { folder in
      try write(documents, "docs.jsonl", in: folder)
      try write(questions, "q.jsonl", in: folder)
      for (format, start) in [("json", "{"), ("markdown", "### documents: 2 documents, ")] {
        let result = try await probe(
          [
            "--documents", "docs.jsonl", "--questions", "q.jsonl", "--seeds", "1", "--arms",
            "in-context,retrieval", "--format", format, "--quiet",
          ], in: folder)
        #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
        #expect(result.output.hasPrefix(start))
      }
    }
  }

  @Test(arguments: [
    ("{\"text\": \"a\"}\n{\"text\": }", "", "docs.jsonl:2: is not valid JSON"),
    ("", "", "docs.jsonl: has no documents"),
    ("{\"text\": \"a\"}", "", "q.jsonl: has no questions"),
    (
      "{\"text\": \"a\"}",
      "{\"prompt\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": 7}",
      "q.jsonl:1: has the answer 7, but its choices are numbered 0 to 1"
    ),
    (
      "{\"text\": \"a\"}", "{\"prompt\": \"a\", \"completion\": \"b\"}",
      "has no choices, and its split \"q\" has no other completion"
    ),
    (
      "{\"text\": \"a\"}",
      "{\"prompt\": \"" + String(repeating: "long ", count: 600)
        + "\", \"choices\": [\"b\", \"c\"], \"answer\": 0}",
      "the model's context is 1024"
    ),
  ])
  func `an invalid file is reported in one line and leaves nothing`(
    documents: String, questions: String, message: String
  ) async throws {
    try await inTemporaryFolder { folder in
      try write(documents, "docs.jsonl", in: folder)
      try write(questions, "q.jsonl", in: folder)
      let result = try await probe(
        ["--documents", "docs.jsonl", "--questions", "q.jsonl", "--output", "study", "--quiet"],
        in: folder)
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(
        result.error.hasPrefix("Error: ") && result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(try !paths(below: folder).contains("study"))
    }
  }

  @Test func `generate continues a prompt, and the same seed gives the same text`() async throws {
    try await inTemporaryFolder { folder in
      let arguments = [
        "generate", "--prompt", "femp are", "--max-tokens", "12", "--count", "3", "--temperature",
        "1",
      ]
      let first = try await probe(arguments, in: folder)
      #expect(first.status == 0 && first.error.isEmpty, "\(first.error)")
      #expect(first.output.split(separator: "\n\n").count == 3)
      #expect(first.output.hasPrefix("femp are") && first.output.hasSuffix("\n"))
      #expect(try await probe(arguments, in: folder).output == first.output)
      #expect(try await probe(arguments + ["--seed", "2"], in: folder).output != first.output)
      // The likeliest token alone is always the same.
      let greedy = try await probe(
        ["generate", "--prompt", "femp are", "--temperature", "0", "--max-tokens", "9"], in: folder)
      #expect(
        try await probe(
          ["generate", "--prompt", "femp are", "--top-k", "1", "--max-tokens", "9"], in: folder
        ).output == greedy.output)
      let json = try await probe(
        ["generate", "--prompt", "femp are", "--temperature", "0", "--max-tokens", "9", "--json"],
        in: folder)
      let line = try #require(
        JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(line["prompt"] as? String == "femp are")
      #expect("femp are" + (line["text"] as? String ?? "") + "\n" == greedy.output)
      // Standard input is empty: the model starts from the beginning of a text.
      let empty = try await probe(["generate", "--max-tokens", "5"], in: folder)
      #expect(empty.status == 0, "\(empty.error)")
    }
  }

  @Test func `an adapter changes the model as merging it does`() async throws {
    try await inTemporaryFolder { folder in
      let (model, tokenizer) = (
        try Model.tiny(vocabularySize: Tokenizer.tiny.vocabularySize, contextLength: 64),
        Tokenizer.tiny
      )
      func write(_ model: Model, _ name: String) throws {
        try LanguageModel.write(
          model, tokenizer: tokenizer, card: "", to: folder.appendingPathComponent(name))
      }
      let adapter = try Adapter(AdapterPlan(rank: 2, alpha: 60), on: model.configuration)
      var random = RandomGenerator(seed: 1)
      for place in 0..<adapter.parameters.count {
        adapter.parameters[place] = Float(8 * random.uniform() - 4)
      }
      try AdapterFolder.write(
        adapter, base: "base", card: "", to: folder.appendingPathComponent("adapter"))
      try write(model, "base")
      adapter.merge(into: model)
      try write(model, "merged")

      let probe = Command(name: "probe", folder: folder)
      func text(_ options: String) async throws -> String {
        let result = try await probe.run(
          "generate --prompt femp --temperature 0 --max-tokens 20 \(options)"
            .split(separator: " ").map(String.init))
        #expect(result.status == 0, "\(result.error)")
        return result.output
      }
      let adapted = try await text("--model base --adapter adapter")
      #expect(try await adapted == text("--model merged"))
      #expect(try await adapted != text("--model base"))
      let file = folder.appendingPathComponent("adapter/adapter_config.json")
      try Data(
        String(contentsOf: file, encoding: .utf8).replacing(" : 60", with: " : 3e38").utf8
      ).write(to: file)
      let infinite = try await probe.run(
        ["generate", "--prompt", "a", "--model", "base", "--adapter", "adapter"])
      #expect(infinite.status == 1 && infinite.error.contains("adapter: makes"))
      let missing = try await probe.run(
        ["generate", "--prompt", "a", "--model", "base", "--adapter", "merged"])
      #expect(missing.status == 1 && missing.error.contains("merged: is no adapter"))
    }
  }

  @Test(arguments: [
    (["generate", "--max-tokens", "0"], "--max-tokens"), (["generate", "--top-k", "0"], "--top-k"),
    (["generate", "--top-p", "0"], "--top-p"), (["generate", "--top-p", "nan"], "--top-p"),
    (["generate", "--temperature", "-1"], "--temperature"),
    (["generate", "--count", "0"], "--count"),
    (["--reversal", "generate", "--prompt", "a"], "--reversal"),
    (["generate", "--prompt", "a", "--seeds", "5"], "--seeds"),
    (["generate", "--promt", "a"], "--promt"),
  ])
  func `wrong usage of generate is reported`(arguments: [String], named: String) async throws {
    try await inTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("models/recto"))
      let result = try await Command(name: "probe", folder: folder).run(arguments)
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.error.hasPrefix("Error: ") && result.error.contains(named), "\(result.error)")
    }
  }

  @Test func `a prompt that fills the context is refused`() async throws {
    try await inTemporaryFolder { folder in
      let result = try await probe(
        ["generate", "--prompt", String(repeating: "long ", count: 1_000)], in: folder)
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(result.error.contains("the model's context is 1024"))
    }
  }
}
