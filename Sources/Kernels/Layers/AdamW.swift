import Foundation

/// One AdamW update (Loshchilov & Hutter 2019, arXiv 1711.05101) in one pass over memory.
///
/// parameters, gradients, mean, variance: `[count]`. Parameters and both moments are updated in
/// place. `step` counts from 1. Each gradient is multiplied by `gradientScale` (clipping) as it is
/// read.
public func adamWUpdate(
  parameters: Floats, gradients: Floats, mean: Floats, variance: Floats, step: Int,
  learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float,
  gradientScale: Float
) {
  let count = parameters.count
  precondition(gradients.count == count && mean.count == count && variance.count == count)
  let correction1 = 1 - powf(beta1, Float(step))
  let correction2 = 1 - powf(beta2, Float(step))
  let rate = learningRate / correction1
  let root = 1 / correction2.squareRoot()
  let keep = 1 - learningRate * weightDecay
  let (p, g, m, v) = (parameters.base, gradients.base, mean.base, variance.base)
  var i = 0
  while i &+ laneWidth <= count {
    let gradient = g.lane(i) * gradientScale
    let first = (m.lane(i) * beta1).addingProduct(gradient, Lane(repeating: 1 - beta1))
    let second = (v.lane(i) * beta2).addingProduct(gradient * gradient, Lane(repeating: 1 - beta2))
    m.store(first, i)
    v.store(second, i)
    let denominator = second.squareRoot() * root + epsilon
    p.store(p.lane(i) * keep - first / denominator * rate, i)
    i &+= laneWidth
  }
  while i < count {
    let gradient = g[i] * gradientScale
    m[i] = m[i] * beta1 + gradient * (1 - beta1)
    v[i] = v[i] * beta2 + gradient * gradient * (1 - beta2)
    p[i] = p[i] * keep - m[i] / (v[i].squareRoot() * root + epsilon) * rate
    i &+= 1
  }
}
