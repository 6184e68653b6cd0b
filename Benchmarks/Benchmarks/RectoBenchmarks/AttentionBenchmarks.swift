import Foundation
import Kernels

/// Causal attention of one row of tokens, all heads.
func registerAttention(_ shape: Shape) {
  let (rows, width, size) = (shape.rowLength, shape.hidden, shape.headSize)
  // Two products forward and five backward, each over the half of the scores that is not masked.
  let product = Double(rows * rows * width)

  /// The output of one query of the last head.
  func plain(_ keys: [[Double]], _ values: [[Double]]) -> Plain {
    Plain { query in
      let scores = keys.map { dot(query, $0) / Double(size).squareRoot() }
      let shift = scores.max() ?? 0
      let weights = scores.map { exp($0 - shift) }
      let sum = weights.reduce(0, +)
      return (0..<size).map { column in
        zip(weights, values).reduce(0) { $0 + $1.0 * $1.1[column] } / sum
      }
    }
  }

  struct Layer {
    let query, key, value, output, logSums: Matrix
    let scratch: Floats
    let heads: [Range<Int>]

    init(_ buffers: Buffers, rows: Int, width: Int, size: Int) {
      query = buffers.randomMatrix(rows, width)
      key = buffers.randomMatrix(rows, width)
      value = buffers.randomMatrix(rows, width)
      output = buffers.matrix(rows, width)
      logSums = buffers.matrix(width / size, rows)
      scratch = buffers.vector(attentionScratchCount(keyCount: rows, headSize: size))
      heads = (0..<width / size).map { $0 * size..<($0 + 1) * size }
    }

    func forward() {
      for (index, head) in heads.enumerated() {
        func part(_ matrix: Matrix) -> Matrix { matrix.columns(head.lowerBound, head.count) }
        attentionForward(
          query: part(query), key: part(key), value: part(value), output: part(output),
          logSums: logSums.row(index), rule: AttentionRule(headSize: head.count),
          scratch: scratch)
      }
    }
  }

  func head(_ matrix: Matrix) -> Matrix { matrix.columns(width - size, size) }

  register("\(shape.name) attention, forward", .operations(2 * product)) {
    let buffers = Buffers()
    let layer = Layer(buffers, rows: rows, width: width, size: size)
    layer.forward()
    for row in [0, rows / 2, rows - 1] {
      let seen = 0...row
      try plain(seen.map(head(layer.key).doubles), seen.map(head(layer.value).doubles)).check(
        "attention", input: head(layer.query).doubles(row), output: head(layer.output).doubles(row))
    }
    return buffers.keep(layer.forward)
  }

  register("\(shape.name) attention, backward", .operations(5 * product)) {
    let buffers = Buffers()
    let layer = Layer(buffers, rows: rows, width: width, size: size)
    layer.forward()
    let dy = buffers.randomMatrix(rows, width)
    let gradients = (0..<3).map { _ in buffers.matrix(rows, width) }
    let run = {
      for gradient in gradients { gradient.floats.fill(0) }
      for (index, range) in layer.heads.enumerated() {
        func part(_ matrix: Matrix) -> Matrix { matrix.columns(range.lowerBound, range.count) }
        attentionBackward(
          query: part(layer.query), key: part(layer.key), value: part(layer.value),
          output: part(layer.output), logSums: layer.logSums.row(index),
          outputGradient: part(dy), queryGradient: part(gradients[0]),
          keyGradient: part(gradients[1]), valueGradient: part(gradients[2]),
          rule: AttentionRule(headSize: range.count), scratch: layer.scratch)
      }
    }
    run()
    for row in [0, rows / 2, rows - 1] {
      let seen = 0...row
      try plain(seen.map(head(layer.key).doubles), seen.map(head(layer.value).doubles)).check(
        "gradient of attention", input: head(layer.query).doubles(row),
        outputGradient: head(dy).doubles(row), inputGradient: head(gradients[0]).doubles(row))
    }
    // The last row's key and value are seen by its own query alone.
    let last = rows - 1
    let query = head(layer.query).doubles(last)
    let outputGradient = head(dy).doubles(last)
    let (keys, values) = (
      (0...last).map(head(layer.key).doubles), (0...last).map(head(layer.value).doubles)
    )
    try Plain { key in plain(keys.dropLast() + [key], values).function(query) }.check(
      "gradient of the key", input: keys[last], outputGradient: outputGradient,
      inputGradient: head(gradients[1]).doubles(last))
    try Plain { value in plain(keys, values.dropLast() + [value]).function(query) }.check(
      "gradient of the value", input: values[last], outputGradient: outputGradient,
      inputGradient: head(gradients[2]).doubles(last))
    return buffers.keep(run)
  }
}
