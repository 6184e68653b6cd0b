import Randomness
import Testing

@testable import Transformer

/// The gradient of the whole model against finite differences of its loss.
struct GradientTests {
  @Test(arguments: ModelFamily.all, [false, true])
  func `gradients equal finite differences`(
    family: ModelFamily, tied: Bool
  ) throws {
    let model = try randomModel(family, tied: tied)
    let batch = randomBatch(3, rowLength: 7, of: model, seed: 2)
    let pass = TrainingPass(model, rowLength: 7)
    let arena = GradientArena(model)
    func loss() -> Double {
      pass.accumulate(batch, rows: 0..<3, gradients: arena.sums, gradientScale: 1)
    }
    _ = loss()
    let gradients = arena.floats.array

    var random = RandomGenerator(seed: 3)
    for entry in model.layout.entries {
      let parameters = model.parameters.slice(entry.offset, entry.count)
      let before = parameters.array
      let gradient = gradients[entry.range].map(Double.init)
      let size = length(gradient)
      #expect(size > 1e-2, "\(entry.name)")
      for _ in 0..<2 {
        // Half along the gradient, so that the slope is large, and half in a random direction.
        let noise = gradient.map { _ in random.uniform() - 0.5 }
        var direction = zip(gradient, noise).map { $0 / size + $1 / length(noise) }
        let norm = length(direction)
        direction = direction.map { $0 / norm }

        func lossAt(_ distance: Double) -> Double {
          for index in before.indices {
            parameters[index] = before[index] + Float(distance * direction[index])
          }
          defer { parameters.copy(from: before) }
          return loss()
        }
        let step = 0.01
        let measured =
          (8 * (lossAt(step) - lossAt(-step)) - (lossAt(2 * step) - lossAt(-2 * step)))
          / (12 * step)
        let predicted = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(predicted - measured) < 1e-2 * size, "\(entry.name)")
      }
    }
  }

  private func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
