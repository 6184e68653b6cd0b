import Foundation
import Kernels

/// What is done row by row of one chunk of tokens: norms, rotations, activation, loss, embedding.
func registerRowKernels(_ shape: Shape) {
  registerNorm(shape)
  registerRotation(shape)
  registerActivation(shape)
  registerLoss(shape)
  registerEmbedding(shape)
}

/// Bytes of so many floats.
private func bytes(_ floats: Int) -> Amount { .bytes(4 * Double(floats)) }

private func registerNorm(_ shape: Shape) {
  let (rows, columns) = (shape.chunk, shape.hidden)
  let epsilon: Float = 1e-6
  func plain(_ weight: Floats) -> Plain {
    let weights = weight.doubles
    return Plain { x in
      let scale = 1 / (dot(x, x) / Double(x.count) + Double(epsilon)).squareRoot()
      return zip(x, weights).map { $0 * scale * $1 }
    }
  }
  register("\(shape.name) RMS norm, forward", bytes(2 * rows * columns)) {
    let buffers = Buffers()
    let x = buffers.randomMatrix(rows, columns)
    let weight = buffers.randomVector(columns)
    let (y, inverse) = (buffers.matrix(rows, columns), buffers.vector(rows))
    let run = { rmsNormForward(x, weight: weight, epsilon: epsilon, output: y, inverse: inverse) }
    run()
    for row in [0, rows - 1] {
      try plain(weight).check("RMS norm", input: x.doubles(row), output: y.doubles(row))
    }
    return buffers.keep(run)
  }
  // Reads input and output gradient, and adds to the input gradient.
  register("\(shape.name) RMS norm, backward", bytes(4 * rows * columns)) {
    let buffers = Buffers()
    let x = buffers.randomMatrix(rows, columns)
    let dy = buffers.randomMatrix(rows, columns)
    let weight = buffers.randomVector(columns)
    let (y, inverse) = (buffers.matrix(rows, columns), buffers.vector(rows))
    rmsNormForward(x, weight: weight, epsilon: epsilon, output: y, inverse: inverse)
    let (dx, sum) = (buffers.matrix(rows, columns), buffers.vector(columns))
    let run = {
      rmsNormBackward(
        x, weight: weight, inverse: inverse, outputGradient: dy, inputGradient: dx,
        weightGradient: sum)
    }
    run()
    for row in [0, rows - 1] {
      try plain(weight).check(
        "gradient of the RMS norm", input: x.doubles(row), outputGradient: dy.doubles(row),
        inputGradient: dx.doubles(row))
    }
    return buffers.keep {
      dx.floats.fill(0)  // or it grows without end
      run()
    }
  }
}

private func registerRotation(_ shape: Shape) {
  let (rows, columns, size) = (shape.rowLength, shape.hidden, shape.headSize)
  let theta = 1e6
  func plain(_ weight: Floats, position: Int) -> Plain {
    let weights = weight.doubles
    return Plain { x in
      let scale = 1 / (dot(x, x) / Double(size) + 1e-6).squareRoot()
      let normed = zip(x, weights).map { $0 * scale * $1 }
      return (0..<size).map { i in
        let half = size / 2
        let angle = Double(position) * pow(theta, -2 * Double(i % half) / Double(size))
        let partner = i < half ? -normed[i + half] : normed[i - half]
        return normed[i] * cos(angle) + partner * sin(angle)
      }
    }
  }
  let table = RotaryTable(
    positionCount: rows, frequencies: RotaryTable.frequencies(width: size, theta: theta))
  func head(_ matrix: Matrix, _ row: Int) -> [Double] {
    matrix.columns(columns - size, size).doubles(row)
  }
  register("\(shape.name) head norm and rotation, forward", bytes(2 * rows * columns)) {
    let buffers = Buffers()
    let x = buffers.randomMatrix(rows, columns)
    let weight = buffers.randomVector(size)
    let (y, inverse) = (buffers.matrix(rows, columns), buffers.matrix(rows, columns / size))
    let run = {
      headRotationForward(
        x, headSize: size, weight: weight, epsilon: 1e-6, inverse: inverse, table: table,
        firstPosition: 0, output: y)
    }
    run()
    for row in [0, rows - 1] {
      try plain(weight, position: row).check(
        "rotation", input: head(x, row), output: head(y, row))
    }
    return buffers.keep(run)
  }
  register("\(shape.name) head norm and rotation, backward", bytes(3 * rows * columns)) {
    let buffers = Buffers()
    let x = buffers.randomMatrix(rows, columns)
    let dy = buffers.randomMatrix(rows, columns)
    let weight = buffers.randomVector(size)
    let (y, inverse) = (buffers.matrix(rows, columns), buffers.matrix(rows, columns / size))
    headRotationForward(
      x, headSize: size, weight: weight, epsilon: 1e-6, inverse: inverse, table: table,
      firstPosition: 0, output: y)
    let (gradient, sum) = (buffers.matrix(rows, columns), buffers.vector(size))
    let run = {
      gradient.copyRows(from: dy)  // it is overwritten
      headRotationBackward(
        x, headSize: size, weight: weight, inverse: inverse, table: table, firstPosition: 0,
        gradient: gradient, weightGradient: sum)
    }
    run()
    for row in [0, rows - 1] {
      try plain(weight, position: row).check(
        "gradient of the rotation", input: head(x, row), outputGradient: head(dy, row),
        inputGradient: head(gradient, row))
    }
    return buffers.keep(run)
  }
}

