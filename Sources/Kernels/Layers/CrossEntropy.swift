import Foundation

/// The weighted cross-entropy of next-token predictions; overwrites the logits with its gradient.
///
/// logits: `[rows, vocabulary]`; targets, weights: `[rows]`. The loss of row r is
/// weights[r] · −log softmax(logits[r])[targets[r]]. On return logits[r] holds the gradient of that
/// loss times `gradientScale`.
///
/// - Returns: the sum of the rows' losses, in nats.
public func crossEntropy(
  _ logits: Matrix, targets: [Int32], weights: [Float], gradientScale: Float
) -> Double {
  precondition(targets.count == logits.rows && weights.count == logits.rows)
  let vocabulary = logits.columns
  var loss = 0.0
  for row in 0..<logits.rows {
    let z = logits.base + row &* logits.stride
    let target = Int(targets[row])
    precondition(target >= 0 && target < vocabulary, "a target token is outside the vocabulary")
    let weight = weights[row]
    let targetLogit = z[target]
    let (shift, sum) = exponentiate(z, vocabulary)
    loss += Double(weight) * (Double(log(sum)) + Double(shift) - Double(targetLogit))
    Floats(base: z, count: vocabulary).scale(by: weight * gradientScale / sum)
    z[target] -= weight * gradientScale
  }
  return loss
}

/// The weighted cross-entropy between distributions of the next token and the predictions;
/// overwrites the logits with its gradient.
///
/// logits: `[rows, vocabulary]`; targets, probabilities: `[rows, width]`; weights: `[rows]`. The
/// loss of row r is −weights[r] · Σ probabilities[r][i] · log softmax(logits[r])[targets[r][i]]:
/// the divergence of the prediction from the distribution, plus the entropy of the distribution. A
/// token may occur several times in a row. On return logits[r] holds the gradient of that loss
/// times `gradientScale`.
///
/// - Returns: the sum of the rows' losses, in nats.
public func crossEntropy(
  _ logits: Matrix, targets: [Int32], probabilities: [Float], weights: [Float],
  gradientScale: Float
) -> Double {
  let width = targets.count / max(1, logits.rows)
  precondition(targets.count == logits.rows * width && probabilities.count == targets.count)
  precondition(weights.count == logits.rows)
  let vocabulary = logits.columns
  var loss = 0.0
  for row in 0..<logits.rows {
    let z = logits.base + row &* logits.stride
    let weight = weights[row]
    var mass = 0.0
    var expected = 0.0
    for place in row &* width..<(row &+ 1) &* width {
      let target = Int(targets[place])
      precondition(target >= 0 && target < vocabulary, "a target token is outside the vocabulary")
      mass += Double(probabilities[place])
      expected += Double(probabilities[place]) * Double(z[target])
    }
    let (shift, sum) = exponentiate(z, vocabulary)
    loss += Double(weight) * (mass * (Double(log(sum)) + Double(shift)) - expected)
    Floats(base: z, count: vocabulary).scale(by: weight * gradientScale * Float(mass) / sum)
    for place in row &* width..<(row &+ 1) &* width {
      z[Int(targets[place])] -= weight * gradientScale * probabilities[place]
    }
  }
  return loss
}

/// log softmax(logits)[target], in nats; logits: `[vocabulary]`, not changed.
public func logProbability(_ logits: Floats, target: Int32) -> Double {
  let index = Int(target)
  precondition(index >= 0 && index < logits.count, "a target token is outside the vocabulary")
  let z = logits.base
  let shift = maximum(z, logits.count)
  var sums = Lane(repeating: 0)
  var i = 0
  while i &+ laneWidth <= logits.count {
    sums += exponential(z.lane(i) - shift)
    i &+= laneWidth
  }
  var sum = sums.total
  while i < logits.count {
    sum += exponential(z[i] - shift)
    i &+= 1
  }
  return Double(z[index]) - Double(shift) - Double(log(sum))
}

/// Whether no logit is larger than that of the target; logits: `[vocabulary]`.
public func isLargest(_ logits: Floats, target: Int32) -> Bool {
  let index = Int(target)
  precondition(index >= 0 && index < logits.count, "a target token is outside the vocabulary")
  return logits.base[index] >= maximum(logits.base, logits.count)
}

/// z = e^(z − max z), in place; z: `[count]`.
///
/// - Returns: the maximum, and the sum of the results.
@inline(always) func exponentiate(
  _ z: UnsafeMutablePointer<Float>, _ count: Int
) -> (shift: Float, sum: Float) {
  let shift = maximum(z, count)
  var sums = Lane(repeating: 0)
  var i = 0
  while i &+ laneWidth <= count {
    let e = exponential(z.lane(i) - shift)
    z.store(e, i)
    sums += e
    i &+= laneWidth
  }
  var sum = sums.total
  while i < count {
    let e = exponential(z[i] - shift)
    z[i] = e
    sum += e
    i &+= 1
  }
  return (shift, sum)
}

/// The largest of `count` floats.
@inline(always) func maximum(_ z: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
  var best = Lane(repeating: -.infinity)
  var i = 0
  while i &+ laneWidth <= count {
    best = best.larger(z.lane(i))
    i &+= laneWidth
  }
  var result = best.maximum
  while i < count {
    result = max(result, z[i])
    i &+= 1
  }
  return result
}
