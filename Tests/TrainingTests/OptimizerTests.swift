import Kernels
import Randomness
import Testing
import Transformer

@testable import Training

struct OptimizerTests {
  @Test(arguments: ["llama", "llama-tied", "qwen3", "qwen3-tied"])
  func `steps equal those of PyTorch`(name: String) throws {
    let golden = try GoldenModel(name)
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
  func `the number of workers does not change a bit`(muonLearningRate: Float?) throws {
    func parameters(workerCount: Int) throws -> ([Float], [Float], [Float]) {
      let golden = try GoldenModel("qwen3")
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
    for workerCount in [3, 40] {
      let isSame = try parameters(workerCount: workerCount) == alone
      #expect(isSame, "\(workerCount) workers")
    }
  }

  @Test func `Muon updates only hidden matrices`() throws {
    func moments(muonLearningRate: Float?) throws -> (Model, [Float], [Float]) {
      let model = try GoldenModel("qwen3").model()
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

  /// Without a gradient only the decay changes parameters: matrices by their own rate times the
  /// decay, vectors not at all.
  @Test func `matrices decay under both optimisers, and vectors do not`() throws {
    let model = try GoldenModel("qwen3").model()
    let before = model.parameters.array
    let optimizer = Optimizer(
      model,
      settings: OptimizerSettings(learningRate: 0.1, muonLearningRate: 0.2, weightDecay: 0.5),
      workerCount: 2)
    let gradients = FloatStorage(count: model.parameterCount)
    gradients.floats.fill(0)
    optimizer.update(gradients: gradients.floats, step: 1, rateScale: 0.5)
    for entry in model.layout.entries {
      let isHidden = entry.name.contains("layers")
      let kept: Float = entry.shape.count < 2 ? 1 : isHidden ? 0.95 : 0.975
      let expected = before[entry.range].map { kept * $0 }
      #expect(
        difference(Array(model.parameters.array[entry.range]), expected) < 1e-6, "\(entry.name)")
    }
  }
}
