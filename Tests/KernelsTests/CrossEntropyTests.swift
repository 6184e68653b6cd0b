import Foundation
import Testing

@testable import Kernels

struct CrossEntropyTests {
  @Test(arguments: [1, 5, 15, 16, 23, 100], [(0, 0, Float(1)), (1, 0, 80), (4, 3, 8)])
  func `loss and gradient equal the reference`(
    vocabulary: Int, shape: (rows: Int, padding: Int, size: Float)
  ) {
    var samples = Samples(seed: 13)
    let rows = shape.rows
    let logits = samples.matrix(
      rows, vocabulary, padding: shape.padding, in: -shape.size...shape.size)
    let targets = (0..<rows).map { _ in Int32(samples.integer(below: vocabulary)) }
    let weights = Array([Float(1), 0, 0.5, 2].prefix(rows))
    let gradientScale: Float = 0.25

    let before = logits.doubles
    let losses = zip(before, targets).map { crossEntropyReference($0, target: Int($1)) }
    let expectedLoss = inner(losses, weights.map(Double.init))
    let gradient = before.indices.map { row in
      let sum = before[row].reduce(0) { $0 + exp($1) }
      return before[row].enumerated().map { index, logit in
        Double(weights[row] * gradientScale)
          * (exp(logit) / sum - (index == Int(targets[row]) ? 1 : 0))
      }
    }
    for (row, loss) in losses.enumerated() {
      let logProbability = logProbability(logits.row(row), target: targets[row])
      #expect(abs(logProbability + loss) <= 2e-6 * max(1, loss))
    }
    #expect(logits.doubles == before)

    let loss = crossEntropy(
      logits, targets: targets, weights: weights, gradientScale: gradientScale)
    #expect(abs(loss - expectedLoss) <= 2e-6 * max(1, expectedLoss))
    let isClose = zip(logits.doubles.flatMap { $0 }, gradient.flatMap { $0 })
      .allSatisfy { abs($0 - $1) < 1e-6 }
    #expect(isClose)
    #expect(logits.isFenced)
  }

  @Test func `impossible targets cost their logit`() {
    var samples = Samples(seed: 14)
    let logits = samples.matrix(1, 20)
    logits.row(0).fill(-10_000)
    logits[0, 3] = 10_000
    #expect(logProbability(logits.row(0), target: 3) == 0)
    #expect(logProbability(logits.row(0), target: 19) == -20_000)
    #expect(crossEntropy(logits, targets: [19], weights: [1], gradientScale: 1) == 20_000)
    #expect(logits.row(0).array == (0..<20).map { $0 == 3 ? 1 : $0 == 19 ? -1 : 0 })
  }

  /// Σ p · log softmax in double precision, and softmax · Σp − p.
  @Test(arguments: [1, 5, 16, 37]) func `soft targets equal the reference`(vocabulary: Int) {
    var samples = Samples(seed: 15)
    let (rows, width) = (3, 4)
    let logits = samples.matrix(rows, vocabulary, padding: 2, in: -6...6)
    let targets = (0..<rows * width).map { _ in Int32(samples.integer(below: vocabulary)) }
    let probabilities: [Float] = [0.5, 0.25, 0.125, 0.125, 0.7, 0.1, 0, 0, 1, 0, 0, 0]
    let weights: [Float] = [1, 0.5, 2]
    let before = logits.doubles
    var expectedLoss = 0.0
    var gradient: [Double] = []
    for row in 0..<rows {
      let normaliser = log(before[row].reduce(0) { $0 + exp($1) })
      var own = [Double](repeating: 0, count: vocabulary)
      for place in row * width..<(row + 1) * width {
        own[Int(targets[place])] += Double(probabilities[place])
      }
      for (p, logit) in zip(own, before[row]) {
        expectedLoss -= Double(weights[row]) * p * (logit - normaliser)
        gradient.append(
          Double(weights[row]) * 0.5 * (own.reduce(0, +) * exp(logit - normaliser) - p))
      }
    }
    let loss = crossEntropy(
      logits, targets: targets, probabilities: probabilities, weights: weights, gradientScale: 0.5)
    #expect(abs(loss - expectedLoss) <= 2e-6 * max(1, expectedLoss))
    #expect(
      zip(logits.doubles.flatMap { $0 }, gradient).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(logits.isFenced)
  }
}
