import Foundation
import Kernels
import Randomness
import Testing
import Transformer

@testable import Training

/// A golden model of the Transformer tests, and its parameters after PyTorch's AdamW.
private struct Golden: Decodable {
  struct Shape: Decodable {
    let architecture: Configuration.Architecture
    let vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads: Int
    let numKeyValueHeads, headDim, maxPositionEmbeddings: Int
    let ropeTheta, rmsNormEps: Double
    let tieWordEmbeddings: Bool
  }

  struct Settings: Decodable {
    let steps: Int
    let learningRate, beta1, beta2, epsilon, weightDecay, maximumGradientNorm: Float
  }

  let configuration: Shape
  let rowLength: Int
  let tokens, targets: [Int32]
  let weights: [Float]
  let parameters, updated: [String: [Float]]
  let loss: Double
  let optimizer: Settings
  let gradientNorms: [Double]

  init(_ name: String) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(
      Golden.self,
      from: Data(contentsOf: tests.appending(path: "TransformerTests/Golden/\(name).json")))
  }

  var batch: Batch {
    Batch(rowLength: rowLength, tokens: tokens, targets: targets, weights: weights)
  }

  func model() throws -> Model {
    _ = Processor.current
    let c = configuration
    let model = try Model(
      Configuration(
        architecture: c.architecture, vocabularySize: c.vocabSize, hiddenSize: c.hiddenSize,
        intermediateSize: c.intermediateSize, layerCount: c.numHiddenLayers,
        headCount: c.numAttentionHeads, keyValueHeadCount: c.numKeyValueHeads,
        headSize: c.headDim, contextLength: c.maxPositionEmbeddings, ropeTheta: c.ropeTheta,
        normEpsilon: c.rmsNormEps, tiesEmbeddings: c.tieWordEmbeddings))
    for entry in model.layout.entries {
      model.parameters.slice(entry.offset, entry.count).copy(from: parameters[entry.name] ?? [])
    }
    return model
  }
}

private func difference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

struct OptimizerTests {
  @Test(arguments: ["llama", "llama-tied", "qwen3", "qwen3-tied"])
  func stepsAreThoseOfPyTorch(name: String) throws {
    let golden = try Golden(name)
    let model = try golden.model()
    let settings = golden.optimizer
    var own = OptimizerSettings(
      learningRate: settings.learningRate, beta2: settings.beta2,
      weightDecay: settings.weightDecay, maximumGradientNorm: settings.maximumGradientNorm)
    own.beta1 = settings.beta1
    own.epsilon = settings.epsilon
    let optimizer = Optimizer(model, settings: own, workerCount: 2)
    let workers = GradientWorkers(model, workerCount: 2, rowLength: golden.rowLength)
    for step in 1...settings.steps {
      let (loss, norm) = workers.run(golden.batch)
      if step == 1 { #expect(abs(loss - golden.loss) < 1e-5) }
      #expect(abs(norm / golden.gradientNorms[step - 1] - 1) < 1e-4)
      let limit = Double(own.maximumGradientNorm)
      optimizer.update(
        gradients: workers.gradients, step: step,
        gradientScale: norm > limit ? Float(limit / norm) : 1)
    }
    let updated = model.parameters.array
    for entry in model.layout.entries {
      // A hundredth of one step; parameters moved by up to three.
      #expect(
        difference(Array(updated[entry.range]), golden.updated[entry.name] ?? []) < 1e-4,
        "\(entry.name)")
    }
  }

  @Test(arguments: [nil, Float(0.02)])
  func workersShareTheTensorsWithoutChangingABit(muonLearningRate: Float?) throws {
    func parameters(workerCount: Int) throws -> ([Float], [Float], [Float]) {
      let golden = try Golden("qwen3")
      let model = try golden.model()
      let optimizer = Optimizer(
        model,
        settings: OptimizerSettings(
          learningRate: 0.01, muonLearningRate: muonLearningRate, weightDecay: 0.1),
        workerCount: workerCount)
      let gradients = FloatStorage(count: model.parameterCount)
      var random = RandomGenerator(seed: 1)
      for step in 1...3 {
        for index in 0..<gradients.count {
          gradients.floats[index] = Float(random.uniform()) - 0.5
        }
        optimizer.update(
          gradients: gradients.floats, step: step, rateScale: 0.5, gradientScale: 0.3)
      }
      return (
        model.parameters.array, optimizer.moments.first.array, optimizer.moments.second.array
      )
    }
    let alone = try parameters(workerCount: 1)
    #expect(try parameters(workerCount: 3) == alone)
    #expect(try parameters(workerCount: 40) == alone)
  }

  @Test func muonUpdatesHiddenMatricesAlone() throws {
    func moments(muonLearningRate: Float?) throws -> (Model, [Float], [Float]) {
      let model = try Golden("qwen3").model()
      let optimizer = Optimizer(
        model,
        settings: OptimizerSettings(learningRate: 0.01, muonLearningRate: muonLearningRate),
        workerCount: 1)
      let gradients = FloatStorage(count: model.parameterCount)
      gradients.floats.fill(0.5)
      optimizer.update(gradients: gradients.floats, step: 1)
      return (model, model.parameters.array, optimizer.moments.second.array)
    }
    let (model, adam, _) = try moments(muonLearningRate: nil)
    let (_, muon, variance) = try moments(muonLearningRate: 0.02)
    for entry in model.layout.entries {
      let isHidden = entry.shape.count == 2 && entry.name.contains("layers")
      #expect((adam[entry.range] != muon[entry.range]) == isHidden, "\(entry.name)")
      #expect(variance[entry.range].allSatisfy { $0 == 0 } == isHidden, "\(entry.name)")
    }
  }
}

struct GradientWorkersTests {
  @Test(arguments: [2, 3, 5]) func workersAgreeToRounding(workerCount: Int) throws {
    let golden = try Golden("qwen3-tied")
    let model = try golden.model()
    let alone = GradientWorkers(model, workerCount: 1, rowLength: golden.rowLength)
    let several = GradientWorkers(model, workerCount: workerCount, rowLength: golden.rowLength)
    let (loss, norm) = alone.run(golden.batch)
    // The second run shows that nothing is left of the first.
    _ = several.run(golden.batch)
    let other = several.run(golden.batch)
    #expect(abs(other.loss - loss) < 1e-6)
    #expect(abs(other.gradientNorm / norm - 1) < 1e-6)
    #expect(difference(several.gradients.array, alone.gradients.array) < 1e-6)
    let squares = alone.gradients.array.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(squares.squareRoot() / norm - 1) < 1e-6)
  }

  @Test func sameWorkersGiveTheSameBits() throws {
    let golden = try Golden("llama")
    let model = try golden.model()
    func run() -> (Double, Double, [Float]) {
      let workers = GradientWorkers(model, workerCount: 2, rowLength: golden.rowLength)
      let (loss, norm) = workers.run(golden.batch)
      return (loss, norm, workers.gradients.array)
    }
    #expect(run() == run())
  }

  @Test func aBatchWithoutWeightHasNoGradient() throws {
    let golden = try Golden("llama")
    let workers = GradientWorkers(
      try golden.model(), workerCount: 2, rowLength: golden.rowLength)
    var batch = golden.batch
    _ = workers.run(batch)
    batch.weights = [Float](repeating: 0, count: batch.weights.count)
    #expect(workers.run(batch) == (0, 0))
    #expect(workers.gradients.array.allSatisfy { $0 == 0 })
  }
}
