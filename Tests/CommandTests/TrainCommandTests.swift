import Foundation
import TestSupport
import Testing
import Training

@Suite struct TrainCommandTests {
  /// A run that would never end is stopped, cut to two more steps, resumed, and its model probed.
  @Test(arguments: [SIGTERM, SIGINT])
  func `a run stops at a signal, resumes, and its model is probed`(number: Int32) async throws {
    try await inTemporaryFolder { folder in
      let train = Command(name: "train", folder: folder)
      let run = folder.appendingPathComponent("run")
      let endless = 1 << 40
      try Recipe.tiny(tokens: endless).write(to: folder.appendingPathComponent("recipe.json"))
      let running = try train.start([
        "--recipe", "recipe.json", "--output", "run", "--workers", "1",
      ])
      let metrics = run.appendingPathComponent("metrics.jsonl")
      try await running.wait(for: "a line of metrics", thenSend: number) {
        (try? Data(contentsOf: metrics).isEmpty) == false
      }
      let stopped = try await running.finish()
      #expect(stopped.status == 130)
      #expect(running.process.terminationReason == .exit)
      #expect(stopped.output.isEmpty)
      #expect(stopped.error.contains("resume with: swift run train --resume run\n"))
      let left = try paths(below: run)
      #expect(!left.contains { $0.hasSuffix(".tmp") || $0.hasPrefix("model") })

      let checkpoints = try FileManager.default.contentsOfDirectory(
        atPath: run.appendingPathComponent("checkpoints").path)
      let step = try #require(checkpoints.compactMap(Int.init).max())
      let state = try JSONSerialization.jsonObject(
        with: Data(contentsOf: run.appendingPathComponent("checkpoints/\(step)/state.json")))
      #expect((state as? [String: Any])?["step"] as? Int == step)
      let config = run.appendingPathComponent("config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      #expect(text.contains("\(endless)"))
      try Data(text.replacing("\(endless)", with: "\((step + 2) * 64 * 16)").utf8).write(to: config)

      let resumed = try await train.run(["--resume", "run"])
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(resumed.output == "run/model\n")
      #expect(
        try paths(below: run.appendingPathComponent("model"))
          == [
            "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
            "README.md",
          ])
      let last = try #require(
        String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").last)
      let line = try #require(
        try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
      #expect(line["step"] as? Int == step + 2)
      // The last step is probed with the tasks whose prompt fits the context.
      let accuracies = try #require(line["in_context"] as? [String: Double])
      #expect(
        !accuracies.isEmpty
          && Set(accuracies.keys).isSubset(of: InContextProbe.tasks.map(\.name)))
      #expect(accuracies["reversal reversed 100"] == nil)

      let probed = try await Command(name: "probe", folder: folder).run([
        "--reversal", "--size", "3", "--seeds", "1", "--model", "run/model", "--output",
        "study", "--quiet",
      ])
      #expect(probed.status == 0, "\(probed.error)")
      let study = try paths(below: folder.appendingPathComponent("study"))
      #expect(study == ["results.json", "samples.jsonl", "report.html"])
      #expect(try !paths(below: folder).contains { $0.hasSuffix(".tmp") })
    }
  }

  @Test func `quiet trains a recipe to its end without progress`() async throws {
    try await inTemporaryFolder { folder in
      try Recipe.tiny(tokens: 2000).write(to: folder.appendingPathComponent("recipe.json"))
      let result = try await Command(name: "train", folder: folder).run([
        "--recipe", "recipe.json", "--output", "new/run", "--workers", "1", "--seed", "5",
        "--quiet",
      ])
      #expect(result.status == 0)
      #expect(result.error.isEmpty)
      #expect(result.output == "new/run/model\n")
      let config = try String(
        contentsOf: folder.appendingPathComponent("new/run/config.json"), encoding: .utf8)
      #expect(config.contains("\"seed\" : 5"))
      #expect(config.contains("\"worker_count\" : 1"))

      let again = try await Command(name: "train", folder: folder).run([
        "--recipe", "recipe.json", "--output", "new/run",
      ])
      #expect(again.status == 1)
      #expect(again.output.isEmpty)
      #expect(again.error.contains("new/run: exists"))
    }
  }

  @Test func `the printed recipe can be read again`() async throws {
    try await inTemporaryFolder { folder in
      let train = Command(name: "train", folder: folder)
      let printed = try await train.run(["--print-recipe"])
      #expect(printed.status == 0)
      try Data(printed.output.utf8).write(to: folder.appendingPathComponent("mine.json"))
      let again = try await train.run(["--print-recipe", "--recipe", "mine.json", "--seed", "77"])
      #expect(again.status == 0)
      #expect(
        again.output
          == printed.output.replacing("\"seed\" : \(Recipe.standard.seed),", with: "\"seed\" : 77,")
      )
      #expect(again.output != printed.output)
    }
  }

  @Test(arguments: [
    ("--recipe none.json", "none.json: is missing"),
    ("--recipe recipe.json", "recipe.json: stage \"only\": row_length is 512, longer"),
    ("--recipe broken.json", "broken.json: is not valid JSON"),
    ("--start none", "none: no such file or folder"),
    ("--resume none", "none: is not a run folder"),
    ("--resume .", "is not a run folder"), ("--output recipe.json", "recipe.json: exists"),
    ("--output recipe.json/run", "recipe.json/run: cannot write: Not a directory"),
  ])
  func `a failure is reported in one line that names the file`(
    arguments: String, message: String
  ) async throws {
    try await inTemporaryFolder { folder in
      var recipe = Recipe.tiny(tokens: 2000)
      recipe.stages[0].rowLength = 512
      try recipe.write(to: folder.appendingPathComponent("recipe.json"))
      try Data("{".utf8).write(to: folder.appendingPathComponent("broken.json"))
      let before = try paths(below: folder)
      let result = try await Command(name: "train", folder: folder)
        .run(arguments.split(separator: " ").map(String.init) + ["--quiet"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("Error: \(folder.path)"))
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(try paths(below: folder) == before)
    }
  }
}
