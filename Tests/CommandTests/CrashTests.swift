import Foundation
import TestSupport
import Testing
import Training

/// Runs that are killed, and runs on the same folder. `Tests/Trust/kill-and-resume` does the same
/// at many random moments.
@Suite struct CrashTests {
  private static let everyStep = ["--checkpoint-every", "1024", "--workers", "1"]

  /// Two stages of `steps` steps each.
  private func writeRecipe(steps: Int, to folder: URL) throws {
    var recipe = Recipe.tiny(tokens: steps * 1024)
    recipe.stages.append(recipe.stages[0])
    recipe.stages[1].name = "second"
    recipe.stages[1].rateAtEnd = 0.1
    try recipe.write(to: folder.appendingPathComponent("recipe.json"))
  }

  @Sendable private func checkpoints(_ run: URL) -> [String] {
    (try? names(in: run.appendingPathComponent("checkpoints"))) ?? []
  }

  @Sendable private func newest(_ run: URL) -> Int {
    checkpoints(run).compactMap(Int.init).max() ?? 0
  }

  @Test func `a run killed several times ends with the bytes of one that was not`() async throws {
    try await inTemporaryFolder { folder in
      let train = Command(name: "train", folder: folder)
      try writeRecipe(steps: 40, to: folder)
      let start = ["--recipe", "recipe.json"] + Self.everyStep + ["--quiet", "--output"]
      let whole = try await train.run(start + ["whole"])
      #expect(whole.status == 0, "\(whole.error)")
      let run = folder.appendingPathComponent("run")
      var before = 0
      for number in 0..<6 {
        let running = try train.start(number == 0 ? start + ["run"] : ["--resume", "run"])
        // Alternately while a checkpoint is being written and after some are.
        try await running.wait(for: "a moment to kill", thenSend: SIGKILL) { [before] in
          newest(run) > before
            && (number % 2 == 1 || checkpoints(run).contains { $0.hasSuffix(".tmp") })
        }
        let killed = try await running.finish()
        #expect(running.process.terminationReason == .uncaughtSignal, "\(killed.error)")
        #expect(!killed.error.contains("warning"))
        #expect(newest(run) >= before)
        before = newest(run)
        for step in checkpoints(run).compactMap(Int.init) {
          let files = try names(in: run.appendingPathComponent("checkpoints/\(step)"))
          #expect(files == ["SHA256SUMS", "model", "optimizer.safetensors", "state.json"])
        }
      }
      #expect(before < 80, "the run has ended before it could be killed")
      let resumed = try await train.run(["--resume", "run"])
      #expect(resumed.status == 0 && !resumed.error.contains("warning"), "\(resumed.error)")
      for name in [
        "model/model.safetensors", "model/tokenizer.json", "checkpoints/80/optimizer.safetensors",
      ] {
        let paths = ["whole", "run"].map { folder.appendingPathComponent("\($0)/\(name)") }
        #expect(try Data(contentsOf: paths[0]) == Data(contentsOf: paths[1]), "\(name)")
      }
      #expect(
        try withoutTimes("whole/metrics.jsonl", folder) == withoutTimes("run/metrics.jsonl", folder)
      )
      #expect(try !paths(below: run).contains { $0.hasSuffix(".tmp") })
    }
  }

  @Test func `a probe that was killed keeps the arms it had finished`() async throws {
    try await inTemporaryFolder { folder in
      let probe = Command(name: "probe", folder: folder)
      try writeTinyModel(to: folder.appendingPathComponent("model"))
      let arguments = [
        "--reversal", "--size", "12", "--seeds", "3", "--sentences", "2", "--model", "model",
        "--output",
      ]
      let whole = try await probe.run(arguments + ["whole"])
      #expect(whole.status == 0, "\(whole.error)")
      let journal = folder.appendingPathComponent("study.unfinished")
      @Sendable func finished() -> Int {
        ((try? names(in: journal)) ?? []).count { $0.hasSuffix(".json") }
      }
      let running = try probe.start(arguments + ["study"])
      try await running.wait(for: "some arms", thenSend: SIGKILL) { finished() > 5 }
      _ = try await running.finish()
      #expect(running.process.terminationReason == .uncaughtSignal)
      let count = finished()
      #expect((6..<39).contains(count), "it has ended before it could be killed")
      let resumed = try await probe.run(arguments + ["study"])
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(resumed.error.contains("study.unfinished has \(count) finished arms"))
      #expect(
        try Data(contentsOf: folder.appendingPathComponent("study/samples.jsonl"))
          == Data(contentsOf: folder.appendingPathComponent("whole/samples.jsonl")))
      #expect(!FileManager.default.fileExists(atPath: journal.path))
    }
  }

  @Test func `a second run on the folder is refused, unless the first has crashed`() async throws {
    try await inTemporaryFolder { folder in
      let train = Command(name: "train", folder: folder)
      try writeRecipe(steps: 1 << 30, to: folder)
      let run = folder.appendingPathComponent("run")
      let first = try train.start(
        ["--recipe", "recipe.json", "--output", "run", "--quiet"] + Self.everyStep)
      try await first.wait(for: "a checkpoint") { newest(run) > 0 }
      let second = try await train.run(["--resume", "run"])
      #expect(second.status == 1)
      let number = first.process.processIdentifier
      #expect(second.error.contains("run: is in use by process \(number); "), "\(second.error)")
      kill(number, SIGKILL)
      _ = try await first.finish()
      #expect(FileManager.default.fileExists(atPath: run.appendingPathComponent("lock").path))
      let third = try train.start(["--resume", "run", "--quiet"])
      let before = newest(run)
      try await third.wait(for: "another checkpoint", thenSend: SIGTERM) { newest(run) > before }
      #expect(try await third.finish().status == 130)
      #expect(!FileManager.default.fileExists(atPath: run.appendingPathComponent("lock").path))
    }
  }
}

/// A file of a run without the times in it.
func withoutTimes(_ name: String, _ folder: URL) throws -> String {
  try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    .replacing(#/"(created_at|tokens_per_second|seconds)":[^,}]*,?/#, with: "")
}
