import Foundation
import Kernels
import ModelFiles
import Support
import TestSupport
import Testing
import Transformer

@testable import Training

@Suite struct TrainerTests {
  @Test func `a tiny model learns`() throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      for stage in recipe.stages.indices { recipe.stages[stage].tokens *= 8 }
      let trainer = try Trainer(
        recipe: recipe, workerCount: 2, folder: folder.appendingPathComponent("run"))
      var losses: [Double] = []
      #expect(try trainer.run(report: { losses.append($0.loss) }))
      #expect(losses.count == recipe.stepCount)
      // The head starts at zero: the first loss is that of a guess among all tokens.
      let guess = log(Double(trainer.tokenizer.vocabularySize))
      #expect(abs(losses[0] - guess) < 1e-4)
      // Reports are means since the last line of metrics, which ends a stage.
      #expect(losses[recipe.stages[0].steps - 1] < guess - 0.7)
      #expect(trainer.state.step == recipe.stepCount)
      #expect(trainer.state.tokens == recipe.totalTokens)
      #expect(trainer.state.nextRow == UInt64(3 * recipe.stepCount))
      #expect(trainer.model.parameters.isFinite)
    }
  }

  /// Means of the losses so far of a seeded run on one worker, after 5, 10, … 40 steps. Bits differ
  /// between the kernels of matrix libraries; a change of the model, the data or the optimiser
  /// differs by more.
  @Test func `the losses equal the golden trace`() throws {
    let golden = [
      5.9626936196113505, 5.962464276144272, 5.93438341002484, 5.882028146552231,
      5.806781280524757, 5.7315150726831146, 5.634328945317378, 5.507302203447559,
    ]
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      recipe.layerCount = 1
      recipe.stages[0].layers = nil
      recipe.stages[0].tokens = 40 * 96
      recipe.stages.removeLast()
      let trainer = try Trainer(
        recipe: recipe, workerCount: 1, folder: folder.appendingPathComponent("run"))
      var losses: [Double] = []
      #expect(try trainer.run(report: { losses.append($0.loss) }))
      let found = stride(from: 4, to: losses.count, by: 5).map { losses[$0] }
      #expect(found.count == golden.count)
      for (loss, expected) in zip(found, golden) {
        #expect(abs(loss / expected - 1) < 1e-4, "the trace is now \(found)")
      }
    }
  }

  @Test func `a goal ends the run with a model, and the run can go on`() throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      let goal = try InContextProbe.Goal("reversal reversed 8=0")
      let run = folder.appendingPathComponent("run")
      #expect(throws: SettingsError.self) {
        try Trainer(
          recipe: recipe, workerCount: 2, folder: folder.appendingPathComponent("short")
        ).run(until: goal)
      }
      recipe.contextLength = 512
      let trainer = try Trainer(recipe: recipe, workerCount: 2, folder: run)
      #expect(try trainer.run(until: goal))
      #expect(trainer.state.step == 6)
      #expect(FileManager.default.fileExists(atPath: trainer.folder.model.path))
      let resumed = try Trainer(resuming: run)
      #expect(try resumed.run())
      #expect(resumed.state.step == recipe.stepCount)
      // A tiny model does not reach this goal: the recipe runs to its end.
      let never = try InContextProbe.Goal("reversal reversed 8=1")
      let other = try Trainer(
        recipe: recipe, workerCount: 2, folder: folder.appendingPathComponent("other"))
      #expect(try other.run(until: never))
      #expect(other.model.digest == resumed.model.digest)
    }
  }

  @Test func `layers that a stage leaves out stay as they were`() throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      recipe.layerCount = 3
      recipe.stages[0].layers = 2
      recipe.stages.removeLast()
      let trainer = try Trainer(
        recipe: recipe, workerCount: 2, folder: folder.appendingPathComponent("run"))
      let before = trainer.model.parameters.array
      #expect(try trainer.run())
      let after = trainer.model.parameters.array
      for entry in trainer.model.layout.entries {
        let range = entry.offset..<entry.offset + entry.count
        let isLeftOut = entry.name.hasPrefix("model.layers.2.")
        #expect((before[range] == after[range]) == isLeftOut, "\(entry.name)")
      }
    }
  }

  @Test func `layers above a loop repeat it`() throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      recipe.layerCount = 5
      recipe.stages[0].layers = 3
      recipe.stages[1].loop = 2...3
      let trainer = try train(recipe, in: folder.appendingPathComponent("run"))
      let parameters = trainer.model.parameters.array
      let layers = (0..<5).map { parameters[trainer.model.layout.range(ofLayer: $0)] }
      #expect(Array(layers[3]) == Array(layers[1]))
      #expect(Array(layers[4]) == Array(layers[2]))
      #expect(Array(layers[1]) != Array(layers[2]))
    }
  }

  @Test func `the same seed gives the same bytes, and another seed gives other bytes`() throws {
    try withTemporaryFolder { folder in
      var other = Recipe.tiny
      other.seed = 8
      let files = try [("a", Recipe.tiny), ("b", .tiny), ("c", other)].map { name, recipe in
        let model = try train(recipe, in: folder.appendingPathComponent(name)).folder.model
        return try ["model.safetensors", "tokenizer.json", "config.json"].map {
          try digest(model.appendingPathComponent($0))
        }
      }
      #expect(files[0] == files[1])
      #expect(files[0][0] != files[2][0])
    }
  }

  @Test func `a finished run has a model with a card and no temporary files`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("deep/er/run")
      let trainer = try train(in: url)
      #expect(trainer.folder.model.path == url.appendingPathComponent("model").path)
      let (model, tokenizer) = try LanguageModel.read(trainer.folder.model)
      #expect(model.digest == trainer.model.digest)
      #expect(tokenizer.encode(" femp are") == trainer.tokenizer.encode(" femp are"))
      let card = try String(
        contentsOf: trainer.folder.model.appendingPathComponent("README.md"), encoding: .utf8)
      #expect(card.contains("| short rows | 576 |"))
      #expect(card.contains("\(Recipe.tiny.totalTokens) tokens in \(Recipe.tiny.stepCount) steps"))
      let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      #expect(paths.contains("deep/er/run/config.json"))
      #expect(!paths.contains { $0.hasSuffix(".tmp") })
    }
  }

  @Test func `a run starts from another model's tokenizer and parameters`() throws {
    try withTemporaryFolder { folder in
      let first = try train(in: folder.appendingPathComponent("first"))
      let second = try Trainer(
        recipe: .tiny, workerCount: 1, folder: folder.appendingPathComponent("second"),
        startingFrom: first.folder.model)
      #expect(second.model.digest == first.model.digest)
      #expect(second.state.step == 0)
      _ = try second.run()
      let card = try String(
        contentsOf: second.folder.model.appendingPathComponent("README.md"), encoding: .utf8)
      #expect(card.contains("Trained from the model in `\(first.folder.model.relativePath)`"))

      var long = Recipe.tiny
      long.contextLength = 128
      long.stages[1].rowLength = 128
      let text = message {
        _ = try Trainer(
          recipe: long, workerCount: 1, folder: folder.appendingPathComponent("third"),
          startingFrom: first.folder.model)
      }
      #expect(text?.contains("context (96)") == true, "\(text ?? "")")
      #expect(text?.contains(first.folder.model.path) == true)
    }
  }

  @Test(arguments: [(3, nil), (nil, 2...3)] as [(Int?, ClosedRange<Int>?)])
  func `a stage of more layers than the model has is refused`(
    layers: Int?, loop: ClosedRange<Int>?
  ) throws {
    try withTemporaryFolder { folder in
      let start = try train(in: folder.appendingPathComponent("start")).folder.model
      var recipe = Recipe.tiny
      recipe.layerCount = 3
      recipe.stages[1].layers = layers
      recipe.stages[1].loop = loop
      let run = folder.appendingPathComponent("run")
      func check(_ text: String?) {
        #expect(text?.contains("stage \"long rows\"") == true, "\(text ?? "")")
        #expect(text?.contains("the model's layers (2)") == true, "\(text ?? "")")
      }
      check(
        message {
          _ = try Trainer(recipe: recipe, workerCount: 1, folder: run, startingFrom: start)
        })
      #expect(!FileManager.default.fileExists(atPath: run.path))
      // A recipe that was edited after the start is refused, too.
      _ = try Trainer(recipe: .tiny, workerCount: 1, folder: run, startingFrom: start)
      var (opened, settings) = try RunFolder.open(run)
      settings.task = .pretraining(recipe)
      try opened.write(settings)
      check(message { _ = try Trainer(resuming: run) })
    }
  }

  @Test func `a run that is stopped before its first checkpoint starts from the same model again`()
    throws
  {
    try withTemporaryFolder { folder in
      let base = try train(in: folder.appendingPathComponent("base"))
      let start = folder.appendingPathComponent("start")
      try FileManager.default.copyItem(at: base.folder.model, to: start)
      let run = folder.appendingPathComponent("run")
      // The folder's name is relative to another folder.
      let named = URL(
        fileURLWithPath: "start", relativeTo: URL(fileURLWithPath: folder.path, isDirectory: true))
      _ = try Trainer(recipe: .tiny, workerCount: 1, folder: run, startingFrom: named)
      #expect(try Trainer(resuming: run).model.digest == base.model.digest)

      try FileManager.default.removeItem(at: start)
      var recipe = Recipe.tiny
      recipe.seed += 1
      let other = try train(recipe, in: folder.appendingPathComponent("other"))
      try FileManager.default.copyItem(at: other.folder.model, to: start)
      let text = message { _ = try Trainer(resuming: run) }
      #expect(
        text?.contains("holds a different model than when the run began") == true, "\(text ?? "")")
      #expect(text?.contains(start.path) == true)
    }
  }

  @Test func `a loss that is not a number ends the run, and no model is written`() throws {
    try withTemporaryFolder { folder in
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 2, folder: folder.appendingPathComponent("run"))
      trainer.model.parameters[0] = .nan
      let error = #expect(throws: TrainingError.self) { try trainer.run() }
      #expect(error?.description.contains("at step 1 ") == true)
      #expect(error?.description.contains("short rows") == true)
      #expect(!FileManager.default.fileExists(atPath: trainer.folder.model.path))
    }
  }

  /// Invalid numbers that appear after a checkpoint do not get into any later one.
  @Test(arguments: [Float.nan, .infinity])
  func `invalid numbers end the run and name the step, its data and the last good checkpoint`(
    value: Float
  ) throws {
    try withTemporaryFolder { folder in
      let run = folder.appendingPathComponent("run")
      func spoil(_ model: Model) {
        let norm = model.layout.entries.first { $0.name == "model.norm.weight" }
        model.parameters[norm?.offset ?? 0] = value
      }
      let trainer = try Trainer(
        recipe: .tiny, workerCount: 1, folder: run, checkpoints: .everyStep)
      let error = #expect(throws: TrainingError.self) {
        try trainer.run(report: { progress in
          // The checkpoint of this step is written after it.
          if progress.state.step == 8 { spoil(trainer.model) }
        })
      }
      let text = error?.description ?? ""
      #expect(text.contains("after step 8"), "\(text)")
      #expect(text.contains("checkpoints/7/model"), "\(text)")
      #expect(try trainer.folder.newestCheckpoint()?.lastPathComponent == "7")

      let resumed = try Trainer(resuming: run, changing: { $0.tokens = 1 << 40 })
      spoil(resumed.model)
      let second = #expect(throws: TrainingError.self) { try resumed.run() }
      let message = second?.description ?? ""
      #expect(message.contains("at step 8 of stage \"long rows\""), "\(message)")
      #expect(message.contains("of seed 7, rows 21 to 23"), "\(message)")
      #expect(message.contains("checkpoints/7/model"), "\(message)")
      #expect(try trainer.folder.newestCheckpoint()?.lastPathComponent == "7")
      // No invalid number was saved: the run continues from there.
      let again = try Trainer(resuming: run)
      #expect(again.model.parameters.isFinite)
      #expect(try again.run())
    }
  }

  @Test func `a gradient far longer than usual is reported and logged`() throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      recipe.stages[0].tokens = 24 * 96
      recipe.stages.removeLast()
      let trainer = try Trainer(
        recipe: recipe, workerCount: 1, folder: folder.appendingPathComponent("run"))
      var spikes: [GradientSpike] = []
      #expect(
        try trainer.run(report: { progress in
          if let spike = progress.spike { spikes.append(spike) }
          guard progress.state.step == 19 else { return }
          let head = trainer.model.layout.entries.last { $0.name == "lm_head.weight" }
          for index in head?.range ?? 0..<0 { trainer.model.parameters[index] *= 300 }
        }))
      #expect(spikes.first?.step == 20)
      #expect(spikes.allSatisfy { $0.gradientNorm > 10 * $0.median })
      let line = try String(
        contentsOf: trainer.folder.url.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
      #expect(line.contains(#""gradient_spikes":[{"gradient_norm":"#), "\(line)")
      #expect(line.contains(#""step":20}"#), "\(line)")
    }
  }

  @Test func `runs with other numbers of workers read the same data and differ only in rounding`()
    throws
  {
    try withTemporaryFolder { folder in
      func losses(_ workerCount: Int) throws -> (losses: [Double], rows: UInt64) {
        let trainer = try Trainer(
          recipe: .tiny, workerCount: workerCount,
          folder: folder.appendingPathComponent("\(workerCount)"))
        var losses: [Double] = []
        #expect(try trainer.run(report: { losses.append($0.loss) }))
        return (losses, trainer.state.nextRow)
      }
      let one = try losses(1)
      for workerCount in [2, 3] {
        let other = try losses(workerCount)
        #expect(other.rows == one.rows && other.losses.count == one.losses.count)
        for (a, b) in zip(one.losses, other.losses) { #expect(abs(a / b - 1) < 1e-5) }
      }
    }
  }

  @Test(arguments: [0, -1, 257])
  func `an impossible number of workers is refused`(workerCount: Int) throws {
    try withTemporaryFolder { folder in
      #expect(throws: SettingsError.self) {
        try Trainer(
          recipe: .tiny, workerCount: workerCount, folder: folder.appendingPathComponent("run"))
      }
    }
  }

  @Test func `a folder that exists or cannot be made is refused before any work`() throws {
    try withTemporaryFolder { folder in
      let note = folder.appendingPathComponent("note.txt")
      try Data("mine".utf8).write(to: note)
      for url in [folder, note, note.appendingPathComponent("run")] {
        let error = #expect(throws: FileError.self) {
          try Trainer(recipe: .tiny, workerCount: 1, folder: url)
        }
        #expect(error?.path == url.path)
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path) == ["note.txt"])
      #expect(try Data(contentsOf: note) == Data("mine".utf8))
    }
  }
}
