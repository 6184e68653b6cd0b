import Checkpoints
import Foundation
import Kernels
import Tokenization
import Transformer

/// One line of `metrics.jsonl`.
struct Metrics: Codable {
  let step, tokens: Int
  let stage: String
  let loss: Double
  let learningRate: Double
  let gradientNorm: Double
  let tokensPerSecond: Double
  let createdAt: String
  /// In-context accuracy on held-out words, by task: "reversal reversed 100" asks about a hundred facts.
  let inContext: [String: Double]?

  init(_ progress: Trainer.Progress, learningRate: Float, probed: Bool) {
    step = progress.state.step
    tokens = progress.state.tokens
    stage = progress.stageName
    loss = progress.loss
    self.learningRate = Double(learningRate)
    gradientNorm = progress.gradientNorm
    tokensPerSecond = progress.tokensPerSecond
    createdAt = ISO8601DateFormatter().string(from: Date())
    inContext =
      probed
      ? Dictionary(
        uniqueKeysWithValues: progress.accuracies.map { ($0.task.name, $0.value) })
      : nil
  }
}

/// The folder of a run: `config.json`, `metrics.jsonl`, `checkpoints/STEP/`, and at the end `model/`.
///
/// A checkpoint is a model folder with the optimiser's moments and the run's state beside it. It is
/// written whole or not at all.
public struct RunFolder: Sendable {
  public let url: URL

  /// Where the model of a finished run is.
  public var model: URL { url.appendingPathComponent("model") }

  /// Where the adapter of a finished run is that trained one; `model` then has it merged in.
  public var adapter: URL { url.appendingPathComponent("adapter") }

  private static let keptCheckpoints = 3
  private var settingsFile: URL { url.appendingPathComponent("config.json") }
  private var metricsFile: URL { url.appendingPathComponent("metrics.jsonl") }
  private var checkpoints: URL { url.appendingPathComponent("checkpoints") }

