import Foundation
import ModelFiles
import Support

/// Where a run stands: with the weights and the optimiser's moments, all that resuming needs.
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
  /// The gradient's lengths in the stage's last steps; nil before its first.
  var gradientNorms: GradientNorms?

  /// Steps that the next line of metrics is about. It is part of the state, so that a run that was
  /// stopped writes the same lines as one that was not.
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
  /// - Returns: the step where its gradient was far longer than usual.
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
}

extension TrainingState {
  /// Reads `state.json`.
  ///
  /// - Parameter stepCounts: the steps of every stage of the run.
  /// - Throws: `FileError` where it is damaged or no place in the run.
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
    // So large that no run comes there and no sum overflows.
    let most = 1 << 60
    let window = window ?? Window()
    guard max(step, tokens, window.steps, window.tokens) <= most, nextRow <= UInt64(most),
      min(window.steps, window.tokens) >= 0,
      [seconds, window.seconds].allSatisfy({ (0...Double(most)).contains($0) }),
      abs(window.losses) <= Double(most)
    else {
      throw FileError(file, "holds a count that no run reaches; use an earlier checkpoint")
    }
  }
}
