// Times whole training steps (forward, backward, clipping, AdamW) and prints them as one line of
// JSON, for compare.py.
//
// Usage: training-step HIDDEN INTERMEDIATE LAYERS HEADS VOCABULARY ROWS ROW_LENGTH WORKERS STEPS

import Foundation
import Kernels
import Randomness
import Training
import Transformer

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard arguments.count == 9, arguments.allSatisfy({ $0 > 0 }) else {
  FileHandle.standardError.write(
    Data(
      "usage: training-step HIDDEN INTERMEDIATE LAYERS HEADS VOCABULARY ROWS LENGTH WORKERS STEPS\n"
        .utf8))
  exit(64)
}
let (rows, length, workers, steps) = (arguments[5], arguments[6], arguments[7], arguments[8])
let processor = Processor.current
let model = try Model(
  Configuration(
    vocabularySize: arguments[4], hiddenSize: arguments[0], intermediateSize: arguments[1],
    layerCount: arguments[2], headCount: arguments[3], contextLength: length))
model.initialize(seed: 1)
var random = RandomGenerator(seed: 2)
let tokens = (0..<rows * (length + 1)).map { _ in Int32(random.integer(below: arguments[4])) }
let batch = Batch(
  rowLength: length,
  tokens: (0..<rows).flatMap { tokens[$0 * (length + 1)..<$0 * (length + 1) + length] },
  targets: (0..<rows).flatMap { tokens[$0 * (length + 1) + 1..<($0 + 1) * (length + 1)] },
  weights: Array(repeating: 1, count: rows * length))
let gradients = GradientWorkers(
  model, workerCount: workers, rowLength: length, tokensPerChunk: 512)
let optimizer = Optimizer(
  model, settings: OptimizerSettings(learningRate: 1e-3), workerCount: workers)

var seconds: [Double] = []
var losses: [Double] = []
for step in 1...steps + 2 {
  let start = ContinuousClock.now
  let (loss, norm) = gradients.run(batch)
  optimizer.update(
    gradients: gradients.gradients, step: step, gradientScale: Float(norm > 1 ? 1 / norm : 1))
  let elapsed = start.duration(to: .now) / .seconds(1)
  if step > 2 { seconds.append(elapsed) }  // the first steps warm up
  losses.append(loss)
}
let result: [String: Any] = [
  "seconds": seconds, "first_loss": losses[0], "last_loss": losses[losses.count - 1],
  "parameters": model.parameterCount, "blas_core": processor.blasCore,
  "gigaflops_per_core": processor.measureGigaflops(),
]
print(
  String(
    decoding: try JSONSerialization.data(withJSONObject: result, options: .sortedKeys),
    as: UTF8.self))
