import Foundation
import Kernels

// The kernels once more, slow and plain and in double precision: what the tests compare with.

/// Element (row, column) of a product: Σ a(i) · b(i).
func multiplyReference(inner: Int, _ a: (Int) -> Float, _ b: (Int) -> Float) -> Double {
  (0..<inner).reduce(0) { $0 + Double(a($1)) * Double(b($1)) }
}

/// `rmsNormForward`; input: `[rows · columns]`, weight: `[columns]`.
func rmsNormReference(
  _ input: [Double], weight: [Double], offset: Double = 0, epsilon: Double
) -> [Double] {
  let columns = weight.count
  return input.indices.map { index in
    let start = index / columns * columns
    let row = input[start..<start + columns]
    let meanSquare = row.reduce(0) { $0 + $1 * $1 } / Double(columns)
    return input[index] / (meanSquare + epsilon).squareRoot() * (weight[index - start] + offset)
  }
}

/// `layerNormForward`; input: `[rows · columns]`, weight, bias: `[columns]`.
func layerNormReference(
  _ input: [Double], weight: [Double], bias: [Double], epsilon: Double
) -> [Double] {
  let columns = weight.count
  return input.indices.map { index in
    let start = index / columns * columns
    let row = input[start..<start + columns]
    let mean = row.reduce(0, +) / Double(columns)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
    return (input[index] - mean) / (variance + epsilon).squareRoot() * weight[index - start]
      + bias[index - start]
  }
}

/// One element of `activationForward`.
func activationReference(_ activation: Activation, _ x: Double) -> Double {
  switch activation {
  case .silu: x / (1 + exp(-x))
  case .gelu: x * (1 + erf(x / 2.0.squareRoot())) / 2
  case .geluTanh: x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
  case .relu: max(x, 0)
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
  _ head: [Double], weight: [Double]?, epsilon: Double, position: Int, theta: Double,
  turned: Int? = nil
) -> [Double] {
  let turned = turned ?? head.count
  let half = turned / 2
  var x = head
  if let weight {
    let inverse = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + epsilon).squareRoot()
    for i in x.indices { x[i] *= inverse * weight[i] }
  }
  return x.indices.map { i in
    if i >= turned { return x[i] }
    let pair = i % half
    let angle = Double(position) * pow(theta, -2 * Double(pair) / Double(turned))
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
  query: [[Double]], key: [[Double]], value: [[Double]], scale: Double? = nil, window: Int? = nil
) -> [[Double]] {
  let past = key.count - query.count
  return query.enumerated().map { index, q in
    let last = past + index
    let first = window.map { max(0, last - $0 + 1) } ?? 0
    let (key, value) = (key[first...last], value[first...last])
    let scores = key.map { k in
      zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } * (scale ?? 1 / Double(q.count).squareRoot())
    }
    let shift = scores.max() ?? 0
    let weights = scores.map { exp($0 - shift) }
    let sum = weights.reduce(0, +)
    return q.indices.map { column in
      zip(weights, value).reduce(0) { $0 + $1.0 * $1.1[column] } / sum
    }
  }
}
