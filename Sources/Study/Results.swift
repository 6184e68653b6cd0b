import Checkpoints
import Corpora
import Foundation

/// A study's results, as `results.json` holds them.
public struct Results: Codable, Sendable {
  /// What was run, with what.
  public struct Run: Codable, Sendable {
    public var command: String
    public var model: String
    public var parameters: Int
    public var seeds: [UInt64]
    public var facts: Int
    public var fineTuning: FineTuning
    public var augmentation: LocalAugmentation
    public var blasCore: String
    public var workers: Int
    public var seconds: Double
    public var peakMemoryBytes: Int
    public var createdAt: String

    public init(
      command: String, model: String, parameters: Int, seeds: [UInt64], facts: Int,
      fineTuning: FineTuning, augmentation: LocalAugmentation, blasCore: String, workers: Int,
      seconds: Double,
      peakMemoryBytes: Int, createdAt: Date
    ) {
      self.command = command
      self.model = model
      self.parameters = parameters
      self.seeds = seeds
      self.facts = facts
      self.fineTuning = fineTuning
      self.augmentation = augmentation
      self.blasCore = blasCore
      self.workers = workers
      self.seconds = seconds
      self.peakMemoryBytes = peakMemoryBytes
      self.createdAt = ISO8601DateFormatter().string(from: createdAt)
    }
  }

  /// One arm on one split of one dataset, over all worlds.
  public struct Row: Codable, Sendable {
    public var dataset: String
    public var split: Split
    public var arm: String
    public var accuracy: Double
    public var stderr: Double
    public var ci95: [Double]
    public var chance: Double
    /// Questions in all worlds together.
    public var questions: Int
    public var seeds: Int
    public var tokensTrained: Double
    public var tokensPerQuery: Double
    public var secondsTrain: Double
    public var secondsPerQuery: Double
  }

  /// What the model wrote for an arm, over all worlds.
  public struct Augmentation: Codable, Sendable {
    public var arm: String
    /// Sentences a world.
    public var sentences: Double
    public var isTrue: Double
    public var isFalse: Double
    public var isMalformed: Double
    public var coverage: [String: Double]
  }

  public var run: Run
  public var rows: [Row]
  public var augmentations: [Augmentation]

  public init(run: Run, outcomes: [StudyRun.Outcome]) {
    self.run = run
    var rows: [Row] = []
    var augmentations: [Augmentation] = []
    for arm in outcomes.map(\.arm).uniqued() {
      let own = outcomes.filter { $0.arm == arm }
      for split in Split.allCases {
        let worlds = own.map { $0.samples.filter { $0.split == split } }.filter { !$0.isEmpty }
        guard let first = worlds.first?.first else { continue }
        let estimate = Estimate(worlds.map { Self.mean($0.map(\.score)) })
        rows.append(
          Row(
            dataset: first.dataset, split: split, arm: arm, accuracy: estimate.mean,
            stderr: estimate.standardError,
            ci95: [max(0, estimate.interval.lowerBound), min(1, estimate.interval.upperBound)],
            chance: Self.mean(worlds.flatMap { $0 }.map { 1 / Double($0.choices.count) }),
            questions: worlds.reduce(0) { $0 + $1.count }, seeds: worlds.count,
            tokensTrained: Self.mean(own.map { Double($0.tokensTrained) }),
            tokensPerQuery: Self.mean(own.map(\.tokensPerQuery)),
            secondsTrain: Self.mean(own.map(\.secondsTrain)),
            secondsPerQuery: Self.mean(own.map(\.secondsPerQuery))))
      }
      let reports = own.compactMap(\.augmentation)
      if !reports.isEmpty {
        let splits = reports.flatMap(\.coverage.keys).uniqued()
        func share(_ judgement: WrittenSentence.Judgement) -> Double {
          Self.mean(reports.map { $0.share(judgement) })
        }
        augmentations.append(
          Augmentation(
            arm: arm, sentences: Self.mean(reports.map { Double($0.written.count) }),
            isTrue: share(.isTrue), isFalse: share(.isFalse), isMalformed: share(.isMalformed),
            coverage: Dictionary(
              uniqueKeysWithValues: splits.map { split in
                (split.rawValue, Self.mean(reports.map { $0.coverage[split] ?? 0 }))
              })))
      }
    }
    self.rows = rows
    self.augmentations = augmentations
  }

  /// The row of an arm and split, where there is one.
  public func row(_ arm: String, _ split: Split) -> Row? {
    rows.first { $0.arm == arm && $0.split == split }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }

  /// Checks before a long run that its results can be written.
  ///
  /// - Throws: `CheckpointError` where the folder exists or cannot be made.
  public static func checkDestination(_ url: URL) throws {
    if FileManager.default.fileExists(atPath: url.path) {
      throw CheckpointError(url, "exists; name a new folder with --output, or remove it")
    }
    try AtomicFile.checkWritable(url)
  }

  /// Writes `results.json`, `samples.jsonl` (a line a question) and, where an arm wrote sentences,
  /// `augmentations.jsonl` (a line a sentence) as one folder, which must not exist.
  ///
  /// - Throws: `CheckpointError` naming the folder.
  public func write(_ outcomes: [StudyRun.Outcome], to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func lines(_ values: [some Encodable]) throws -> Data {
      Data(try values.map { try encoder.encode($0) + Data("\n".utf8) }.joined())
    }
    let samples = try lines(outcomes.flatMap(\.samples))
    let written = try lines(outcomes.flatMap { $0.augmentation?.written ?? [] })
    encoder.outputFormatting.insert(.prettyPrinted)
    let results = try encoder.encode(self)
    try AtomicFile.writeFolder(at: url) { folder in
      try AtomicFile.write(results, to: folder.appendingPathComponent("results.json"))
      try AtomicFile.write(samples, to: folder.appendingPathComponent("samples.jsonl"))
      if !written.isEmpty {
        try AtomicFile.write(
          written, to: folder.appendingPathComponent("augmentations.jsonl"))
      }
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of first appearance.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
