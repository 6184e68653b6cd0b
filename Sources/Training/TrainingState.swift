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

  /// Steps that the next line of metrics is about. It is part of the state, so that a run that was
  /// stopped writes the same lines as one that was not.
  struct Window: Codable, Equatable, Sendable {
    var steps = 0
    var tokens = 0
    /// Sum of the steps' losses.
    var losses = 0.0
    var seconds = 0.0

    var loss: Double { losses / Double(max(1, steps)) }
    var tokensPerSecond: Double { Double(tokens) / max(1e-9, seconds) }
  }

  /// Adds one step.
  mutating func add(tokens: Int, loss: Double, seconds: Double) {
    step += 1
    stepInStage += 1
    self.tokens += tokens
    self.seconds += seconds
    var window = window ?? Window()
    window.steps += 1
    window.tokens += tokens
    window.losses += loss
    window.seconds += seconds
    self.window = window
  }

  mutating func enterNextStage() {
    stage += 1
    stepInStage = 0
  }
}
