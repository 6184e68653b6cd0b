import Testing

@testable import Training

struct GradientWorkersTests {
  @Test(arguments: [2, 3, 5])
  func `several workers give the gradients of one, except for rounding`(workerCount: Int) throws {
    let golden = try GoldenModel("qwen3-tied")
    let model = try golden.model()
    let alone = GradientWorkers(model, workerCount: 1, rowLength: golden.rowLength)
    let several = GradientWorkers(model, workerCount: workerCount, rowLength: golden.rowLength)
    let (loss, norm) = alone.run(golden.batch)
    // The second run shows that the first left nothing behind.
    _ = several.run(golden.batch)
    let other = several.run(golden.batch)
    #expect(abs(other.loss - loss) < 1e-6)
    #expect(abs(other.gradientNorm / norm - 1) < 1e-6)
    #expect(difference(several.gradients.array, alone.gradients.array) < 1e-6)
    let squares = alone.gradients.array.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(squares.squareRoot() / norm - 1) < 1e-6)
  }

  @Test func `the same number of workers gives the same bits`() throws {
    let golden = try GoldenModel("llama")
    let model = try golden.model()
    func run() -> (Double, Double, [Float]) {
      let workers = GradientWorkers(model, workerCount: 2, rowLength: golden.rowLength)
      let (loss, norm) = workers.run(golden.batch)
      return (loss, norm, workers.gradients.array)
    }
    let isSame = run() == run()
    #expect(isSame)
  }

  /// A small step along the gradient lowers the loss by the step's length times the gradient's
  /// norm. With shared parameters this holds only if the gradient sums over all their uses.
  @Test func `the gradient of a loop is the sum over all its repeats`() throws {
    let golden = try GoldenModel("llama")
    let model = try golden.model()
    let repeats = LayerRepeats(of: 1...1, model.layout)
    repeats.copyParameters(model.parameters)
    let workers = GradientWorkers(model, workerCount: 2, rowLength: golden.rowLength)
    let before = workers.run(golden.batch, repeats: repeats)
    let gradients = workers.gradients.array
    #expect(gradients[model.layout.range(ofLayer: 1)].allSatisfy { $0 == 0 })
    let length = 0.001
    for (index, gradient) in gradients.enumerated() {
      model.parameters[index] -= Float(length / before.gradientNorm) * gradient
    }
    repeats.copyParameters(model.parameters)
    let after = workers.run(golden.batch)
    #expect(abs((before.loss - after.loss) / (length * before.gradientNorm) - 1) < 0.02)
  }

  @Test func `a batch without weight has no gradient`() throws {
    let golden = try GoldenModel("llama")
    let workers = GradientWorkers(
      try golden.model(), workerCount: 2, rowLength: golden.rowLength)
    var batch = golden.batch
    _ = workers.run(batch)
    batch.weights = [Float](repeating: 0, count: batch.weights.count)
    #expect(workers.run(batch) == (0, 0))
    #expect(workers.gradients.array.allSatisfy { $0 == 0 })
  }
}
