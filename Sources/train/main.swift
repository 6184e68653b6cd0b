import Kernels
import Training
import Transformer
import Randomness

print(Processor.current, Processor.current.measureGigaflops())
func bench(_ c: Configuration, rows: Int, length: Int, workers: Int, chunk: Int, muon: Float?) throws {
  let model = try Model(c)
  model.initialize(seed: 1)
  var random = RandomGenerator(seed: 2)
  let tokens = (0..<rows * length + 1).map { _ in Int32(random.integer(below: c.vocabularySize)) }
  let batch = Batch(
    rowLength: length, tokens: Array(tokens.dropLast()), targets: Array(tokens.dropFirst()),
    weights: Array(repeating: 1, count: rows * length))
  let g = GradientWorkers(model, workerCount: workers, rowLength: length, tokensPerChunk: chunk)
  let o = Optimizer(model, settings: .init(learningRate: 1e-3, muonLearningRate: muon), workerCount: workers)
  var best = Double.infinity
  var gradientBest = best
  var last = 0.0
  for step in 1...6 {
    let start = ContinuousClock.now
    let (loss, norm) = g.run(batch)
    let middle = ContinuousClock.now
    o.update(gradients: g.gradients, step: step, gradientScale: Float(min(1, 1 / norm)))
    best = min(best, start.duration(to: .now) / .seconds(1))
    gradientBest = min(gradientBest, start.duration(to: middle) / .seconds(1))
    last = loss
  }
  let matrixParameters = model.parameterCount - c.vocabularySize * c.hiddenSize
  let flops = 6.0 * Double(matrixParameters) + 6.0 * Double(c.layerCount * c.queryWidth * length)
  print("d\(c.hiddenSize) B\(rows) T\(length) w\(workers) chunk\(chunk) muon\(muon ?? 0): \(Int(Double(rows * length) / best)) tok/s, grad share \(gradientBest / best), \(Int(flops * Double(rows * length) / gradientBest / 1e9)) GFLOP/s loss \(last)")
}
let small = Configuration(vocabularySize: 1024, hiddenSize: 128, intermediateSize: 384, layerCount: 4, headCount: 2, contextLength: 2048)
for w in [1, 2] { for chunk in [256, 512, 1024, 4096] { try bench(small, rows: 32, length: 128, workers: w, chunk: chunk, muon: nil) } }
try bench(small, rows: 8, length: 512, workers: 2, chunk: 512, muon: 0.02)
try bench(small, rows: 2, length: 2048, workers: 2, chunk: 512, muon: 0.02)
