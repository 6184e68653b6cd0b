import Foundation
import TestSupport
import Testing
import Training

/// Limits of the system: disk space, file size, open files, memory, standard output.
/// `Tests/Trust/limits` tries a real full disk and a read-only one.
@Suite struct LimitTests {
  /// A folder with a run that was stopped after some steps.
  private func withRun(_ body: (URL, Command) async throws -> Void) async throws {
    try await inTemporaryFolder { folder in
      let train = Command(name: "train", folder: folder)
      try Recipe.tiny(tokens: 1 << 40).write(to: folder.appendingPathComponent("recipe.json"))
      let running = try train.start([
        "--recipe", "recipe.json", "--output", "run", "--workers", "1", "--checkpoint-every",
        "5000",
      ])
      let checkpoints = folder.appendingPathComponent("run/checkpoints")
      try await running.wait(for: "a checkpoint", thenSend: SIGTERM) {
        (try? names(in: checkpoints))?.contains { Int($0) != nil } ?? false
      }
      #expect(try await running.finish().status == 130)
      // It ends after three more steps.
      let step = try #require(try names(in: checkpoints).compactMap(Int.init).max())
      let config = folder.appendingPathComponent("run/config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      try Data(text.replacing("\(1 << 40)", with: "\((step + 3) * 1024)").utf8).write(to: config)
      try await body(folder, train)
    }
  }

  /// The newest checkpoint and its files' bytes.
  private func state(_ folder: URL) throws -> [String: Data] {
    let checkpoints = folder.appendingPathComponent("run/checkpoints")
    var files: [String: Data] = [:]
    for name in try paths(below: checkpoints) {
      let file = checkpoints.appendingPathComponent(name)
      files[name] = (try? Data(contentsOf: file)) ?? Data()
    }
    return files
  }

  @Test(arguments: ["ulimit -f 8", "ulimit -f 60"])
  func `a checkpoint that cannot be written ends the run and leaves the last one`(
    limit: String
  ) async throws {
    try await withRun { folder, train in
      let before = try state(folder)
      let result = try await train.run(["--resume", "run", "--quiet"], limits: limit)
      #expect(result.status == 1)
      #expect(result.error.hasPrefix("Error: \(folder.path)/run/"), "\(result.error)")
      #expect(result.error.contains("cannot write: File too large; free some space"))
      #expect(try state(folder) == before)
      #expect(try !paths(below: folder).contains { $0.hasSuffix(".tmp") })
    }
  }

  @Test func `too few open files end in a message`() async throws {
    try await withRun { folder, train in
      let before = try state(folder)
      var refused = 0
      for limit in 4...14 {
        let result = try await train.run(
          ["--resume", "run", "--quiet"], limits: "ulimit -n \(limit)")
        // With too few for the libraries the system's loader fails; with enough the run continues.
        if [0, 127].contains(result.status) { continue }
        refused += 1
        #expect(result.status == 1)
        #expect(
          result.error.contains("Error: ") && result.error.contains("Too many open files"),
          "\(limit): \(result.error)")
      }
      #expect(refused > 0)
      let after = try state(folder)
      for (name, data) in before where after[name] != nil {
        #expect(after[name] == data, "\(name)")
      }
    }
  }

  @Test func `too little memory ends in a message`() async throws {
    try await inTemporaryFolder { folder in
      var recipe = Recipe.tiny(tokens: 4096)
      recipe.hiddenSize = 8192
      recipe.intermediateSize = 32768
      recipe.layerCount = 16
      try recipe.write(to: folder.appendingPathComponent("recipe.json"))
      let result = try await Command(name: "train", folder: folder).run(
        ["--recipe", "recipe.json", "--output", "run", "--workers", "1", "--quiet"],
        limits: "ulimit -v 8000000")
      #expect(result.status == 1)
      #expect(result.error.contains("Error: not enough memory: "), "\(result.error)")
      #expect(try paths(below: folder) == ["recipe.json"])
    }
  }

  #if os(Linux)
    /// OpenBLAS waits for ever for a buffer that the system refuses.
    @Test func `a limit below the matrix library's buffers ends in a message`() async throws {
      try await withRun { folder, train in
        let before = try state(folder)
        // The same on every machine: OpenBLAS starts with a thread and a buffer for each core.
        let threads = "export OPENBLAS_NUM_THREADS=2\n"
        for megabytes in stride(from: 180, through: 340, by: 40) {
          let result = try await train.run(
            ["--resume", "run", "--quiet"], limits: threads + "ulimit -v \(megabytes << 10)")
          if megabytes > 250, result.status == 0 { break }
          #expect(result.status == 1, "\(megabytes) MB: \(result.error)")
          #expect(result.error.contains("Error: not enough memory: "), "\(result.error)")
          #expect(try state(folder) == before)
        }
        // A command does not wait at its end, either.
        #expect(try await train.run(["--help"], limits: threads + "ulimit -v 180000").status == 1)
        let enough = try await train.run(
          ["--resume", "run", "--quiet"], limits: threads + "ulimit -v 2000000")
        #expect(enough.status == 0, "\(enough.error)")
      }
    }
  #endif

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `full standard output and standard error lose no results`() async throws {
    try await inTemporaryFolder { folder in
      try Recipe.tiny(tokens: 4096).write(to: folder.appendingPathComponent("recipe.json"))
      let train = Command(name: "train", folder: folder)
      let arguments = ["--recipe", "recipe.json", "--workers", "1", "--output"]
      let silent = try await train.run(arguments + ["a"], limits: "", redirection: "2>/dev/full")
      #expect(silent.status == 0)
      #expect(silent.output == "a/model\n")
      let unheard = try await train.run(arguments + ["b"], limits: "", redirection: ">/dev/full")
      #expect(unheard.status == 1)
      #expect(unheard.error.contains("Error: /dev/stdout: cannot write: No space left on device"))

      try writeTinyModel(to: folder.appendingPathComponent("model"))
      let probed = try await Command(name: "probe", folder: folder).run(
        [
          "--reversal", "--size", "2", "--seeds", "1", "--model", "model", "--arms", "pretrained",
          "--output", "study",
        ], limits: "", redirection: ">/dev/full")
      #expect(probed.status == 1)
      #expect(probed.error.contains("/dev/stdout: cannot write"), "\(probed.error)")
      for more in [[], ["--json"]] {
        let generated = try await Command(name: "probe", folder: folder).run(
          ["generate", "--prompt", "femp are", "--max-tokens", "5", "--model", "model"] + more,
          limits: "", redirection: ">/dev/full")
        #expect(generated.status == 1)
        #expect(generated.error.contains("/dev/stdout: cannot write"), "\(generated.error)")
      }
      // What could not be printed is in the files.
      #expect(try names(in: folder.appendingPathComponent("study")).contains("results.json"))
    }
  }
}
