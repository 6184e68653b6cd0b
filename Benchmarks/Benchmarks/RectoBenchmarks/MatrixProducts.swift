import Kernels

/// The products of one chunk of tokens with each matrix of a layer and with the head: forward, and
/// for the gradients of input and weight.
func registerMatrixProducts(_ shape: Shape) {
  let tokens = shape.chunk
  let layers = [
    ("query, key, value", 3 * shape.hidden, shape.hidden),
    ("attention output", shape.hidden, shape.hidden),
    ("gate and up", 2 * shape.intermediate, shape.hidden),
    ("down", shape.hidden, shape.intermediate),
    ("head", shape.vocabulary, shape.hidden),
  ]
  for (layer, outputs, inputs) in layers {
    let amount = Amount.operations(2 * Double(tokens * outputs * inputs))
    func name(_ pass: String) -> String { "\(shape.name) product, \(layer), \(pass)" }

    register(name("forward"), amount) {
      let buffers = Buffers()
      let x = buffers.randomMatrix(tokens, inputs)
      let weight = buffers.randomMatrix(outputs, inputs)
      let y = buffers.matrix(tokens, outputs)
      let run = { multiply(x, weight.transposed, into: y) }
      run()
      for (row, column) in [(0, 0), (tokens - 1, outputs - 1), (tokens / 3, outputs / 2)] {
        try Mismatch.check(
          name("forward"), Double(y[row, column]), dot(x.doubles(row), weight.doubles(column)))
      }
      return buffers.keep(run)
    }
    register(name("gradient of the input"), amount) {
      let buffers = Buffers()
      let dy = buffers.randomMatrix(tokens, outputs)
      let weight = buffers.randomMatrix(outputs, inputs)
      let dx = buffers.matrix(tokens, inputs)
      let run = { multiply(dy, weight, into: dx) }
      run()
      for (row, column) in [(0, 0), (tokens - 1, inputs - 1), (tokens / 3, inputs / 2)] {
        let weights = (0..<outputs).map { Double(weight[$0, column]) }
        try Mismatch.check(
          name("gradient of the input"), Double(dx[row, column]), dot(dy.doubles(row), weights))
      }
      return buffers.keep(run)
    }
    register(name("gradient of the weight"), amount) {
      let buffers = Buffers()
      let dy = buffers.randomMatrix(tokens, outputs)
      let x = buffers.randomMatrix(tokens, inputs)
      let sum = buffers.matrix(outputs, inputs)
      let run = { multiply(dy.transposed, x, into: sum, accumulate: true) }
      run()
      for (row, column) in [(0, 0), (outputs - 1, inputs - 1), (outputs / 3, inputs / 2)] {
        let expected = (0..<tokens).reduce(0.0) {
          $0 + Double(dy[$1, row]) * Double(x[$1, column])
        }
        try Mismatch.check(
          name("gradient of the weight"), Double(sum[row, column]), expected)
      }
      sum.floats.fill(0)
      return buffers.keep(run)
    }
  }
}
