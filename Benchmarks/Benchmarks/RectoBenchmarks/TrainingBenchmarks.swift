import Kernels
import Training
import Transformer

/// Optimisers, and whole training steps and evaluations, on one and two workers.
func registerTraining(_ shape: Shape) {
  let context = Double(shape.rowLength + 1) / 2
  for workers in [1, 2] {
    let on = workers == 1 ? "1 worker" : "\(workers) workers"
    for (name, rate) in [("AdamW", Float?.none), ("Muon and AdamW", 0.02)] {
      // Parameters and both moments are read and written, gradients read.
      register(
        "\(shape.name) \(name), \(on)", .bytes(7 * 4 * Double(try! shape.model().parameterCount))
      ) {
        let model = try shape.model()
        let optimizer = Optimizer(
          model, settings: OptimizerSettings(learningRate: 1e-3, muonLearningRate: rate),
          workerCount: workers)
        let gradients = GradientArena(model)
        gradients.floats.fill(1)
        let before = model.parameters[model.parameterCount - 1]
        optimizer.update(gradients: gradients.floats, step: 1)
        // The first step of AdamW has the length of the learning rate. The head is never Muon's.
        try Mismatch.check(
          name, Double(model.parameters[model.parameterCount - 1]), Double(before) - 1e-3)
        var step = 1
        return {
          step += 1
          optimizer.update(gradients: gradients.floats, step: step)
        }
      }
    }

    let model = try? shape.model()
    let forward = model?.configuration.operations(tokens: Double(shape.tokens), context: context)
    register(
      "\(shape.name) training step, \(on)", .operations(3 * (forward ?? 0), threads: workers),
      tokens: shape.tokens
    ) {
      let model = try shape.model()
      let batch = shape.batch()
      let gradients = GradientWorkers(
        model, workerCount: workers, rowLength: shape.rowLength, tokensPerChunk: shape.chunk)
      let optimizer = Optimizer(
        model, settings: OptimizerSettings(learningRate: 1e-3), workerCount: workers)
      var step = 0
      let run = { () -> Double in
        step += 1
        let (loss, norm) = gradients.run(batch)
        optimizer.update(
          gradients: gradients.gradients, step: step,
          gradientScale: Float(norm > 1 ? 1 / norm : 1))
        return loss
      }
      // The head starts at zero, so that the first loss is that of a guess; then it is learned.
      try Mismatch.check("the first loss", run(), Double.log(Double(shape.vocabulary)))
      guard run() < Double.log(Double(shape.vocabulary)) else {
        throw Mismatch(description: "the loss does not fall")
      }
      return { _ = run() }
    }
  }
}
