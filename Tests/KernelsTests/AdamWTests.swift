import Testing

@testable import Kernels

struct AdamWTests {
  @Test(arguments: [0, 1, 15, 16, 17, 100]) func `updates equal the formula`(count: Int) {
    var samples = Samples(seed: 21)
    let parameters = samples.vector(count)
    let moments = (samples.vector(count), samples.vector(count))
    moments.0.fill(0)
    moments.1.fill(0)
    var p = parameters.doubles
    var m = moments.0.doubles
    var v = moments.1.doubles
    let (rate, beta1, beta2, epsilon, decay, scale) = (0.01, 0.9, 0.95, 1e-3, 0.1, 0.5)
    for step in 1...4 {
      let gradients = samples.vector(count)
      adamWUpdate(
        parameters: parameters, gradients: gradients, mean: moments.0, variance: moments.1,
        step: step, learningRate: Float(rate), beta1: Float(beta1), beta2: Float(beta2),
        epsilon: Float(epsilon), weightDecay: Float(decay), gradientScale: Float(scale))
      for i in 0..<count {
        let g = Double(gradients[i]) * scale
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        let mean = m[i] / (1 - power(beta1, step))
        let variance = v[i] / (1 - power(beta2, step))
        p[i] -= rate * (mean / (variance.squareRoot() + epsilon) + decay * p[i])
      }
      #expect(deviation(parameters.doubles, from: p) < 1e-6)
      #expect(deviation(moments.0.doubles, from: m) < 1e-6)
      #expect(deviation(moments.1.doubles, from: v) < 2e-6)
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  @Test func `without gradient only decay moves`() {
    var samples = Samples(seed: 22)
    let vectors = (0..<4).map { _ in samples.vector(20) }
    for zeroed in vectors.dropFirst() { zeroed.fill(0) }
    let before = vectors[0].doubles
    adamWUpdate(
      parameters: vectors[0], gradients: vectors[1], mean: vectors[2], variance: vectors[3],
      step: 1, learningRate: 1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.5,
      gradientScale: 1)
    #expect(vectors[0].doubles == before.map { $0 * 0.5 })
  }
}
