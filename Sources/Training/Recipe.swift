import Checkpoints
import Corpora
import Foundation
import Transformer

/// Everything that decides what a pretraining run computes.
public struct Recipe: Codable, Equatable, Sendable {
  /// A part of the run with its own data and rates.
  public struct Stage: Codable, Equatable, Sendable {
    public var name: String
    /// Tokens of this stage.
    public var tokens: Int
    public var rowLength: Int
    public var rowsPerStep: Int
    public var mixture: Mixture
    /// How many layers a step trains, the lowest first: drawn for each step, from the fewest to the most.
    /// The others are passed by. nil: all.
    public var layers: ClosedRange<Int>?
    /// What the optimiser's learning rates are multiplied by at the stage's start and end; linear
    /// in between.
    public var rateAtStart: Float
    public var rateAtEnd: Float

    public init(
      name: String, tokens: Int, rowLength: Int, rowsPerStep: Int, mixture: Mixture,
      layers: ClosedRange<Int>? = nil, rateAtStart: Float = 1, rateAtEnd: Float = 1
    ) {
      self.name = name
      self.tokens = tokens
      self.rowLength = rowLength
      self.rowsPerStep = rowsPerStep
      self.mixture = mixture
      self.layers = layers
      self.rateAtStart = rateAtStart
      self.rateAtEnd = rateAtEnd
    }

    public var tokensPerStep: Int { rowLength * rowsPerStep }
    public var steps: Int { (tokens + tokensPerStep - 1) / tokensPerStep }

    /// The factor on the learning rates at a step of the stage, counted from 0.
    func rateScale(step: Int) -> Float {
      rateAtStart + (rateAtEnd - rateAtStart) * Float(step) / Float(max(1, steps - 1))
    }
  }

  public var seed: UInt64
  public var vocabularySize: Int
  public var hiddenSize: Int
  public var intermediateSize: Int
  public var layerCount: Int
  public var headCount: Int
  public var contextLength: Int
  public var ropeTheta: Double
  public var optimizer: OptimizerSettings
  public var stages: [Stage]

  /// The model that the recipe trains.
  public var configuration: Configuration {
    Configuration(
      vocabularySize: vocabularySize, hiddenSize: hiddenSize, intermediateSize: intermediateSize,
      layerCount: layerCount, headCount: headCount, contextLength: contextLength,
      ropeTheta: ropeTheta)
  }

  /// Floating-point operations of training on one token.
  func workPerToken(of stage: Stage) -> Double {
    var configuration = configuration
    if let layers = stage.layers {
      configuration.layerCount = (layers.lowerBound + layers.upperBound) / 2
    }
    return 3 * configuration.operations(tokens: 1, context: Double(stage.rowLength) / 2)
  }

  /// Floating-point operations that are left.
  func work(from state: TrainingState) -> Double {
    var sum = 0.0
    for (index, stage) in stages.enumerated() where index >= state.stage {
      let steps = stage.steps - (index == state.stage ? state.stepInStage : 0)
      sum += Double(steps) * Double(stage.tokensPerStep) * workPerToken(of: stage)
    }
    return sum
  }

  public var totalTokens: Int { stages.reduce(0) { $0 + $1.steps * $1.tokensPerStep } }
}

extension Recipe {
  /// Reads a recipe from JSON, keys in snake_case as `--print-recipe` shows them.
  ///
  /// - Throws: `CheckpointError` naming the file and what is wrong with it.
  public init(contentsOf url: URL) throws {
    self = try JSONFile.read(Recipe.self, from: url)
    try CheckpointError.naming(url) { try validate() }
  }
}
