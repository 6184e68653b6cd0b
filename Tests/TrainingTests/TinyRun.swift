import Corpora
import Foundation
import Testing
import Transformer

@testable import Training

extension Recipe {
  /// Six steps of short rows, on one layer, and five of long ones, on a model of a few thousand
  /// parameters. Three rows per step do not divide evenly between two workers.
  static let tiny = Recipe(
    seed: 7, vocabularySize: 400, hiddenSize: 16, intermediateSize: 32, layerCount: 2,
    headCount: 2, contextLength: 96, ropeTheta: 10_000,
    optimizer: OptimizerSettings(learningRate: 0.01, muonLearningRate: 0.02),
    stages: [
      Stage(
        name: "short rows", tokens: 6 * 3 * 32, rowLength: 32, rowsPerStep: 3,
        mixture: Mixture(
          [
            .shortFacts: 1, .copying: 0.2,
          ], facts: 1...2), layers: 1),
      Stage(
        name: "long rows", tokens: 5 * 3 * 64, rowLength: 64, rowsPerStep: 3,
        mixture: Mixture(
          [
            .comparisons: 1, .syllogisms: 0.2,
          ], facts: 1...3), rateAtStart: 1,
        rateAtEnd: 0.1),
    ])

  var stepCount: Int { stages.reduce(0) { $0 + $1.steps } }
}

/// Trains to the end, stopped and resumed after each of `stops`.
func train(
  _ recipe: Recipe = .tiny, in folder: URL, workerCount: Int = 2, stoppingAfter stops: [Int] = []
) throws -> Trainer {
  var trainer = try Trainer(recipe: recipe, workerCount: workerCount, folder: folder)
  for stop in stops {
    let running = trainer
    #expect(try running.run(shouldStop: { running.state.step >= stop }) == false)
    trainer = try Trainer(resuming: folder)
    #expect(trainer.state.step == stop)
  }
  #expect(try trainer.run())
  return trainer
}

/// The error that `body` throws, as text; nil where it throws none.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

/// A hash of a file's bytes.
func digest(_ url: URL) throws -> Int {
  var hasher = Hasher()
  try Data(contentsOf: url).withUnsafeBytes { hasher.combine(bytes: $0) }
  return hasher.finalize()
}
