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
    /// How many layers are trained, the lowest first; the others are passed by. nil: all.
    public var layers: Int?
    /// Layers, counted from 1, that the layers above them repeat: of seven with loop 4 to 5, the sixth
    /// and seventh have the parameters of the fourth and fifth. What these learn to do with a word of
    /// the prompt, they then do with what was found by it, too. nil: every layer has its own.
    ///
    /// As in Dehghani et al. 2018, arXiv 1807.03819, and Saunshi et al. 2025, arXiv 2502.17416.
    public var loop: ClosedRange<Int>?
    /// What the optimiser's learning rates are multiplied by at the stage's start and end; linear
    /// in between.
    public var rateAtStart: Float
    public var rateAtEnd: Float

    public init(
      name: String, tokens: Int, rowLength: Int, rowsPerStep: Int, mixture: Mixture,
      layers: Int? = nil, loop: ClosedRange<Int>? = nil, rateAtStart: Float = 1,
      rateAtEnd: Float = 1
    ) {
      self.name = name
      self.tokens = tokens
      self.rowLength = rowLength
      self.rowsPerStep = rowsPerStep
      self.mixture = mixture
      self.layers = layers
      self.loop = loop
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
    configuration.layerCount = stage.layers ?? layerCount
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
