import Foundation

/// One line of `metrics.jsonl`.
struct Metrics: Codable {
  let step, tokens: Int
  let stage: String
  let loss: Double
  let learningRate: Double
  let gradientNorm: Double
  let tokensPerSecond: Double
  let createdAt: String
  /// In-context accuracy on held-out words, by task, such as "reversal reversed 100" for a hundred
  /// facts.
  let inContext: [String: Double]?
  /// Steps since the last line whose gradients were far longer than usual.
  let gradientSpikes: [GradientSpike]?

  init(
    _ progress: Trainer.Progress, learningRate: Float, probed: Bool, spikes: [GradientSpike]?
  ) {
    gradientSpikes = spikes
    step = progress.state.step
    tokens = progress.state.tokens
    stage = progress.stageName
    loss = progress.loss
    self.learningRate = Double(learningRate)
    gradientNorm = progress.gradientNorm
    tokensPerSecond = progress.tokensPerSecond
    createdAt = ISO8601DateFormatter().string(from: Date())
    inContext =
      probed
      ? Dictionary(
        uniqueKeysWithValues: progress.accuracies.map { ($0.task.name, $0.value) })
      : nil
  }
}