private func registerActivation(_ shape: Shape) {
  let (rows, width) = (shape.chunk, shape.intermediate)
  let plain = Plain { x in
    (0..<width).map { x[$0] / (1 + exp(-x[$0])) * x[width + $0] }
  }
  register("\(shape.name) SwiGLU, forward", bytes(3 * rows * width)) {
    let buffers = Buffers()
    let (x, y) = (buffers.randomMatrix(rows, 2 * width), buffers.matrix(rows, width))
    let run = { swigluForward(x, output: y) }
    run()
    for row in [0, rows - 1] {
      try plain.check("SwiGLU", input: x.doubles(row), output: y.doubles(row))
    }
    return buffers.keep(run)
  }
  register("\(shape.name) SwiGLU, backward", bytes(5 * rows * width)) {
    let buffers = Buffers()
    let (x, dy) = (buffers.randomMatrix(rows, 2 * width), buffers.randomMatrix(rows, width))
    let dx = buffers.matrix(rows, 2 * width)
    let run = { swigluBackward(x, outputGradient: dy, gateUpGradient: dx) }
    run()
    for row in [0, rows - 1] {
      try plain.check(
        "gradient of SwiGLU", input: x.doubles(row), outputGradient: dy.doubles(row),
        inputGradient: dx.doubles(row))
    }
    return buffers.keep(run)
  }
}

private func registerLoss(_ shape: Shape) {
  let (rows, columns) = (shape.chunk, shape.vocabulary)
  // The logits are read, and overwritten by their gradient.
  register("\(shape.name) cross-entropy with its gradient", bytes(2 * rows * columns)) {
    let buffers = Buffers()
    let random = buffers.randomMatrix(rows, columns)
    let logits = buffers.matrix(rows, columns)
    let targets = (0..<rows).map { Int32($0 * 31 % columns) }
    let weights = [Float](repeating: 1, count: rows)
    let run = {
      logits.copyRows(from: random)
      _ = crossEntropy(logits, targets: targets, weights: weights, gradientScale: 1)
    }
    run()
    for row in [0, rows - 1] {
      let plain = Plain { z in
        [log(z.reduce(0) { $0 + exp($1) }) - z[Int(targets[row])]]
      }
      try plain.check(
        "gradient of the cross-entropy", input: random.doubles(row), outputGradient: [1],
        inputGradient: logits.doubles(row))
    }
    return buffers.keep(run)
  }
}

private func registerEmbedding(_ shape: Shape) {
  let (rows, columns) = (shape.chunk, shape.hidden)
  let tokens = (0..<rows).map { Int32($0 * 31 % shape.vocabulary) }
  register("\(shape.name) embedding, forward", bytes(2 * rows * columns)) {
    let buffers = Buffers()
    let table = buffers.randomMatrix(shape.vocabulary, columns)
    let x = buffers.matrix(rows, columns)
    let run = { embeddingForward(table, tokens: tokens[...], output: x) }
    run()
    try Mismatch.check(
      "embedding", Double(x[rows - 1, 1]), Double(table[Int(tokens[rows - 1]), 1]))
    return buffers.keep(run)
  }
  register("\(shape.name) embedding, backward", bytes(3 * rows * columns)) {
    let buffers = Buffers()
    let dx = buffers.randomMatrix(rows, columns)
    let sum = buffers.matrix(shape.vocabulary, columns)
    let run = { embeddingBackward(dx, tokens: tokens[...], tableGradient: sum) }
    run()
    let same = tokens.indices.filter { tokens[$0] == tokens[1] }
    try Mismatch.check(
      "gradient of the embedding", Double(sum[Int(tokens[1]), 2]),
      same.reduce(0) { $0 + Double(dx[$1, 2]) })
    sum.floats.fill(0)
    return buffers.keep(run)
  }
}
