import Corpora
import Foundation
import Kernels
import ModelFiles
import Support
import Tokenization
import Transformer

/// What a run starts from, read and checked: a new run, or one that resumes from a checkpoint.
struct PreparedRun {
  var settings: RunSettings
  var curriculum: Curriculum
  var model: Model
  var adapter: Adapter?
  var tokenizer: Tokenizer
  /// The small files of the model that the run starts from; nil where it starts from none.
  var sideFiles: SideFiles?
  var folder: RunFolder
  /// The lock of the run's folder; only of a resumed run, and only in the first process.
  var lock: RunLock?
  /// The checkpoint that a run resumes from; nil for a run that starts at step 0.
  var checkpoint: URL?

  /// Prepares a new pretraining run; `Trainer.init(recipe:)` documents the parameters.
  static func pretraining(
    _ recipe: Recipe, workerCount: Int, folder: URL, processes: ProcessGroup,
    startingFrom start: URL?,
    checkpoints: CheckpointSchedule
  ) throws -> PreparedRun {
    try recipe.validate()
    try checkpoints.validate()
    try check(workerCount: workerCount)
    for stage in recipe.stages where stage.rowsPerStep < processes.count {
      throw SettingsError(
        "stage \"\(stage.name)\" has rows_per_step \(stage.rowsPerStep), fewer than the number of "
          + "processes (\(processes.count)); each process needs a row")
    }
    if processes.isFirst { try RunFolder.checkDestination(folder) }
    let (model, tokenizer) = try newModel(recipe, startingFrom: start)
    var settings = RunSettings(
      recipe: recipe, workerCount: workerCount, rankCount: processes.count,
      start: start?.relativePath)
    settings.startFolder = start?.standardizedFileURL.path
    settings.startDigest = start.map { _ in model.parameters.checksum }
    settings.checkpoints = checkpoints
    return PreparedRun(
      settings: settings, curriculum: recipe.curriculum(tokenizer), model: model,
      tokenizer: tokenizer, sideFiles: try start.flatMap(SideFiles.read),
      folder: try makeFolder(folder, settings, processes))
  }

  /// Prepares a new fine-tuning run; `Trainer.init(fineTuning:)` documents the parameters.
  static func fineTuning(
    _ recipe: FineTuningRecipe, workerCount: Int, folder: URL, processes: ProcessGroup,
    checkpoints: CheckpointSchedule
  ) throws -> PreparedRun {
    try recipe.validate()
    try checkpoints.validate()
    try check(workerCount: workerCount)
    if processes.isFirst { try RunFolder.checkDestination(folder) }
    let (model, tokenizer) = try LanguageModel.read(recipe.modelFolder)
    let adapter = try newAdapter(recipe, model)
    let rows = try recipe.rows(for: model, tokenizer, workerCount: workerCount)
    var recipe = recipe
    recipe.documentsDigest = rows.digest
    recipe.modelDigest = model.parameters.checksum
    var settings = RunSettings(
      fineTuning: recipe, workerCount: workerCount, rankCount: processes.count)
    settings.checkpoints = checkpoints
    return PreparedRun(
      settings: settings, curriculum: recipe.curriculum(rows, model.configuration), model: model,
      adapter: adapter, tokenizer: tokenizer, sideFiles: try SideFiles.read(recipe.modelFolder),
      folder: try makeFolder(folder, settings, processes))
  }

