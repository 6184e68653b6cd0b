import Foundation
import Kernels
import ModelFiles
import Support
import Tokenization
import Transformer

/// The folder of a run: `config.json`, `metrics.jsonl`, `checkpoints/STEP/`, and at the end
/// `model/`.
///
/// A checkpoint holds a model or an adapter, the optimiser's moments, the run's state, and
/// `SHA256SUMS` of all these files. It is written whole or not at all; one that is damaged later,
/// by a disk or an incomplete copy, fails its checksums and is never read.
public struct RunFolder: Sendable {
  public let url: URL

  /// Where the model of a finished run is.
  public var model: URL { url.appendingPathComponent("model") }

  /// Where the adapter of a finished run is, if it trained one; `model` then has it merged in.
  public var adapter: URL { url.appendingPathComponent("adapter") }

  /// The files that every checkpoint has. A list of checksums that names them is complete, since
  /// `state.json` is on its last line.
  private static let checkpointFiles = ["optimizer.safetensors", "state.json"]
  /// The largest `metrics.jsonl` that is read, in bytes.
  private static let maxMetricsSize = 1 << 30
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
  /// - Throws: `FileError` where it exists or cannot be written.
  static func checkDestination(_ url: URL) throws {
    if FileManager.default.fileExists(atPath: url.path) {
      throw FileError(
        url, "exists; resume it with --resume, or name another folder with --output")
    }
    try AtomicFile.checkWritable(url)
  }

  /// Makes a new run folder.
  ///
  /// - Throws: `FileError` where it exists or cannot be written.
  static func create(_ url: URL, settings: RunSettings) throws -> RunFolder {
    try checkDestination(url)
    let text = try encoder(isPretty: true).encode(settings)
    try AtomicFile.writeFolder(at: url) { url in
      let folder = RunFolder(url: url)
      try AtomicFile.createFolder(folder.checkpoints)
      try AtomicFile.write(text, to: folder.settingsFile)
    }
    return RunFolder(url: url)
  }

  /// Replaces the run's settings; the caller must hold the lock.
  ///
  /// - Throws: `FileError` where they cannot be written; the old settings are then unchanged.
  func write(_ settings: RunSettings) throws {
    try AtomicFile.write(Self.encoder(isPretty: true).encode(settings), to: settingsFile)
  }

  /// Opens a run folder and reads its settings.
  ///
  /// - Throws: `FileError` where it is not a run folder or its settings cannot be run.
  static func open(_ url: URL) throws -> (RunFolder, RunSettings) {
    let folder = RunFolder(url: url)
    let weights = url.appendingPathComponent("model.safetensors")
    if FileManager.default.fileExists(atPath: weights.path) {
      throw FileError(
        url, "is a model folder, not a run folder; a run can start from it with --start")
    }
    guard FileManager.default.fileExists(atPath: folder.settingsFile.path) else {
      throw FileError(
        url,
        "is not a run folder, since it has no config.json; name one that train has written, "
          + "such as runs/NAME")
    }
    let settings = try JSONFile.read(RunSettings.self, from: folder.settingsFile)
    try FileError.naming(folder.settingsFile) { try settings.validate() }
    return (folder, settings)
  }

  // MARK: Checkpoints

  /// The whole checkpoint with the highest step; nil where there are no checkpoints.
  ///
  /// - Parameter warn: called for every newer checkpoint that is damaged.
  /// - Throws: `FileError` naming the damage of the newest checkpoint where all are damaged; also
  ///   where one that may be whole cannot be read, since going on from an older one would remove
  ///   it.
  public func newestCheckpoint(warn: (String) -> Void = { _ in }) throws -> URL? {
    var damage: FileError?
    for step in try checkpointSteps().reversed() {
      let checkpoint = checkpoints.appendingPathComponent(String(step))
      do {
        try Checksums.check(checkpoint, required: Self.checkpointFiles)
        return checkpoint
      } catch let error as FileError where !error.isOfThisProcess {
        damage = damage ?? error
        warn("checkpoint \(step) is skipped: \(error)")
      }
    }
    if let damage {
      throw FileError(
        URL(fileURLWithPath: damage.path),
        damage.problem
          + "; no checkpoint of the run is whole; start a new run in another folder"
      )
    }
    return nil
  }

