import Foundation
import Kernels
import ModelFiles
import TestSupport
import Testing

@testable import Training

@Suite struct RunFolderTests {
  private static func line(_ step: Int) -> String {
    #"{"created_at":"2025-01-01T00:00:00Z","gradient_norm":1.25,"learning_rate":0.5,"#
      + #""loss":3.5,"stage":"one","step":\#(step),"tokens":\#(100 * step),"#
      + #""tokens_per_second":7}"# + "\n"
  }

  private func folder(_ url: URL) throws -> RunFolder {
    try RunFolder.create(url, settings: RunSettings(recipe: .tiny, workerCount: 1))
  }

  @Test
  func `metrics without a step, of a later step or cut short are removed`()
    throws
  {
    try withTemporaryFolder { parent in
      let run = try folder(parent.appendingPathComponent("run"))
      let file = run.url.appendingPathComponent("metrics.jsonl")
      let kept = Self.line(1) + Self.line(5)
      try Data((Self.line(-1) + kept + Self.line(6) + Self.line(9).dropLast(30)).utf8).write(
        to: file)
      try run.truncateMetrics(after: 5)
      #expect(try String(contentsOf: file, encoding: .utf8) == kept)
      try run.truncateMetrics(after: 0)
      #expect(try Data(contentsOf: file).isEmpty)
    }
  }

  @Test func `missing metrics are not created`() throws {
    try withTemporaryFolder { parent in
      let run = try folder(parent.appendingPathComponent("run"))
      try run.truncateMetrics(after: 5)
      let names = try FileManager.default.contentsOfDirectory(atPath: run.url.path)
      #expect(Set(names) == ["config.json", "checkpoints"])
    }
  }

  @Test func `the settings of a run are read back unchanged`() throws {
    try withTemporaryFolder { parent in
      let url = parent.appendingPathComponent("run")
      _ = try folder(url)
      let (_, settings) = try RunFolder.open(url)
      #expect(settings == RunSettings(recipe: .tiny, workerCount: 1))
    }
  }

  @Test func `the newest three checkpoints are kept, ordered as numbers`() throws {
    try withTemporaryFolder { parent in
      let run = try folder(parent.appendingPathComponent("run"))
      let moments = FloatStorage(count: 3)
      for step in [8, 9, 10, 100] {
        var state = TrainingState()
        state.step = step
        try run.save(state, moments: (moments.floats, moments.floats), kept: 3) { folder in
          try Data("what was trained".utf8).write(to: folder.appendingPathComponent("parameters"))
        }
      }
      let names = try FileManager.default.contentsOfDirectory(
        atPath: run.url.appendingPathComponent("checkpoints").path)
      #expect(Set(names) == ["9", "10", "100"])
      #expect(try run.newestCheckpoint()?.lastPathComponent == "100")
    }
  }
}