  private static func encoder(isPretty: Bool = false) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  private static let decoder: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }()

  /// Checks, before any work, that a run folder can be made at `url`.
  ///
  /// - Throws: `CheckpointError` where it exists or cannot be written.
  static func checkDestination(_ url: URL) throws {
    if FileManager.default.fileExists(atPath: url.path) {
      throw CheckpointError(
        url, "exists; resume it with --resume, or name another folder with --output")
    }
    try AtomicFile.checkWritable(url)
  }

  /// Makes a new run folder.
  ///
  /// - Throws: `CheckpointError` where it exists or cannot be written.
  static func create(_ url: URL, settings: RunSettings) throws -> RunFolder {
    try checkDestination(url)
    let folder = RunFolder(url: url)
    try CheckpointError.naming(url) {
      try FileManager.default.createDirectory(
        at: folder.checkpoints, withIntermediateDirectories: true)
    }
    try AtomicFile.write(encoder(isPretty: true).encode(settings), to: folder.settingsFile)
    return folder
  }

  /// Opens a run folder and reads what it was started with.
  ///
  /// - Throws: `CheckpointError` where it is no run folder or its settings cannot be run.
  static func open(_ url: URL) throws -> (RunFolder, RunSettings) {
    let folder = RunFolder(url: url)
    let weights = url.appendingPathComponent("model.safetensors")
    if FileManager.default.fileExists(atPath: weights.path) {
      throw CheckpointError(
        url, "is no run folder but a model's; a run can start from it with --start")
    }
    guard FileManager.default.fileExists(atPath: folder.settingsFile.path) else {
      throw CheckpointError(url, "is no run folder: it holds no config.json")
    }
    let settings = try JSONFile.read(RunSettings.self, from: folder.settingsFile)
    try CheckpointError.naming(folder.settingsFile) { try settings.validate() }
    return (folder, settings)
  }

  // MARK: Checkpoints

  /// The checkpoint with the highest step.
  public func newestCheckpoint() throws -> URL {
    let steps = try checkpointSteps()
    guard let newest = steps.last else {
      throw CheckpointError(checkpoints, "holds no checkpoint to resume from")
    }
    return checkpoints.appendingPathComponent(String(newest))
  }

  private func checkpointSteps() throws -> [Int] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: checkpoints.path) else {
      throw CheckpointError(checkpoints, "cannot be listed; is it the folder of a run?")
    }
    return names.compactMap(Int.init).sorted()
  }

  /// Writes a checkpoint.
  ///
  /// - Parameter parameters: writes what was trained into the checkpoint's folder.
  func save(
    _ state: TrainingState, moments: (first: Floats, second: Floats),
    parameters: (_ folder: URL) throws -> Void
  ) throws {
    let target = checkpoints.appendingPathComponent(String(state.step))
    try AtomicFile.writeFolder(at: target, replacing: true) { folder in
      try parameters(folder)
      try Safetensors.write(
        [
          ("first_moment", [moments.first.count], moments.first),
          ("second_moment", [moments.second.count], moments.second),
        ], to: folder.appendingPathComponent("optimizer.safetensors"))
      try AtomicFile.write(
        Self.encoder().encode(state), to: folder.appendingPathComponent("state.json"))
    }
    for step in try checkpointSteps().dropLast(Self.keptCheckpoints) {
      try? FileManager.default.removeItem(at: checkpoints.appendingPathComponent(String(step)))
    }
  }

  /// Reads the state, and the optimiser's moments into place.
  ///
  /// - Parameter stepCounts: the steps of every stage of the run.
  /// - Throws: `CheckpointError` where a file is damaged or is of another recipe.
  func readState(
    _ checkpoint: URL, stepCounts: [Int], moments: (first: Floats, second: Floats)
  ) throws -> TrainingState {
    let optimizer = checkpoint.appendingPathComponent("optimizer.safetensors")
    try CheckpointError.naming(optimizer) {
      let tensors = try Safetensors(contentsOf: optimizer)
      try tensors.floats(named: "first_moment", into: moments.first)
      try tensors.floats(named: "second_moment", into: moments.second)
    }
    let file = checkpoint.appendingPathComponent("state.json")
    let state = try JSONFile.read(TrainingState.self, from: file)
    let isPlace =
      stepCounts.indices.contains(state.stage)
      ? (0..<stepCounts[state.stage]).contains(state.stepInStage)
      : state.stage == stepCounts.count && state.stepInStage == 0
    guard isPlace, state.step >= 0, state.tokens >= 0 else {
      throw CheckpointError(
        file,
        "stands at stage \(state.stage), step \(state.stepInStage), which the recipe in the run's "
          + "config.json does not have")
    }
    return state
  }

  // MARK: Metrics

  /// Appends one line and waits until the disk has it.
  func append(_ metrics: Metrics) throws {
    try CheckpointError.naming(metricsFile) {
      if !FileManager.default.fileExists(atPath: metricsFile.path) {
        try Data().write(to: metricsFile)
      }
      let file = try FileHandle(forWritingTo: metricsFile)
      defer { try? file.close() }
      try file.seekToEnd()
      try file.write(contentsOf: Self.encoder().encode(metrics) + Data("\n".utf8))
      try file.synchronize()
    }
  }

  /// The lines so far.
  func metrics() -> [Metrics] {
    guard let text = try? Data(contentsOf: metricsFile) else { return [] }
    return text.split(separator: UInt8(ascii: "\n")).compactMap {
      try? Self.decoder.decode(Metrics.self, from: $0)
    }
  }

  /// Drops the lines of steps after `step`, which a resumed run will take again.
  func truncateMetrics(after step: Int) throws {
    guard let text = try? Data(contentsOf: metricsFile) else { return }
    let kept = text.split(separator: UInt8(ascii: "\n")).filter { line in
      (try? Self.decoder.decode(Metrics.self, from: line)).map { $0.step <= step } ?? false
    }
    try AtomicFile.write(
      Data(kept.flatMap { $0 + [UInt8(ascii: "\n")] }), to: metricsFile)
  }
}
