import Foundation
import ModelFiles
import Support
import TestSupport
import Testing

@testable import Training

@Suite struct ResumeTests {
  /// What a run leaves behind, apart from times.
  struct Trace: Equatable {
    /// Digests of the files.
    var parameters, moments: Int
    var state: TrainingState
    var lines: [Line]

    struct Line: Equatable {
      var step, tokens: Int
      var stage: String
      var loss, learningRate, gradientNorm: Double
      var inContext: [String: Double]?
    }

    init(_ folder: RunFolder) throws {
      let checkpoint = try #require(try folder.newestCheckpoint())
      parameters = try digest(checkpoint.appendingPathComponent("model/model.safetensors"))
      moments = try digest(checkpoint.appendingPathComponent("optimizer.safetensors"))
      state = try JSONFile.read(
        TrainingState.self, from: checkpoint.appendingPathComponent("state.json"))
      state.seconds = 0
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      lines = try Data(contentsOf: folder.url.appendingPathComponent("metrics.jsonl"))
        .split(separator: UInt8(ascii: "\n")).map { text in
          let line = try decoder.decode(Metrics.self, from: text)
          return Line(
            step: line.step, tokens: line.tokens, stage: line.stage, loss: line.loss,
            learningRate: line.learningRate, gradientNorm: line.gradientNorm,
            inContext: line.inContext)
        }
    }
  }

  /// Steps 1–6 are the first stage, 7–11 the second.
  @Test(arguments: [[1], [4], [5], [6], [7], [10], [2, 3, 6, 9]])
  func `a resumed run equals an uninterrupted one bit for bit`(stops: [Int]) throws {
    try withTemporaryFolder { folder in
      let whole = try train(in: folder.appendingPathComponent("whole"))
      let parts = try train(in: folder.appendingPathComponent("parts"), stoppingAfter: stops)
      #expect(parts.model.digest == whole.model.digest)
      let (expected, found) = (try Trace(whole.folder), try Trace(parts.folder))
      #expect(found.parameters == expected.parameters)
      #expect(found.moments == expected.moments)
      #expect(found.state == expected.state)
      #expect(found.lines == expected.lines)
      #expect(expected.lines.map(\.step) == [6, 11])
      #expect(expected.state.step == 11)
    }
  }

