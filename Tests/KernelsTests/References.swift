import Foundation

// The kernels once more, slow and plain and in double precision: what the tests compare with.

/// Element (row, column) of a product: Σ a(i) · b(i).
func multiplyReference(inner: Int, _ a: (Int) -> Float, _ b: (Int) -> Float) -> Double {
  (0..<inner).reduce(0) { $0 + Double(a($1)) * Double(b($1)) }
}

/// `rmsNormForward`; input: `[rows · columns]`, weight: `[columns]`.
func rmsNormReference(_ input: [Double], weight: [Double], epsilon: Double) -> [Double] {
  let columns = weight.count
  return input.indices.map { index in
    let start = index / columns * columns
    let row = input[start..<start + columns]
    let meanSquare = row.reduce(0) { $0 + $1 * $1 } / Double(columns)
    return input[index] / (meanSquare + epsilon).squareRoot() * weight[index - start]
  }
}

/// One element of `swigluForward`.
func swigluReference(gate: Double, up: Double) -> Double { gate / (1 + exp(-gate)) * up }

/// The loss of one row of `crossEntropy`, in nats.
func crossEntropyReference(_ logits: [Double], target: Int) -> Double {
  let shift = logits.max() ?? 0
  return log(logits.reduce(0) { $0 + exp($1 - shift) }) + shift - logits[target]
}

/// One head of `headRotationForward`; head, weight: `[headSize]`.
func headRotationReference(
  _ head: [Double], weight: [Double]?, epsilon: Double, position: Int, theta: Double
) -> [Double] {
  let half = head.count / 2
  var x = head
  if let weight {
    let inverse = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + epsilon).squareRoot()
    for i in x.indices { x[i] *= inverse * weight[i] }
  }
  return x.indices.map { i in
    let pair = i % half
    let angle = Double(position) * pow(theta, -2 * Double(pair) / Double(head.count))
    return i < half
      ? x[i] * cos(angle) - x[i + half] * sin(angle)
      : x[i] * cos(angle) + x[pair] * sin(angle)
  }
}

/// `attentionForward` of one head: the whole score matrix, one softmax a row.
///
/// query: `[rows, headSize]`; key, value: `[keys, headSize]`, at least as many; the queries are
/// those of the last keys.
func attentionReference(
  query: [[Double]], key: [[Double]], value: [[Double]]
) -> [[Double]] {
  let past = key.count - query.count
  return query.enumerated().map { index, q in
    let scores = key[...(past + index)].map { k in
      zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } / Double(q.count).squareRoot()
    }
    let shift = scores.max() ?? 0
    let weights = scores.map { exp($0 - shift) }
    let sum = weights.reduce(0, +)
    return value[0].indices.map { column in
      zip(weights, value).reduce(0) { $0 + $1.0 * $1.1[column] } / sum
    }
  }
}
