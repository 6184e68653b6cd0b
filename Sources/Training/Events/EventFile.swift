import Foundation
import ModelFiles
import Support

/// A run's TensorBoard event file: the numbers of `metrics.jsonl` in TensorBoard's format.
///
/// Each start of a run writes a new file from the existing lines of metrics and removes the old
/// one, so that a run that was stopped, or crashed while it wrote a record, leaves one valid file.
struct EventFile {
  private static let prefix = "events.out.tfevents."
  /// Only Recto's own files end in this.
  private static let suffix = ".recto"

  let url: URL

  /// Whether a run has an event file.
  static func exists(in run: URL) -> Bool { !files(in: run).isEmpty }

  private static func files(in run: URL) -> [URL] {
    ((try? FileManager.default.contentsOfDirectory(atPath: run.path)) ?? [])
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
      .map { run.appendingPathComponent($0) }
  }

  /// Writes a file of the metrics so far and removes older event files.
  ///
  /// - Throws: `FileError` where it cannot be written.
  init(in run: URL, metrics: [Metrics]) throws {
    let old = Self.files(in: run)
    let now = Date().timeIntervalSince1970
    // TensorBoard reads files in the order of their names, so that names begin with the time.
    var name = "\(Self.prefix)\(String(format: "%010d", Int(now)))"
    while old.contains(where: { $0.lastPathComponent == name + Self.suffix }) { name += ".1" }
    url = run.appendingPathComponent(name + Self.suffix)
    let records = metrics.flatMap(Self.record)
    try AtomicFile.write(Data(EventRecord.version(at: now) + records), to: url)
    for file in old { try? FileManager.default.removeItem(at: file) }
  }

  /// Appends one line's scalars and waits until the disk has them.
  func append(_ metrics: Metrics) throws {
    try FileError.naming(url) {
      let file = try FileHandle(forWritingTo: url)
      defer { try? file.close() }
      try file.seekToEnd()
      try file.write(contentsOf: Data(Self.record(metrics)))
      try file.synchronize()
    }
  }

  private static func record(_ metrics: Metrics) -> [UInt8] {
    let time = ISO8601DateFormatter().date(from: metrics.createdAt)?.timeIntervalSince1970
    return EventRecord.scalars(metrics.scalars, step: metrics.step, at: time ?? 0)
  }
}

extension Metrics {
  /// The metrics under the names that TensorBoard shows.
  var scalars: [(tag: String, value: Double)] {
    [
      ("loss", loss), ("learning_rate", learningRate), ("gradient_norm", gradientNorm),
      ("tokens_per_second", tokensPerSecond), ("tokens", Double(tokens)),
    ]
      + (inContext ?? [:]).sorted { $0.key < $1.key }.map { name, accuracy in
        ("in_context/" + name.replacingOccurrences(of: " ", with: "_"), accuracy)
      }
  }
}