  /// Prepares a run from its newest whole checkpoint; `Trainer.init(resuming:)` documents the
  /// parameters.
  static func resuming(
    _ url: URL, processes: ProcessGroup, epochs: Int?,
    changing change: (inout CheckpointSchedule) -> Void, warn: (String) -> Void
  ) throws -> PreparedRun {
    var (folder, settings) = try RunFolder.open(url)
    guard (settings.rankCount ?? 1) == processes.count else {
      throw FileError(
        url,
        "was started with \(settings.rankCount ?? 1) processes and cannot go on with "
          + "\(processes.count); run it under mpirun -n \(settings.rankCount ?? 1)")
    }
    let settingsBefore = settings
    if let epochs { try settings.extend(to: epochs, run: url) }
    change(&settings.checkpoints)
    try settings.checkpoints.validate()
    let lock = processes.isFirst ? try RunLock(url) : nil
    if processes.isFirst { folder.removeTemporaries() }
    let blasCore = Processor.current.blasCore
    if settings.blasCore != blasCore {
      warn(
        "the run was started with the matrix library's kernels for \(settings.blasCore), but this "
          + "machine uses those for \(blasCore): the numbers will differ in their last bits")
    }
    let checkpoint = try folder.newestCheckpoint(warn: warn)
    if checkpoint == nil, let last = folder.metrics().last {
      warn(
        "the run has no checkpoint, although it had reached step \(last.step): it starts again from "
          + "the beginning"
      )
    }
    let saved = checkpoint?.appendingPathComponent("model")
    let model: Model
    let tokenizer: Tokenizer
    var adapter: Adapter?
    let curriculum: Curriculum
    let sideFiles: SideFiles?
    switch settings.task {
    case .pretraining(let recipe):
      let start = (settings.startFolder ?? settings.start).map { URL(fileURLWithPath: $0) }
      (model, tokenizer) =
        try saved.map { try LanguageModel.read($0) } ?? newModel(recipe, startingFrom: start)
      if saved == nil, let start { try settings.check(model, from: start) }
      try FileError.naming(saved ?? url) { try recipe.check(fits: model.configuration) }
      curriculum = recipe.curriculum(tokenizer)
      sideFiles = try (saved ?? start).flatMap(SideFiles.read)
    case .fineTuning(let recipe):
      if let plan = recipe.adapter {
        (model, tokenizer) = try LanguageModel.read(recipe.modelFolder)
        sideFiles = try SideFiles.read(recipe.modelFolder)
        adapter =
          try checkpoint.map {
            try AdapterFolder.read(
              $0.appendingPathComponent("adapter"), plan: plan, on: model.configuration)
          } ?? newAdapter(recipe, model)
      } else {
        (model, tokenizer) = try LanguageModel.read(saved ?? recipe.modelFolder)
        sideFiles = try SideFiles.read(saved ?? recipe.modelFolder)
      }
      if saved == nil || adapter != nil { try recipe.check(model) }
      let rows = try recipe.rows(for: model, tokenizer, workerCount: settings.workerCount)
      try recipe.check(rows, run: url)
      curriculum = recipe.curriculum(rows, model.configuration)
    }
    if processes.isFirst, settings != settingsBefore { try folder.write(settings) }
    return PreparedRun(
      settings: settings, curriculum: curriculum, model: model, adapter: adapter,
      tokenizer: tokenizer, sideFiles: sideFiles, folder: folder, lock: lock,
      checkpoint: checkpoint)
  }

  /// Makes the run's folder in the first process; the other processes only refer to it.
  private static func makeFolder(
    _ url: URL, _ settings: RunSettings, _ processes: ProcessGroup
  ) throws -> RunFolder {
    processes.isFirst ? try RunFolder.create(url, settings: settings) : RunFolder(url: url)
  }

  /// The adapter that a fine-tuning run starts from, if it trains one.
  private static func newAdapter(_ recipe: FineTuningRecipe, _ model: Model) throws -> Adapter? {
    let adapter = try recipe.adapter.map { try Adapter($0, on: model.configuration) }
    adapter?.initialize(seed: recipe.seed)
    return adapter
  }

  /// The model and tokenizer that a pretraining run starts from.
  private static func newModel(
    _ recipe: Recipe, startingFrom start: URL?
  ) throws -> (model: Model, tokenizer: Tokenizer) {
    if let start {
      let (model, tokenizer) = try LanguageModel.read(start)
      try FileError.naming(start) { try recipe.check(fits: model.configuration) }
      return (model, tokenizer)
    }
    let tokenizer = try Tokenizer.train(
      on: tokenizerSample(recipe), vocabularySize: recipe.vocabularySize)
    var configuration = recipe.configuration
    configuration.vocabularySize = tokenizer.vocabularySize
    let model = try Model(configuration)
    model.initialize(seed: recipe.seed)
    return (model, tokenizer)
  }

  private static func check(workerCount: Int) throws {
    guard (1...256).contains(workerCount) else {
      throw SettingsError("\(workerCount) workers; there must be between 1 and 256")
    }
  }

  /// Texts of every stage's mixture, to train the tokenizer on.
  private static func tokenizerSample(_ recipe: Recipe) -> [String] {
    recipe.stages.enumerated().flatMap { index, stage in
      var stream = DocumentStream(
        seed: recipe.seed, row: UInt64.max - UInt64(index), mixture: stage.mixture)
      var texts: [String] = []
      while texts.count < 20_000 {
        texts += stream.next().sentences.map { " " + $0.text }
      }
      return texts
    }
  }
}
