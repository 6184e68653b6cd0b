import Foundation
import Kernels
import ModelFiles
import Support
import Transformer

/// The settings that a run was started with, as `config.json` in its folder holds them.
public struct RunSettings: Equatable, Sendable {
  /// What a run does.
  public enum Task: Equatable, Sendable {
    case pretraining(Recipe)
    case fineTuning(FineTuningRecipe)

    var seed: UInt64 {
      switch self {
      case .pretraining(let recipe): recipe.seed
      case .fineTuning(let recipe): recipe.seed
      }
    }

    var optimizer: OptimizerSettings {
      switch self {
      case .pretraining(let recipe): recipe.optimizer
      case .fineTuning(let recipe): recipe.optimizer
      }
    }
  }

  public var task: Task
  public var workerCount: Int
  /// The number of processes that train together; nil for one.
  public var rankCount: Int?
  /// The model folder whose tokenizer and parameters pretraining started from, if any, as the user
  /// named it.
  public var start: String?
  /// The absolute path of that folder, and the checksum of its parameters.
  var startFolder: String?
  var startDigest: UInt32?
  /// How often the run is saved.
  public var checkpoints = CheckpointSchedule()
  /// The processor type whose kernels the matrix library uses; others give other last bits.
  public var blasCore: String

  public init(recipe: Recipe, workerCount: Int, rankCount: Int = 1, start: String? = nil) {
    self.init(.pretraining(recipe), workerCount: workerCount, rankCount: rankCount, start: start)
  }

  public init(fineTuning recipe: FineTuningRecipe, workerCount: Int, rankCount: Int = 1) {
    self.init(.fineTuning(recipe), workerCount: workerCount, rankCount: rankCount, start: nil)
  }

  private init(_ task: Task, workerCount: Int, rankCount: Int, start: String?) {
    self.task = task
    self.workerCount = workerCount
    self.rankCount = rankCount > 1 ? rankCount : nil
    self.start = start
    blasCore = Processor.current.blasCore
  }

  /// The recipe of a pretraining run.
  public var recipe: Recipe? {
    if case .pretraining(let recipe) = task { recipe } else { nil }
  }

  /// Lets a fine-tuning run go on for more epochs.
  ///
  /// - Throws: `FileError` where it has as many already, or is no fine-tuning run.
  mutating func extend(to epochs: Int, run: URL) throws {
    guard case .fineTuning(var recipe) = task else {
      throw FileError(
        run, "is a run of pretraining, which has no epochs; resume it without --epochs")
    }
    try recipe.extend(to: epochs, run: run)
    try recipe.validate()
    task = .fineTuning(recipe)
  }

  /// - Throws: `FileError` where the model that pretraining starts from has changed since the run
  ///   began.
  func check(_ model: Model, from start: URL) throws {
    guard startDigest == nil || startDigest == model.parameters.checksum else {
      throw FileError.otherModel(start)
    }
  }

  /// - Throws: `SettingsError` naming the setting that cannot be run.
  func validate() throws {
    switch task {
    case .pretraining(let recipe): try recipe.validate()
    case .fineTuning(let recipe): try recipe.validate()
    }
    try checkpoints.validate()
    guard (1...256).contains(workerCount) else {
      throw SettingsError("worker_count is \(workerCount); it must lie between 1 and 256")
    }
  }
}

extension RunSettings: Codable {
  private enum CodingKeys: String, CodingKey {
    case recipe, fineTuning, workerCount, rankCount, start, startFolder, startDigest, checkpoints,
      blasCore
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    task =
      values.contains(.fineTuning)
      ? .fineTuning(try values.decode(FineTuningRecipe.self, forKey: .fineTuning))
      : .pretraining(try values.decode(Recipe.self, forKey: .recipe))
    workerCount = try values.decode(Int.self, forKey: .workerCount)
    rankCount = try values.decodeIfPresent(Int.self, forKey: .rankCount)
    start = try values.decodeIfPresent(String.self, forKey: .start)
    startFolder = try values.decodeIfPresent(String.self, forKey: .startFolder)
    startDigest = try values.decodeIfPresent(UInt32.self, forKey: .startDigest)
    checkpoints =
      try values.decodeIfPresent(CheckpointSchedule.self, forKey: .checkpoints)
      ?? CheckpointSchedule()
    blasCore = try values.decode(String.self, forKey: .blasCore)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch task {
    case .pretraining(let recipe): try values.encode(recipe, forKey: .recipe)
    case .fineTuning(let recipe): try values.encode(recipe, forKey: .fineTuning)
    }
    try values.encode(workerCount, forKey: .workerCount)
    try values.encodeIfPresent(rankCount, forKey: .rankCount)
    try values.encodeIfPresent(start, forKey: .start)
    try values.encodeIfPresent(startFolder, forKey: .startFolder)
    try values.encodeIfPresent(startDigest, forKey: .startDigest)
    try values.encode(checkpoints, forKey: .checkpoints)
    try values.encode(blasCore, forKey: .blasCore)
  }
}

extension FileError {
  /// The model that a run started from has changed since.
  static func otherModel(_ folder: URL) -> FileError {
    FileError(
      folder,
      "holds a different model than when the run began; put the old one back, or start a new run")
  }
}