  /// Removes files that killed processes left half-written; the caller must hold the lock.
  func removeTemporaries() {
    for folder in [url, checkpoints] { AtomicFile.removeTemporaries(in: folder) }
  }

  private func checkpointSteps() throws -> [Int] {
    guard AtomicFile.kind(of: checkpoints) != nil else {
      throw FileError(
        checkpoints, "is missing; put it back, or start a new run in another folder")
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: checkpoints.path)
    } catch {
      throw FileError(
        checkpoints,
        "cannot be listed (\(error.localizedDescription)); check its permissions")
    }
    return names.compactMap { name in Int(name).flatMap { String($0) == name ? $0 : nil } }.sorted()
  }

  /// Writes a checkpoint and removes all but the newest `kept` checkpoints.
  ///
  /// - Parameter parameters: writes the trained parameters into the checkpoint's folder.
  /// - Throws: `FileError` where it cannot be written; the older checkpoints are then unchanged.
  func save(
    _ state: TrainingState, moments: (first: Floats, second: Floats), kept: Int,
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
      try Checksums.write(in: folder)
    }
    // Checkpoints of later steps are damaged: otherwise the run would have resumed from one.
    for step in try checkpointSteps() where step > state.step {
      try AtomicFile.removeFolder(checkpoints.appendingPathComponent(String(step)))
    }
    for step in try checkpointSteps().dropLast(kept) {
      try AtomicFile.removeFolder(checkpoints.appendingPathComponent(String(step)))
    }
  }

  /// Reads the state, and the optimiser's moments into `moments`.
  ///
  /// - Parameter stepCounts: the steps of every stage of the run.
  /// - Throws: `FileError` where a file is damaged or belongs to another recipe.
  func readState(
    _ checkpoint: URL, stepCounts: [Int], moments: (first: Floats, second: Floats)
  ) throws -> TrainingState {
    let optimizer = checkpoint.appendingPathComponent("optimizer.safetensors")
    try FileError.naming(optimizer) {
      let tensors = try Safetensors(contentsOf: optimizer)
      try tensors.readFloats(ofTensor: "first_moment", into: moments.first)
      try tensors.readFloats(ofTensor: "second_moment", into: moments.second)
    }
    return try TrainingState(
      contentsOf: checkpoint.appendingPathComponent("state.json"), stepCounts: stepCounts)
  }

  // MARK: Metrics

  /// Appends one line and waits until the disk has it.
  func append(_ metrics: Metrics) throws {
    let file = try OutputFile(appendingTo: metricsFile)
    try file.write(Self.encoder().encode(metrics) + Data("\n".utf8))
    try file.synchronize()
  }

  /// The lines so far.
  func metrics() -> [Metrics] {
    guard let text = try? Data(contentsOf: metricsFile) else { return [] }
    return text.split(separator: UInt8(ascii: "\n")).compactMap {
      try? Self.decoder.decode(Metrics.self, from: $0)
    }
  }

  /// Removes the lines of steps after `step`, which a resumed run takes again.
  func truncateMetrics(after step: Int) throws {
    guard AtomicFile.kind(of: metricsFile) != nil else { return }
    let text = try InputFile.contents(of: metricsFile, limit: Self.maxMetricsSize)
    let kept = text.split(separator: UInt8(ascii: "\n")).filter { line in
      (try? Self.decoder.decode(Metrics.self, from: Data(line))).map {
        (0...step).contains($0.step)
      } ?? false
    }
    try AtomicFile.write(
      Data(kept.flatMap { $0 + [UInt8(ascii: "\n")] }), to: metricsFile)
  }
}
