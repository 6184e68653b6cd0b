import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenization
import Training

@Suite struct FinetuneCommandTests {
  private static let documents = (0..<100).map {
    #"{"prompt": "femp \#($0) are", "completion": " more rony than glon."}"#
  }.joined(separator: "\n")

  /// Every token of a document except its first is learned, and so is the end-of-text token after
  /// it.
  private static let tokensAnEpoch = (0..<100).reduce(0) {
    $0 + Tokenizer.tiny.continuation("femp \($1) are", isFirst: true).count
      + Tokenizer.tiny.encode(" more rony than glon.").count + 1
  }

  private func prepare(_ folder: URL) throws {
    try writeTinyModel(to: folder.appendingPathComponent("source"), contextLength: 64)
    try Data(Self.documents.utf8).write(to: folder.appendingPathComponent("docs.jsonl"))
  }

  @Test func `a fine-tuning run stops at a signal, resumes, and leaves model and adapter`()
    async throws
  {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      let train = Command(name: "train", folder: folder)
      let running = try train.start([
        "finetune", "--documents", "docs.jsonl", "--model", "source", "--output", "run",
        "--workers", "1", "--epochs", "10000", "--batch-tokens", "64", "--lora-rank", "2",
        "--lora-targets", "q_proj,down_proj", "--completions-only", "--recompute",
        "--tensorboard", "--quiet",
      ])
      let run = folder.appendingPathComponent("run")
      let metrics = run.appendingPathComponent("metrics.jsonl")
      try await running.wait(for: "a line of metrics", thenSend: SIGTERM) {
        (try? Data(contentsOf: metrics).isEmpty) == false
      }
      let stopped = try await running.finish()
      #expect(stopped.status == 130, "\(stopped.error)")

      // The run is shortened to end with its current epoch.
      let config = run.appendingPathComponent("config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      #expect(text.contains("\"epochs\" : 10000"))
      let checkpoints = run.appendingPathComponent("checkpoints")
      let step = try #require(
        FileManager.default.contentsOfDirectory(atPath: checkpoints.path).compactMap(Int.init)
          .max())
      let state = try JSONSerialization.jsonObject(
        with: Data(contentsOf: checkpoints.appendingPathComponent("\(step)/state.json")))
      let tokens = try #require((state as? [String: Any])?["tokens"] as? Int)
      let epochs = tokens / Self.tokensAnEpoch + 1
      try Data(text.replacing("\"epochs\" : 10000", with: "\"epochs\" : \(epochs)").utf8)
        .write(to: config)
      let resumed = try await train.run(["--resume", "run"])
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(resumed.output == "run/model\n")
      // There is nothing left to do, and what can be done is said.
      let again = try await train.run(["--resume", "run"])
      #expect(again.status == 0 && again.output == "run/model\n")
      #expect(again.error.contains("this run has ended"))
      #expect(again.error.contains("train finetune --model run/model"))
      let left = try paths(below: run)
      #expect(
        left.isSuperset(of: [
          "model/model.safetensors", "model/README.md", "adapter/adapter_config.json",
          "adapter/adapter_model.safetensors", "adapter/README.md",
        ]))
      #expect(left.filter { $0.hasPrefix("events.out.tfevents.") }.count == 1)
      #expect(!left.contains { $0.hasSuffix(".tmp") })
      let last = try #require(
        String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").last)
      #expect(last.contains("\"tokens\":\(epochs * Self.tokensAnEpoch),"))
      _ = try LanguageModel.read(run.appendingPathComponent("model"))
    }
  }

  @Test func `a run that has ended goes on with more epochs`() async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      let train = Command(name: "train", folder: folder)
      func tokens() throws -> Int {
        let text = try String(
          contentsOf: folder.appendingPathComponent("run/metrics.jsonl"), encoding: .utf8)
        let last = try #require(text.split(separator: "\n").last)
        let line = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        return try #require(line?["tokens"] as? Int)
      }
      let begun = try await train.run([
        "finetune", "--documents", "docs.jsonl", "--model", "source", "--output", "run",
        "--workers", "1", "--epochs", "1", "--batch-tokens", "256", "--quiet",
      ])
      #expect(begun.status == 0, "\(begun.error)")
      #expect(try tokens() == Self.tokensAnEpoch)
      let same = try await train.run(["--resume", "run", "--epochs", "1"])
      #expect(same.status == 1 && same.error.contains("run: has 1 epoch already"), "\(same.error)")
      let ended = try await train.run(["--resume", "run"])
      #expect(ended.error.contains("this run has ended"))
      #expect(ended.error.contains("train finetune --model run/model, or train --resume run with"))
      let more = try await train.run(["--resume", "run", "--epochs", "2"])
      #expect(more.status == 0 && more.output == "run/model\n", "\(more.error)")
      #expect(!more.error.contains("this run has ended"))
      #expect(try tokens() == 2 * Self.tokensAnEpoch)
      let wrong = try await train.run(["--epochs", "2"])
      #expect(wrong.status == 64 && wrong.error.contains("--epochs needs --resume"))
    }
  }

  @Test func `a tokenizer is trained on documents`() async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      let result = try await Command(name: "train", folder: folder).run([
        "tokenizer", "--documents", "docs.jsonl", "docs.jsonl", "--vocabulary-size", "290",
        "--output", "new/tokenizer",
      ])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output == "new/tokenizer\n")
      #expect(result.error.contains("docs.jsonl: 100 documents\n290 tokens from 200 documents"))
      let made = folder.appendingPathComponent("new/tokenizer")
      #expect(try paths(below: made) == ["tokenizer.json", "tokenizer_config.json"])
      let tokenizer = try Tokenizer(
        contentsOf: made.appendingPathComponent("tokenizer.json"), endOfText: 0)
      #expect(tokenizer.vocabularySize == 290)
      #expect(tokenizer.decode(tokenizer.encode("femp ünï")) == "femp ünï")
      #expect(tokenizer.encode(" more rony than glon.").count < 8)
    }
  }

  @Test(arguments: [
    ("finetune --documents none.jsonl --model source", "none.jsonl: is missing"),
    ("finetune --documents broken.jsonl --model source", "broken.jsonl:2: is not valid JSON"),
    ("finetune --documents docs.jsonl --model none", "none: no such file or folder"),
    ("finetune --documents docs.jsonl --model source --row-length 65", "context is 64"),
    ("finetune --documents docs.jsonl --model source --lora-rank 17", "rank is 17"),
    ("finetune --documents docs.jsonl --model source --output source", "source: exists"),
    ("tokenizer --documents broken.jsonl --vocabulary-size 300 --output t", "broken.jsonl:2:"),
    ("tokenizer --documents docs.jsonl --vocabulary-size 300 --output source", "exists already"),
  ])
  func `a failure is reported in one line that names the file`(
    arguments: String, message: String
  ) async throws {
    try await inTemporaryFolder { folder in
      try prepare(folder)
      try Data("{\"text\": \"a\"}\n{\"text\"\n".utf8)
        .write(to: folder.appendingPathComponent("broken.jsonl"))
      let before = try paths(below: folder)
      let result = try await Command(name: "train", folder: folder)
        .run(arguments.split(separator: " ").map(String.init) + ["--quiet"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(try paths(below: folder) == before)
    }
  }
}
