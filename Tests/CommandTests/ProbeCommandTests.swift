import Corpora
import Foundation
import Study
import TestSupport
import Testing

@Suite struct ProbeCommandTests {
  private static let arms = Arm.all.map(\.name)

  private func json(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Runs `probe` beside a tiny model.
  private func probe(_ arguments: String, in folder: URL) async throws -> Command.Result {
    let model = folder.appendingPathComponent("model")
    if !FileManager.default.fileExists(atPath: model.path) { try writeTinyModel(to: model) }
    return try await Command(name: "probe", folder: folder)
      .run(arguments.split(separator: " ").map(String.init) + ["--model", "model"])
  }

  @Test func `a comparison is printed and written`() async throws {
    try await inTemporaryFolder { folder in
      let arguments =
        "--reversal --size 3 --seeds 2 --epochs 1 --sentences 1 --tokens-per-fact 40 --keep-augmentations "
        + "--output deep/study"
      let result = try await probe(arguments, in: folder)
      #expect(result.status == 0, "\(result.error)")
      #expect(
        result.output.hasPrefix("reversal: 3 facts a world, all in the prompt, 2 worlds\n\narm "))
      #expect(result.output.contains("\nchance "))
      #expect(result.error.contains("\(2 * Self.arms.count) of \(2 * Self.arms.count)"))
      let study = folder.appendingPathComponent("deep/study")
      #expect(
        try paths(below: study)
          == ["results.json", "samples.jsonl", "report.html", "augmentations.jsonl"])
      let results = try json(Data(contentsOf: study.appendingPathComponent("results.json")))
      let rows = try #require(results["rows"] as? [[String: Any]])
      #expect(rows.count == Self.arms.count * 3)
      #expect(Set(rows.compactMap { $0["arm"] as? String }) == Set(Self.arms))
      for row in rows {
        #expect(row["dataset"] as? String == "reversal")
        #expect(row["questions"] as? Int == 6)
        #expect(row["seeds"] as? Int == 2)
        // Each world asks three questions with two choices; a tie counts one half.
        let accuracy = try #require(row["accuracy"] as? Double)
        let worlds = try #require(row["worlds"] as? [Double])
        #expect(worlds.count == 2 && abs(accuracy - worlds.reduce(0, +) / 2) < 1e-9)
        #expect(worlds.allSatisfy { abs(6 * $0 - (6 * $0).rounded()) < 1e-9 })
        let arm = try #require(row["arm"] as? String)
        #expect(result.output.contains("\n\(arm) "))
      }
      let run = try #require(results["run"] as? [String: Any])
      #expect(run["seeds"] as? [Int] == [1, 2])
      #expect(run["command"] as? String == "probe \(arguments) --model model")
      let samples = try String(
        contentsOf: study.appendingPathComponent("samples.jsonl"), encoding: .utf8)
      #expect(samples.split(separator: "\n").count == Self.arms.count * 3 * 6)
      let page = try String(
        contentsOf: study.appendingPathComponent("report.html"), encoding: .utf8)
      #expect(page.contains("<html") && page.contains("in-context"))
    }
  }

  @Test(arguments: [
    ("reversal", 3, ["trained", "rephrased", "reversed"]),
    ("syllogism", 2, ["trained", "rephrased", "deduced"]),
    ("hierarchy", 6, ["trained", "rephrased", "reversed", "deduced", "holdout"]),
    ("family", 1, ["trained", "rephrased", "reversed", "deduced"]),
    ("celebrities", 12, ["trained", "rephrased", "reversed"]),
  ])
  func `each dataset has its flag`(name: String, size: Int, splits: [String]) async throws {
    try await inTemporaryFolder { folder in
      let result = try await probe(
        "--\(name) --size \(size) --seeds 1 --arms in-context,pretrained --quiet --format json",
        in: folder)
      #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
      let rows = try #require(try json(Data(result.output.utf8))["rows"] as? [[String: Any]])
      #expect(rows.count == 2 * splits.count)
      #expect(rows.prefix(splits.count).compactMap { $0["split"] as? String } == splits)
      #expect(rows.allSatisfy { $0["dataset"] as? String == name })
    }
  }

  @Test func `each of all datasets has a table`() async throws {
    try await inTemporaryFolder { folder in
      let result = try await probe(
        "--all --size 12 --seeds 1 --arms pretrained --quiet --format markdown", in: folder)
      #expect(result.status == 0, "\(result.error)")
      let heads = result.output.split(separator: "\n").filter { $0.hasPrefix("### ") }
      #expect(heads == Dataset.all.map { "### \($0.name), 1 world" })
      #expect(result.output.contains("\n| --- | ---: |"))
      #expect(result.output.contains("\n| pretrained | "))
      // Without --output nothing is written.
      #expect(try paths(below: folder).allSatisfy { $0.hasPrefix("model") })
    }
  }

  @Test func `quick runs one world of every dataset and the main arms`() async throws {
    try await inTemporaryFolder { folder in
      let options = "--size 12 --sentences 1 --tokens-per-fact 20 --orders 1 --epochs 1 --quiet"
      let result = try await probe("--quick \(options) --format json", in: folder)
      #expect(result.status == 0, "\(result.error)")
      let results = try json(Data(result.output.utf8))
      let rows = try #require(results["rows"] as? [[String: Any]])
      func names(_ key: String) -> Set<String> { Set(rows.compactMap { $0[key] as? String }) }
      #expect(names("arm") == ["pretrained", "fine-tuned", "in-context", "augmented"])
      #expect(names("dataset") == Set(Dataset.all.map(\.name)))
      #expect(rows.allSatisfy { $0["seeds"] as? Int == 1 })
    }
  }

  @Test func `the dose curve has one point for each number, beside the arms`() async throws {
    try await inTemporaryFolder { folder in
      let options =
        "--size 4 --seeds 1 --tokens-per-fact 20 --orders 1 --epochs 1 --arms fine-tuned"
      let result = try await probe(
        "--reversal \(options),upper-bound --doses 3,1,3 --output study", in: folder)
      #expect(result.status == 0, "\(result.error)")
      #expect(result.error.contains("4 of 4"))
      #expect(result.output.contains("\nupper-bound ") && !result.output.contains("augmented@"))
      let study = folder.appendingPathComponent("study")
      let results = try json(Data(contentsOf: study.appendingPathComponent("results.json")))
      let doses = try #require(results["doses"] as? [[String: Any]])
      #expect(doses.compactMap { $0["sentences_per_fact"] as? Int } == [1, 3])
      let page = try String(
        contentsOf: study.appendingPathComponent("report.html"), encoding: .utf8)
      #expect(page.contains("id=\"dose\""))
    }
  }

  @Test func `only the arms that were named are run`() async throws {
    try await inTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("model"))
      let result = try await Command(name: "probe", folder: folder).run([
        "--reversal", "--size", "2", "--seeds", "1", "--model", "model", "--quiet", "--arms",
        "in-context, pretrained", "--output", "study",
      ])
      #expect(result.status == 0)
      #expect(result.error.isEmpty)
      for arm in Self.arms {
        #expect(
          result.output.contains("\n\(arm) ") == ["in-context", "pretrained"].contains(arm),
          "\(arm)")
      }
      let file = folder.appendingPathComponent("study/results.json")
      let run = try #require(try json(Data(contentsOf: file))["run"] as? [String: Any])
      #expect(
        run["command"] as? String
          == "probe --reversal --size 2 --seeds 1 --model model --quiet "
          + "--arms 'in-context, pretrained' --output study")
    }
  }

  @Test func `the same command prints the same numbers, and another first seed others`()
    async throws
  {
    try await inTemporaryFolder { folder in
      func examples(_ more: String) async throws -> Data {
        let result = try await probe(
          "--syllogism --size 4 --seeds 1 --arms in-context,fine-tuned --epochs 1 --quiet "
            + "--format json " + more, in: folder)
        let examples = try #require(try json(Data(result.output.utf8))["examples"])
        return try JSONSerialization.data(withJSONObject: examples, options: .sortedKeys)
      }
      let first = try await examples("")
      #expect(first.count > 1_000)
      #expect(try await examples("--first-seed 1") == first)
      #expect(try await examples("--first-seed 2") != first)
    }
  }

  /// A way to damage a model folder, and what the error must then mention.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let mentions: [String]
    let apply: @Sendable (URL) throws -> Void
  }

  static let damages = [
    Damage(testDescription: "no folder", mentions: ["model: no such file or folder"]) {
      try FileManager.default.removeItem(at: $0)
    },
    Damage(testDescription: "cut short", mentions: ["model/model.safetensors: ", "truncated"]) {
      let file = $0.appendingPathComponent("model.safetensors")
      try Data(contentsOf: file).dropLast(100).write(to: file)
    },
    Damage(
      testDescription: "another architecture",
      mentions: ["model/config.json: ", "OPTForCausalLM", "LlamaForCausalLM"]
    ) {
      let file = $0.appendingPathComponent("config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing("Qwen3ForCausalLM", with: "OPTForCausalLM").utf8).write(to: file)
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
  func `a model that cannot be run is reported with the file's name`(damage: Damage) async throws {
    try await inTemporaryFolder { folder in
      let model = folder.appendingPathComponent("model")
      try writeTinyModel(to: model)
      try damage.apply(model)
      let before = try paths(below: folder)
      let result = try await Command(name: "probe", folder: folder).run([
        "--reversal", "--size", "2", "--model", "model", "--output", "study",
      ])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("Error: "))
      for text in damage.mentions { #expect(result.error.contains(text), "\(result.error)") }
      #expect(try paths(below: folder) == before)
    }
  }

  @Test(arguments: [
    ("--reversal --output model", "model: exists"),
    ("--reversal --output model/config.json/study", "cannot write: Not a directory"),
    ("--hierarchy --size 11 --output study", "hierarchy: the facts that one question needs"),
    ("--hierarchy --size 11 --arms retrieval --output study", "retrieval: a prompt of "),
  ])
  func `a failure is reported in one line and leaves nothing`(
    arguments: String, message: String
  ) async throws {
    try await inTemporaryFolder { folder in
      try writeTinyModel(to: folder.appendingPathComponent("model"), contextLength: 128)
      let before = try paths(below: folder)
      let result = try await probe(arguments + " --quiet", in: folder)
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("Error: "))
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(try paths(below: folder) == before)
    }
  }

  /// Sizes that are known to be wrong only when a world is made.
  @Test(arguments: [
    ("--family --size 5000", "--size 5000: 5000 families need more words", "lower --size"),
    ("--celebrities --size 3", "--size 3: ", "raise --size"),
  ])
  func `a size that makes no world is wrong usage`(
    arguments: String, message: String, fix: String
  ) async throws {
    try await inTemporaryFolder { folder in
      let result = try await probe(arguments + " --quiet --output study", in: folder)
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      let first = result.error.split(separator: "\n").first ?? ""
      #expect(first.hasPrefix("Error: " + message) && first.contains(fix), "\(result.error)")
      #expect(try paths(below: folder).allSatisfy { $0.hasPrefix("model") })
    }
  }
}
