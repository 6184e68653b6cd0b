import Corpora
import Foundation
import Kernels
import ModelFiles
import Support
import TestSupport
import Testing
import Tokenization
import Transformer

@testable import Training

@Suite struct FineTuningRunTests {
  /// A folder with a small model and some documents, and the recipe that joins them.
  private func prepared(
    _ body: (_ folder: URL, FineTuningRecipe) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let model = try Model.tiny(
        vocabularySize: Tokenizer.tiny.vocabularySize, contextLength: 64)
      let source = folder.appendingPathComponent("source")
      try LanguageModel.write(model, tokenizer: .tiny, card: "A test.\n", to: source)
      let documents = folder.appendingPathComponent("docs.jsonl")
      let lines = (0..<24).map { index in
        index % 2 == 0
          ? #"{"text": "femp number \#(index) are more rony than glon."}"#
          : #"{"prompt": "troff \#(index) are", "completion": " less rony."}"#
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: documents)
      var recipe = FineTuningRecipe(model: source, documents: [documents], learningRate: 3e-3)
      recipe.epochs = 2
      recipe.tokensPerStep = 100
      recipe.tokensPerChunk = 32
      recipe.checkpointInterval = 250
      try body(folder, recipe)
    }
  }

  private func adapted(_ recipe: FineTuningRecipe) -> FineTuningRecipe {
    var recipe = recipe
    recipe.adapter = AdapterPlan(rank: 2, alpha: 4, targets: ["q_proj", "v_proj", "down_proj"])
    return recipe
  }

  /// Digests of the files that a run leaves, except those that contain times.
  private func trace(_ trainer: Trainer) throws -> [String: Int] {
    let url = trainer.folder.url
    var digests: [String: Int] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: url.path)
    where name.hasSuffix(".safetensors") {
      digests[name] = try digest(url.appendingPathComponent(name))
    }
    for line in trainer.folder.metrics() {
      digests["line \(line.step) \(line.tokens) \(line.loss) \(line.gradientNorm)"] = 1
    }
    return digests
  }

  @Test(arguments: [[1], [3, 4], [6]], [false, true])
  func `a resumed run equals an uninterrupted one bit for bit`(
    stops: [Int], isAdapted: Bool
  ) throws {
    try prepared { folder, plain in
      var recipe = isAdapted ? adapted(plain) : plain
      recipe.recomputes = isAdapted
      recipe.learnsPrompts = !isAdapted
      let whole = try Trainer(
        fineTuning: recipe, workerCount: 2, folder: folder.appendingPathComponent("whole"))
      #expect(try whole.run())
      #expect(whole.state.step > 6)
      var parts = try Trainer(
        fineTuning: recipe, workerCount: 2, folder: folder.appendingPathComponent("parts"))
      for stop in stops {
        let running = parts
        #expect(try running.run(shouldStop: { running.state.step >= stop }) == false)
        parts = try Trainer(resuming: running.folder.url)
        #expect(parts.state.step == stop)
      }
      #expect(try parts.run())
      let (expected, found) = (try trace(whole), try trace(parts))
      #expect(
        found.filter { !$0.key.hasPrefix("checkpoints") }
          == expected.filter { !$0.key.hasPrefix("checkpoints") })
      let last = "checkpoints/\(whole.state.step)/"
      #expect(expected.keys.contains(last + "optimizer.safetensors"))
      #expect(found.filter { $0.key.hasPrefix(last) } == expected.filter { $0.key.hasPrefix(last) })
    }
  }

  @Test(arguments: [false, true], [nil, 3])
  func `a run that is extended ends as one of that length does`(
    isAdapted: Bool, stop: Int?
  ) throws {
    try prepared { folder, plain in
      var recipe = isAdapted ? adapted(plain) : plain
      let whole = try Trainer(
        fineTuning: recipe, workerCount: 1, folder: folder.appendingPathComponent("whole"))
      recipe.epochs = 1
      let run = folder.appendingPathComponent("run")
      let first = try Trainer(fineTuning: recipe, workerCount: 1, folder: run)
      #expect(try first.run(shouldStop: { first.state.step == stop }) == (stop == nil))
      let begun = first.state.step
      #expect(begun < whole.stepCount && (stop ?? begun) == begun)

      let extended = try Trainer(resuming: run, epochs: 2)
      #expect(extended.state.step == begun && extended.stepCount == whole.stepCount)
      #expect(try extended.run(shouldStop: { extended.state.step == begun + 1 }) == false)
      // The new number of epochs is the run's from now on.
      let resumed = try Trainer(resuming: run)
      #expect(resumed.state.step == begun + 1)
      #expect(try resumed.run())
      #expect(resumed.state.step == whole.stepCount)
      #expect(resumed.state.tokens == whole.totalTokens)

      // The rates of the rest are those of the longer run; those before were lower.
      #expect(try whole.run())
      let (rates, expected) = (resumed.folder.metrics(), whole.folder.metrics())
      #expect(rates.map(\.step) == expected.map(\.step))
      for (line, other) in zip(rates, expected) where line.step > begun {
        #expect(line.learningRate == other.learningRate)
      }
      let card = try String(
        contentsOf: resumed.folder.model.appendingPathComponent("README.md"), encoding: .utf8)
      #expect(card.contains("2 epochs") && card.contains("The number of epochs was 1 before"))
    }
  }

  @Test func `an extension needs more epochs than there were`() throws {
    try prepared { folder, recipe in
      let run = folder.appendingPathComponent("run")
      let first = try Trainer(fineTuning: recipe, workerCount: 1, folder: run)
      #expect(try first.run())
      let config = run.appendingPathComponent("config.json")
      let before = try Data(contentsOf: config)
      for epochs in [1, 2] {
        let text = message { _ = try Trainer(resuming: run, epochs: epochs) }
        #expect(text?.contains("has 2 epochs already") == true, "\(text ?? "")")
      }
      let text = message { _ = try Trainer(resuming: run, epochs: 1_000_000) }
      #expect(text?.contains("epochs is 1000000") == true, "\(text ?? "")")
      #expect(try Data(contentsOf: config) == before)
      let again = try Trainer(resuming: run)
      #expect(again.state.step == again.stepCount)
    }
  }

  @Test(arguments: [false, true])
  func `the small files of the base survive checkpoints and a resumed run`(
    isAdapted: Bool
  ) throws {
    try prepared { folder, plain in
      let recipe = isAdapted ? adapted(plain) : plain
      let files = [
        "chat_template.jinja": "{{ messages[0].content }}\n", "LICENSE": "Free.\n",
        "generation_config.json": "{\"eos_token_id\":  [0, 5]}",
      ]
      for (name, text) in files {
        try Data(text.utf8).write(to: recipe.modelFolder.appending(path: name))
      }
      let run = folder.appendingPathComponent("run")
      let begun = try Trainer(fineTuning: recipe, workerCount: 1, folder: run)
      #expect(try begun.run(shouldStop: { begun.state.step == 2 }) == false)
      if !isAdapted {
        // The checkpoint has them; the base is not needed any more.
        for name in files.keys {
          try FileManager.default.removeItem(at: recipe.modelFolder.appending(path: name))
        }
      }
      #expect(try Trainer(resuming: run).run())
      for (name, text) in files {
        let kept = run.appending(path: "model").appending(path: name)
        #expect(try String(contentsOf: kept, encoding: .utf8) == text, "\(name)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `a damaged checkpoint is skipped, and a run without any starts again`(
    isAdapted: Bool
  ) throws {
    try prepared { folder, plain in
      var recipe = isAdapted ? adapted(plain) : plain
      recipe.checkpointInterval = 1
      let whole = try Trainer(
        fineTuning: recipe, workerCount: 1, folder: folder.appendingPathComponent("whole"))
      #expect(try whole.run())
      let run = folder.appendingPathComponent("run")
      _ = try Trainer(fineTuning: recipe, workerCount: 1, folder: run)
      let begun = try Trainer(resuming: run)
      #expect(begun.state.step == 0)
      #expect(try begun.run(shouldStop: { begun.state.step == 4 }) == false)
      let name = isAdapted ? "adapter/adapter_model.safetensors" : "model/model.safetensors"
      let file = run.appendingPathComponent("checkpoints/4/" + name)
      var data = try Data(contentsOf: file)
      data[data.count - 2] ^= 1
      try data.write(to: file)
      var warnings: [String] = []
      let resumed = try Trainer(resuming: run, warn: { warnings.append($0) })
      #expect(warnings.count == 1 && warnings[0].contains(name), "\(warnings)")
      #expect(resumed.state.step == 3)
      #expect(try resumed.run())
      #expect(
        try LanguageModel.read(resumed.folder.model).model.digest
          == LanguageModel.read(whole.folder.model).model.digest)
    }
  }

  @Test func `the documents are learned, and the card says how`() throws {
    try prepared { folder, recipe in
      var recipe = recipe
      recipe.epochs = 20
      let trainer = try Trainer(
        fineTuning: recipe, workerCount: 2, folder: folder.appendingPathComponent("run"))
      var losses: [Double] = []
      #expect(try trainer.run(report: { losses.append($0.loss) }))
      let (first, last) = (try #require(losses.first), try #require(losses.last))
      #expect(last < first - 2, "\(first) to \(last)")
      #expect(trainer.state.tokens == trainer.totalTokens)
      let (model, _) = try LanguageModel.read(trainer.folder.model)
      #expect(model.digest == trainer.model.digest)
      let card = try String(
        contentsOf: trainer.folder.model.appendingPathComponent("README.md"), encoding: .utf8)
      #expect(card.contains("`docs.jsonl`") && card.contains("All parameters"))
      #expect(!FileManager.default.fileExists(atPath: trainer.folder.adapter.path))
    }
  }

  @Test func `an adapter leaves the model unchanged and is merged into a copy of it`() throws {
    try prepared { folder, plain in
      let recipe = adapted(plain)
      let trainer = try Trainer(
        fineTuning: recipe, workerCount: 2, folder: folder.appendingPathComponent("run"))
      let before = trainer.model.digest
      #expect(try trainer.run())
      #expect(trainer.model.digest == before)
      let adapter = try AdapterFolder.read(
        trainer.folder.adapter, plan: try #require(recipe.adapter),
        on: trainer.model.configuration)
      #expect(adapter.parameters.array == trainer.adapter?.parameters.array)
      let merged = trainer.model.copy()
      adapter.merge(into: merged)
      #expect(merged.digest != before)
      #expect(try LanguageModel.read(trainer.folder.model).model.digest == merged.digest)
      // A checkpoint holds only the adapter.
      let names = try FileManager.default.contentsOfDirectory(
        atPath: #require(try trainer.folder.newestCheckpoint()).path)
      #expect(Set(names) == ["SHA256SUMS", "adapter", "optimizer.safetensors", "state.json"])
      let moments = try Safetensors(
        contentsOf: #require(try trainer.folder.newestCheckpoint()).appendingPathComponent(
          "optimizer.safetensors"))
      #expect(try moments.tensor(named: "first_moment").count == adapter.parameters.count)
    }
  }

  /// Chunks of any size add up to the same step.
  @Test(arguments: [1, 7, 1000]) func `accumulated gradients equal those of one batch`(
    tokensPerChunk: Int
  ) throws {
    try prepared { folder, recipe in
      func trained(_ tokensPerChunk: Int, _ name: String) throws -> [Float] {
        var recipe = recipe
        recipe.tokensPerChunk = tokensPerChunk
        // Otherwise AdamW's first steps depend only on the gradient's sign where it is tiny.
        recipe.optimizer.epsilon = 0.01
        let trainer = try Trainer(
          fineTuning: recipe, workerCount: 1, folder: folder.appendingPathComponent(name))
        #expect(try trainer.run())
        return trainer.model.parameters.array
      }
      let (parts, whole) = (try trained(tokensPerChunk, "parts"), try trained(64, "whole"))
      #expect(zip(parts, whole).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  @Test func `documents or a model that have changed since the start are refused`() throws {
    try prepared { folder, recipe in
      let documents = folder.appendingPathComponent("docs.jsonl")
      let run = folder.appendingPathComponent("run")
      let trainer = try Trainer(fineTuning: adapted(recipe), workerCount: 1, folder: run)
      #expect(try trainer.run(shouldStop: { trainer.state.step == 2 }) == false)
      let old = try Data(contentsOf: documents)
      try (old + Data("\n{\"text\": \"more\"}".utf8)).write(to: documents)
      let text = message { _ = try Trainer(resuming: run) }
      #expect(
        text?.contains("other documents than are now in \(documents.path)") == true, "\(text ?? "")"
      )
      try FileManager.default.removeItem(at: documents)
      #expect(throws: LineError.self) { try Trainer(resuming: run) }
      try old.write(to: documents)
      _ = try Trainer(resuming: run)

      trainer.model.parameters[3] += 1
      try LanguageModel.write(
        trainer.model, tokenizer: trainer.tokenizer, card: "",
        to: folder.appendingPathComponent("source"))
      let other = message { _ = try Trainer(resuming: run) }
      #expect(other?.contains("a different model") == true, "\(other ?? "")")
    }
  }

  @Test func `a run that is stopped before its first checkpoint starts from the same model again`()
    throws
  {
    try prepared { folder, recipe in
      let run = folder.appendingPathComponent("run")
      let model: Model
      let tokenizer: Tokenizer
      do {
        let trainer = try Trainer(fineTuning: recipe, workerCount: 1, folder: run)
        (model, tokenizer) = (trainer.model.copy(), trainer.tokenizer)
      }
      model.parameters[3] += 1
      try LanguageModel.write(
        model, tokenizer: tokenizer, card: "", to: folder.appendingPathComponent("source"))
      let text = message { _ = try Trainer(resuming: run) }
      #expect(text?.contains("a different model") == true, "\(text ?? "")")
    }
  }

  @Test func `settings that cannot be run are named before a folder is made`() throws {
    try prepared { folder, recipe in
      let run = folder.appendingPathComponent("run")
      let whole = folder.appendingPathComponent("whole.jsonl")
      try Data(#"{"text": "femp are more rony than glon."}"#.utf8).write(to: whole)
      for (change, word) in [
        (
          {
            $0.documents = [whole.path]
            $0.learnsPrompts = false
          }, "leave out --completions-only"
        ),
        ({ $0.epochs = 0 }, "epochs is 0"), ({ $0.tokensPerStep = .max }, "tokens_per_step"),
        ({ $0.rowLength = 65 }, "context is 64"), ({ $0.documents = [] }, "documents"),
        ({ $0.warmup = 2 }, "warmup"), ({ $0.epochs = 100_000 }, "epochs"),
        ({ $0.adapter = AdapterPlan(rank: 999, alpha: 1) }, "rank is 999"),
        ({ $0.optimizer.learningRate = .nan }, "learning_rate"),
        ({ $0.model = "/none" }, "/none: no such file or folder"),
      ] as [((inout FineTuningRecipe) -> Void, String)] {
        var recipe = recipe
        change(&recipe)
        let text = message {
          _ = try Trainer(fineTuning: recipe, workerCount: 1, folder: run)
        }
        #expect(text?.contains(word) == true, "\(text ?? "")")
        #expect(!FileManager.default.fileExists(atPath: run.path))
      }
    }
  }

  @Test func `the learning rate rises and falls`() throws {
    try prepared { folder, recipe in
      var recipe = recipe
      recipe.epochs = 10
      recipe.warmup = 0.2
      let (model, tokenizer) = try LanguageModel.read(folder.appendingPathComponent("source"))
      let rows = try recipe.rows(for: model, tokenizer, workerCount: 1)
      let stage = try #require(recipe.curriculum(rows, model.configuration).stages.first)
      let rates = (0..<stage.steps).map(stage.rateScale)
      let top = try #require(rates.firstIndex(of: 1))
      #expect(top == stage.steps / 5)
      #expect(zip(rates[...top], rates[1...top]).allSatisfy(<))
      #expect(zip(rates[top...], rates[(top + 1)...]).allSatisfy(>))
      #expect(rates[0] > 0 && abs(rates[stage.steps - 1] - 0.1) < 1e-6)
    }
  }
}