  @Test func `a stop leaves a checkpoint of the last step and no model`() throws {
    try withTemporaryFolder { folder in
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 1, folder: folder.appendingPathComponent("run"))
      #expect(try trainer.run(shouldStop: { trainer.state.step == 3 }) == false)
      #expect(try trainer.folder.newestCheckpoint()?.lastPathComponent == "3")
      #expect(!FileManager.default.fileExists(atPath: trainer.folder.model.path))
      let resumed = try Trainer(resuming: trainer.folder.url)
      #expect(resumed.state == trainer.state)
      #expect(resumed.recipe == .tiny)
      #expect(resumed.workerCount == 1)
    }
  }

  @Test func `a run of two processes is not resumed by one`() throws {
    try damaged { run, _ in
      let file = run.appendingPathComponent("config.json")
      let config = try String(contentsOf: file, encoding: .utf8)
      try config.replacingOccurrences(
        of: "\"worker_count\"", with: "\"rank_count\" : 2,\n  \"worker_count\""
      ).write(to: file, atomically: true, encoding: .utf8)
    } _: { error in
      #expect(error?.problem.contains("mpirun -n 2") == true, "\(error?.problem ?? "")")
    }
  }

  @Test func `a stop at the last step is the end`() throws {
    try withTemporaryFolder { folder in
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 1, folder: folder.appendingPathComponent("run"))
      #expect(try trainer.run(shouldStop: { trainer.state.step == Recipe.tiny.stepCount }))
      let model = trainer.folder.model.appendingPathComponent("model.safetensors")
      let bytes = try digest(model)
      // Resuming a finished run only writes the model again.
      let resumed = try Trainer(resuming: trainer.folder.url)
      var steps = 0
      #expect(try resumed.run(report: { _ in steps += 1 }))
      #expect(steps == 0)
      #expect(try digest(model) == bytes)
    }
  }

  /// A run stopped after four steps, and `damage` done to its folder.
  private func damaged(
    _ damage: (_ run: URL, _ checkpoint: URL) throws -> Void,
    _ check: (FileError?) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 1, folder: folder.appendingPathComponent("run"))
      #expect(try trainer.run(shouldStop: { trainer.state.step == 4 }) == false)
      try damage(trainer.folder.url, #require(try trainer.folder.newestCheckpoint()))
      try check(#expect(throws: FileError.self) { try Trainer(resuming: trainer.folder.url) })
    }
  }

  @Test(arguments: [
    "model/model.safetensors", "model/config.json", "optimizer.safetensors", "state.json",
  ])
  func `a file of the checkpoint that is cut short or missing is named`(name: String) throws {
    try damaged { _, checkpoint in
      let file = checkpoint.appendingPathComponent(name)
      try Data(contentsOf: file).dropLast(20).write(to: file)
    } _: { error in
      #expect(error?.path.hasSuffix("checkpoints/4/" + name) == true, "\(error?.path ?? "")")
    }
    try damaged { _, checkpoint in
      try FileManager.default.removeItem(at: checkpoint.appendingPathComponent(name))
    } _: { error in
      #expect(error?.path.hasSuffix("checkpoints/4/" + name) == true, "\(error?.path ?? "")")
    }
  }

  @Test func `a tokenizer that is cut short is named`() throws {
    try withTemporaryFolder { folder in
      let trainer = try train(in: folder.appendingPathComponent("run"))
      let file = try #require(try trainer.folder.newestCheckpoint())
        .appendingPathComponent("model/tokenizer.json")
      try Data(contentsOf: file).dropLast(20).write(to: file)
      var warnings: [String] = []
      _ = try Trainer(resuming: trainer.folder.url, warn: { warnings.append($0) })
      #expect(warnings.count == 1)
      #expect(warnings.first?.contains("model/tokenizer.json") == true, "\(warnings)")
    }
  }

  @Test(arguments: [
    ("{", "valid JSON"), ("{}", "missing"), ("\"worker_count\" : 0", "worker_count"),
    ("\"row_length\" : 1", "row_length"), ("\"facts\" : [2, 1]", "facts"),
  ])
  func `a broken config.json is named with its setting`(text: String, problem: String) throws {
    try damaged { run, _ in
      let file = run.appendingPathComponent("config.json")
      var config = try String(contentsOf: file, encoding: .utf8)
      if let key = text.split(separator: ":").first, text.contains(":") {
        // The setting's old value ends at a comma or, for a list, at its bracket.
        let old = try Regex(String(key) + #": (\[[^\]]*\]|[^,\n]*)"#)
        #expect(config.contains(old))
        config.replace(old, with: text, maxReplacements: 1)
      } else {
        config = text
      }
      try Data(config.utf8).write(to: file)
    } _: { error in
      #expect(error?.path.hasSuffix("/run/config.json") == true)
      #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }
  }

  @Test(arguments: [
    #"{"step":4,"stage":-1,"step_in_stage":0,"tokens":4,"next_row":1,"seconds":1}"#,
    #"{"step":4,"stage":0,"step_in_stage":6,"tokens":4,"next_row":1,"seconds":1}"#,
    #"{"step":4,"stage":2,"step_in_stage":1,"tokens":4,"next_row":1,"seconds":1}"#,
    #"{"step":-4,"stage":0,"step_in_stage":4,"tokens":4,"next_row":1,"seconds":1}"#,
    #"{"step":9223372036854775807,"stage":0,"step_in_stage":4,"tokens":4,"next_row":1,"seconds":1}"#,
    #"{"step":4,"stage":0,"step_in_stage":4,"tokens":9223372036854775807,"next_row":1,"seconds":1}"#,
    #"{"step":4,"stage":0,"step_in_stage":4,"tokens":4,"next_row":18446744073709551615,"seconds":1}"#,
    #"{"step":4,"stage":0,"step_in_stage":4,"tokens":4,"next_row":1,"seconds":1e300}"#,
    #"{"step":4,"stage":0,"step_in_stage":4,"tokens":4,"next_row":1,"seconds":-1e19}"#,
    #"{"step":4,"stage":0,"step_in_stage":4,"tokens":4,"next_row":1,"seconds":1,"window":{"steps":1,"tokens":4,"losses":1,"seconds":-1}}"#,
    #"{"step":4,"stage":0,"step_in_stage":4,"tokens":4,"tokens":5,"next_row":1,"seconds":1}"#,
  ])
  func `a state that the recipe does not have is refused`(state: String) throws {
    try damaged { _, checkpoint in
      try Data(state.utf8).write(to: checkpoint.appendingPathComponent("state.json"))
      try Checksums.write(in: checkpoint)
    } _: { error in
      #expect(error?.path.hasSuffix("checkpoints/4/state.json") == true)
      #expect(error?.problem.contains("damaged") == false)
    }
  }

  @Test func `a folder without a run or without checkpoints is refused`() throws {
    try withTemporaryFolder { folder in
      let nothing = folder.appendingPathComponent("nothing")
      for url in [nothing, folder] {
        let error = #expect(throws: FileError.self) { try Trainer(resuming: url) }
        #expect(error?.path == url.path)
        #expect(error?.problem.contains("not a run folder") == true)
      }
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 1, folder: folder.appendingPathComponent("run"))
      #expect(try trainer.run(shouldStop: { true }) == false)
      try FileManager.default.removeItem(
        at: trainer.folder.url.appendingPathComponent("checkpoints"))
      let error = #expect(throws: FileError.self) {
        try Trainer(resuming: trainer.folder.url)
      }
      #expect(error?.problem.hasPrefix("is missing; put it back") == true)
      #expect(error?.path.hasSuffix("/run/checkpoints") == true)
    }
  }
}
