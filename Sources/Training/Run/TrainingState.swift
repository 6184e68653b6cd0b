import Foundation
import ModelFiles
import Support

/// How far a run has come: with the weights and the optimiser's moments, all that resuming needs.
public struct TrainingState: Codable, Equatable, Sendable {
  /// Optimiser steps taken.
  public var step = 0
  public var stage = 0
  public var stepInStage = 0
  public var tokens = 0
  /// The number of the next row of data.
  public var nextRow: UInt64 = 0
  /// Seconds of training so far, over all resumed parts.
  public var seconds = 0.0
  /// The steps since the last line of metrics; nil right after one.
  var window: Window?
  /// The gradient norms of the stage's last steps; nil before its first step.
  var gradientNorms: GradientNorms?

  /// The steps that the next line of metrics covers. They are part of the state, so that a resumed
  /// run writes the same lines as an uninterrupted one.
  struct Window: Codable, Equatable, Sendable {
    var steps = 0
    var tokens = 0
    /// Sum of the steps' losses.
    var losses = 0.0
    var seconds = 0.0
    var spikes: [GradientSpike]?

    var loss: Double { losses / Double(max(1, steps)) }
    var tokensPerSecond: Double { Double(tokens) / max(1e-9, seconds) }
  }

  /// Adds one step.
  ///
  /// - Returns: the step, if its gradient was far longer than usual.
  @discardableResult
  mutating func add(
    tokens: Int, loss: Double, gradientNorm: Double, seconds: Double
  ) -> GradientSpike? {
    step += 1
    stepInStage += 1
    self.tokens += tokens
    self.seconds += seconds
    var window = window ?? Window()
    window.steps += 1
    window.tokens += tokens
    window.losses += loss
    window.seconds += seconds
    var norms = gradientNorms ?? GradientNorms()
    let spike = norms.add(gradientNorm, step: step)
    if let spike { window.spikes = (window.spikes ?? []) + [spike] }
    gradientNorms = norms
    self.window = window
    return spike
  }

  mutating func enterNextStage() {
    stage += 1
    stepInStage = 0
    gradientNorms = nil
  }

  /// Goes back into the only stage of an ended run, if that has got more steps since.
  mutating func continueOnlyStage(steps: Int) {
    guard stage == 1, step < steps else { return }
    (stage, stepInStage) = (0, step)
  }
}

extension TrainingState {
  /// Reads `state.json`.
  ///
  /// - Parameter stepCounts: the steps of every stage of the run.
  /// - Throws: `FileError` where it is damaged or does not fit the run's stages.
  init(contentsOf file: URL, stepCounts: [Int]) throws {
    self = try JSONFile.read(TrainingState.self, from: file)
    let isPlace =
      stepCounts.indices.contains(stage)
      ? (0..<stepCounts[stage]).contains(stepInStage)
      : stage == stepCounts.count && stepInStage == 0
    guard isPlace, step >= 0, tokens >= 0 else {
      throw FileError(
        file,
        "stands at stage \(stage), step \(stepInStage), which the recipe in the run's "
          + "config.json does not have")
    }
    // No run reaches this count, and no sum of counts below it overflows.
    let limit = 1 << 60
    let window = window ?? Window()
    guard max(step, tokens, window.steps, window.tokens) <= limit, nextRow <= UInt64(limit),
      min(window.steps, window.tokens) >= 0,
      [seconds, window.seconds].allSatisfy({ (0...Double(limit)).contains($0) }),
      abs(window.losses) <= Double(limit)
    else {
      throw FileError(file, "holds a count that no run reaches; use an earlier checkpoint")
    }
  }
}
