import Foundation
import ModelFiles
import Support
import TestSupport
import Testing

@testable import Training

/// Checkpoints that were damaged after they were written, and runs without any.
@Suite struct DamagedCheckpointTests {
  /// A run of the tiny recipe, saved at every step, that was stopped after step 8.
  private func withRun(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let run = folder.appendingPathComponent("run")
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 1, folder: run, checkpoints: .everyStep)
      #expect(try trainer.run(shouldStop: { trainer.state.step == 8 }) == false)
      try body(run)
    }
  }

  private func checkpoint(_ run: URL, _ step: Int) -> URL {
    run.appendingPathComponent("checkpoints/\(step)")
  }

  private static let files = [
    "model/model.safetensors", "model/config.json", "model/tokenizer.json",
    "optimizer.safetensors", "state.json", "SHA256SUMS",
  ]

  enum Damage: CaseIterable { case cut, missing, bit, empty }

  /// Damages one file.
  private func damage(_ file: URL, _ damage: Damage) throws {
    var data = try Data(contentsOf: file)
    switch damage {
    case .cut: try data.dropLast(20).write(to: file)
    case .missing: try FileManager.default.removeItem(at: file)
    case .empty: try Data().write(to: file)
    case .bit:
      // The last bytes of a safetensors file are floats, in which the format detects no damage.
      data[data.count - 2] ^= 1
      try data.write(to: file)
    }
  }

  @Test(arguments: files, Damage.allCases)
  func `a damaged checkpoint is skipped with a warning, and the run ends the same`(
    name: String, kind: Damage
  ) throws {
    try withRun { run in
      let whole = try train(
        in: run.deletingLastPathComponent().appendingPathComponent("whole"), workerCount: 1)
      try damage(checkpoint(run, 8).appendingPathComponent(name), kind)
      var warnings: [String] = []
      let trainer = try Trainer(resuming: run, warn: { warnings.append($0) })
      #expect(trainer.state.step == 7)
      #expect(warnings.count == 1)
      #expect(warnings.first?.contains("checkpoint 8 is skipped") == true, "\(warnings)")
      #expect(warnings.first?.contains("checkpoints/8/") == true, "\(warnings)")
      #expect(try trainer.run())
      #expect(trainer.model.digest == whole.model.digest)
      #expect(try trainer.folder.newestCheckpoint()?.lastPathComponent == "11")
    }
  }

  @Test func `when all checkpoints are damaged the newest is named and nothing is removed`() throws
  {
    try withRun { run in
      for step in [6, 7, 8] {
        try damage(checkpoint(run, step).appendingPathComponent("state.json"), .cut)
      }
      let before = try FileManager.default.subpathsOfDirectory(atPath: run.path).sorted()
      let error = #expect(throws: FileError.self) { try Trainer(resuming: run) }
      #expect(error?.path.hasSuffix("checkpoints/8/state.json") == true)
      #expect(error?.problem.contains("damaged") == true)
      #expect(error?.problem.hasSuffix("start a new run in another folder") == true)
      #expect(try FileManager.default.subpathsOfDirectory(atPath: run.path).sorted() == before)
    }
  }

  @Test func `a damaged newer checkpoint is removed when the run saves again`() throws {
    try withRun { run in
      for step in [7, 8] {
        try damage(checkpoint(run, step).appendingPathComponent("optimizer.safetensors"), .bit)
      }
      let trainer = try Trainer(resuming: run)
      #expect(trainer.state.step == 6)
      #expect(try trainer.run(shouldStop: { true }) == false)
      #expect(try trainer.folder.newestCheckpoint()?.lastPathComponent == "7")
      #expect(
        try names(in: run.appendingPathComponent("checkpoints")) == ["6", "7"])
    }
  }

  @Test func `a run whose checkpoints are all gone starts again with a warning`() throws {
    try withRun { run in
      let checkpoints = run.appendingPathComponent("checkpoints")
      try FileManager.default.removeItem(at: checkpoints)
      try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: false)
      var warnings: [String] = []
      let trainer = try Trainer(resuming: run, warn: { warnings.append($0) })
      #expect(trainer.state.step == 0)
      #expect(warnings.count == 1)
      #expect(warnings.first?.contains("no checkpoint") == true, "\(warnings)")
    }
  }

  @Test func `a run stopped before its first checkpoint starts again`() throws {
    try withTemporaryFolder { folder in
      let whole = try train(in: folder.appendingPathComponent("whole"))
      let run = folder.appendingPathComponent("run")
      _ = try Trainer(recipe: .tiny, workerCount: 2, folder: run)
      let resumed = try Trainer(resuming: run)
      #expect(resumed.state.step == 0)
      #expect(try resumed.run())
      #expect(resumed.model.digest == whole.model.digest)
    }
  }

  @Test func `files that killed processes left half-written are removed`() throws {
    try withRun { run in
      let names = ["checkpoints/.9.1x2y3z.tmp", ".metrics.jsonl.abc123.tmp"]
      for name in names {
        try FileManager.default.createDirectory(
          at: run.appendingPathComponent(name), withIntermediateDirectories: true)
      }
      let own = run.appendingPathComponent("notes.tmp")
      try Data("mine".utf8).write(to: own)
      _ = try Trainer(resuming: run)
      for name in names {
        #expect(!FileManager.default.fileExists(atPath: run.appendingPathComponent(name).path))
      }
      #expect(FileManager.default.fileExists(atPath: own.path))
    }
  }

  @Test func `the run keeps as many checkpoints as its schedule says`() throws {
    try withTemporaryFolder { folder in
      let run = folder.appendingPathComponent("run")
      var schedule = CheckpointSchedule.everyStep
      schedule.kept = 2
      let trainer = try Trainer(recipe: .tiny, workerCount: 1, folder: run, checkpoints: schedule)
      #expect(try trainer.run(shouldStop: { trainer.state.step == 5 }) == false)
      let checkpoints = run.appendingPathComponent("checkpoints")
      #expect(try names(in: checkpoints) == ["4", "5"])
      // First with the old schedule, then with a changed one.
      let resumed = try Trainer(resuming: run)
      #expect(try resumed.run(shouldStop: { resumed.state.step == 8 }) == false)
      #expect(try names(in: checkpoints) == ["7", "8"])
      do { _ = try Trainer(resuming: run, changing: { $0.kept = 1 }) }
      let again = try Trainer(resuming: run)
      #expect(try again.run())
      #expect(try names(in: checkpoints) == ["11"])
      #expect(throws: (any Error).self) { try Trainer(resuming: run, changing: { $0.kept = 0 }) }
    }
  }

  @Test func `a second run on the same folder is refused, until the first has ended`() throws {
    try withTemporaryFolder { folder in
      let run = folder.appendingPathComponent("run")
      let first = try Trainer(recipe: .tiny, workerCount: 1, folder: run)
      let error = #expect(throws: FileError.self) { try Trainer(resuming: run) }
      #expect(error?.path == run.path)
      #expect(
        error?.problem.contains("in use by process \(ProcessInfo.processInfo.processIdentifier)")
          == true, "\(error?.problem ?? "")")
      #expect(try first.run(shouldStop: { true }) == false)
      #expect(!FileManager.default.fileExists(atPath: run.appendingPathComponent("lock").path))
      let second = try Trainer(resuming: run)
      #expect(throws: FileError.self) { try first.run() }
      #expect(try second.run())
    }
  }

  @Test func `a lock that a crash left behind does not block the run`() throws {
    try withRun { run in
      // The number of a living process, as if the system had reused it.
      try Data("1\n".utf8).write(to: run.appendingPathComponent("lock"))
      let trainer = try Trainer(resuming: run)
      #expect(trainer.state.step == 8)
      #expect(
        try String(contentsOf: run.appendingPathComponent("lock"), encoding: .utf8)
          == "\(ProcessInfo.processInfo.processIdentifier)\n")
    }
  }
}

extension CheckpointSchedule {
  /// Every step of the tiny recipe has at least 96 tokens.
  static var everyStep: CheckpointSchedule {
    var schedule = CheckpointSchedule()
    schedule.tokens = 96
    return schedule
  }
}
