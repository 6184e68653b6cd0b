import Corpora
import Foundation
import ModelFiles
import Support
import Tokenization
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
    /// How many layers are trained, the lowest first; the others are skipped. nil: all.
    public var layers: Int?
    /// Layers, counted from 1, that the layers above them repeat: with seven layers and loop 4 to
    /// 5, the sixth and seventh have the parameters of the fourth and fifth. What these learn to
    /// look up for a word of the prompt, the repeating layers then look up for the result. nil:
    /// every layer has its own parameters.
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

  /// The steps that the trainer takes.
  func curriculum(_ tokenizer: Tokenizer) -> Curriculum {
    Curriculum(
      stages: stages.map { curriculumStage($0, tokenizer) }, metricsInterval: 50_000,
      checkpointInterval: 2_000_000)
  }

  private func curriculumStage(_ stage: Stage, _ tokenizer: Tokenizer) -> Curriculum.Stage {
    let source = RowSource(
      tokenizer: tokenizer, seed: seed, mixture: stage.mixture, rowLength: stage.rowLength)
    var trained = configuration
    trained.layerCount = stage.layers ?? layerCount
    return Curriculum.Stage(
      name: stage.name, steps: stage.steps, tokens: stage.steps * stage.tokensPerStep,
      rowLength: stage.rowLength, layers: stage.layers, loop: stage.loop,
      workPerToken: 3 * trained.operations(tokens: 1, context: Double(stage.rowLength) / 2),
      rateScale: { stage.rateScale(step: $0) },
      data: { _, firstRow, share in
        let rows = share.rows(of: stage.rowsPerStep)
        return Curriculum.StepData(
          batch: source.batch(
            firstRow: firstRow + UInt64(rows.lowerBound), rowCount: rows.count,
            workerCount: share.workerCount),
          rows: stage.rowsPerStep, tokens: stage.tokensPerStep)
      })
  }

  public var totalTokens: Int { stages.reduce(0) { $0 + $1.steps * $1.tokensPerStep } }
}

extension Recipe {
  /// Reads a recipe from JSON, keys in snake_case as `--print-recipe` shows them.
  ///
  /// - Throws: `FileError` naming the file and what is wrong with it.
  public init(contentsOf url: URL) throws {
    self = try JSONFile.read(Recipe.self, from: url) { recipe in
      try FileError.naming(url) { try recipe.validate() }
    }
  }
}
