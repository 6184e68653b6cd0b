import Foundation
import Testing

@Suite struct ProbeCommandTests {
  @Test func `a comparison is printed and written`() async throws {
    try await withTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("model"))
      let result = try await Command(name: "probe", folder: folder).run([
        "--reversal", "--facts", "3", "--seeds", "2", "--model", "model", "--output", "deep/study",
      ])
      #expect(result.status == 0)
      #expect(result.output.hasPrefix("Reversal: 3 facts a world, 2 worlds\n\narm "))
      #expect(result.output.contains("\nchance "))
      #expect(result.error.contains("10 of 10"))
      let study = folder.appendingPathComponent("deep/study")
      let written = try paths(below: study)
      #expect(written.subtracting(["augmentations.jsonl"]) == ["results.json", "samples.jsonl"])
      let json = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: study.appendingPathComponent("results.json"))) as? [String: Any])
      let rows = try #require(json["rows"] as? [[String: Any]])
      #expect(rows.count == 5 * 3)
      for row in rows {
        #expect(row["dataset"] as? String == "reversal")
        #expect(row["questions"] as? Int == 6)
        #expect(row["seeds"] as? Int == 2)
        let accuracy = try #require(row["accuracy"] as? Double)
        #expect((0...1).contains(accuracy))
        let arm = try #require(row["arm"] as? String)
        #expect(result.output.contains("\n\(arm) "))
      }
      let run = try #require(json["run"] as? [String: Any])
      #expect(run["seeds"] as? [Int] == [1, 2])
      #expect(
        run["command"] as? String
          == "probe --reversal --facts 3 --seeds 2 --model model --output deep/study")
      let samples = try String(
        contentsOf: study.appendingPathComponent("samples.jsonl"), encoding: .utf8)
      #expect(samples.split(separator: "\n").count == 15 * 6)
    }
  }

  @Test func `only the arms that were named are run`() async throws {
    try await withTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("model"))
      let result = try await Command(name: "probe", folder: folder).run([
        "--reversal", "--facts", "2", "--seeds", "1", "--model", "model", "--quiet", "--arms",
        "in-context, pretrained",
      ])
      #expect(result.status == 0)
      #expect(result.error.isEmpty)
      #expect(result.output.contains("\npretrained "))
      #expect(result.output.contains("\nin-context "))
      #expect(!result.output.contains("fine-tuned"))
      #expect(try paths(below: folder).allSatisfy { $0.hasPrefix("model") })
    }
  }

  /// A way to damage a model folder, and what the message must then say.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let mentions: [String]
    let apply: @Sendable (URL) throws -> Void
  }

  static let damages = [
    Damage(testDescription: "no folder", mentions: ["model: no such folder"]) {
      try FileManager.default.removeItem(at: $0)
    },
    Damage(testDescription: "cut short", mentions: ["model/model.safetensors: ", "truncated"]) {
      let file = $0.appendingPathComponent("model.safetensors")
      try Data(contentsOf: file).dropLast(100).write(to: file)
    },
    Damage(
      testDescription: "another architecture",
      mentions: ["model/config.json: ", "GPT2LMHeadModel", "LlamaForCausalLM"]
    ) {
      let file = $0.appendingPathComponent("config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing("Qwen3ForCausalLM", with: "GPT2LMHeadModel").utf8).write(to: file)
    },
    Damage(
      testDescription: "not a number", mentions: ["model/model.safetensors: ", "NaN"]
    ) {
      let file = $0.appendingPathComponent("model.safetensors")
      var data = try Data(contentsOf: file)
      data.replaceSubrange(data.count - 4..<data.count, with: [0, 0, 0xC0, 0x7F])
      try data.write(to: file)
    },
    Damage(testDescription: "no tokenizer", mentions: ["model/tokenizer.json"]) {
      try FileManager.default.removeItem(at: $0.appendingPathComponent("tokenizer.json"))
    },
  ]

  @Test(arguments: damages)
  func `a model that cannot be run is told with the file's name`(damage: Damage) async throws {
    try await withTemporaryFolder { folder in
      let model = folder.appendingPathComponent("model")
      try writeTinyModel(to: model)
      try damage.apply(model)
      let before = try paths(below: folder)
      let result = try await Command(name: "probe", folder: folder).run([
        "--reversal", "--facts", "2", "--model", "model", "--output", "study",
      ])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("Error: "))
      for text in damage.mentions { #expect(result.error.contains(text), "\(result.error)") }
      #expect(try paths(below: folder) == before)
    }
  }

  @Test(arguments: [
    (["--output", "model"], "model: exists"),
    (["--output", "model/config.json/study"], "cannot write: Not a directory"),
    (["--facts", "5000"], "--facts 5000: "),
    (["--facts", "400", "--output", "study"], "about 4 facts fit"),
  ])
  func `a failure is told in one line and leaves nothing`(
    arguments: [String], message: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("model"))
      let before = try paths(below: folder)
      let result = try await Command(name: "probe", folder: folder)
        .run(["--reversal", "--model", "model", "--quiet"] + arguments)
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("Error: "))
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(try paths(below: folder) == before)
    }
  }
}
