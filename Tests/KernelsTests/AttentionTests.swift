import Foundation
import Testing

@testable import Kernels

/// Row counts just below and above the kernels' blocks of 64 query rows, tiles of 8 and panels of
/// 32.
struct AttentionTests {
  /// Heads are columns of wider matrices, as in the model.
  private struct Head {
    let query, key, value, output: Matrix
    let logSums, scratch: Floats
    let rule: AttentionRule

    init(
      rows: Int, headSize: Int, padding: Int, scale: Float? = nil, window: Int? = nil,
      _ samples: inout Samples
    ) {
      rule = AttentionRule(headSize: headSize, scale: scale, window: window)
      // Scores of very different size make the softmax sharp in some rows and flat in others.
      query = samples.matrix(rows, headSize, padding: padding, in: -4...4)
      key = samples.matrix(rows, headSize, padding: padding, in: -2...2)
      value = samples.matrix(rows, headSize, padding: padding)
      output = samples.matrix(rows, headSize, padding: padding)
      logSums = samples.vector(rows)
      scratch = samples.vector(attentionScratchCount(keyCount: rows, headSize: headSize))
      attentionForward(
        query: query, key: key, value: value, output: output, logSums: logSums, rule: rule,
        scratch: scratch)
    }
  }

  @Test(
    arguments: [0, 1, 2, 8, 31, 33, 63, 64, 65, 130, 161], [(4, 0), (20, 3), (64, 0), (70, 16)])
  func `forward equals the reference`(rows: Int, shape: (headSize: Int, padding: Int)) {
    var samples = Samples(seed: 7)
    let head = Head(rows: rows, headSize: shape.headSize, padding: shape.padding, &samples)
    let expected = attentionReference(
      query: head.query.doubles, key: head.key.doubles, value: head.value.doubles)
    #expect(deviation(head.output, from: expected) < 1e-5)
    #expect(head.output.isFenced)
    let sums = logSums(head.query.doubles, head.key.doubles)
    #expect(deviation(head.logSums.doubles, from: sums) < 1e-5)
  }

  @Test(arguments: [1, 5, 32, 63, 64, 65, 200], [1, 65, 161])
  func `a query sees its window`(window: Int, rows: Int) {
    var samples = Samples(seed: 70)
    let head = Head(
      rows: rows, headSize: 20, padding: 3, scale: 0.3, window: window, &samples)
    let expected = attentionReference(
      query: head.query.doubles, key: head.key.doubles, value: head.value.doubles, scale: 0.3,
      window: window)
    #expect(deviation(head.output, from: expected) < 1e-5)
  }

  /// log Σ e^score of each query.
  private func logSums(_ queries: [[Double]], _ keys: [[Double]]) -> [Double] {
    queries.enumerated().map { row, query in
      log(
        keys[...row].reduce(0) {
          $0 + exp(inner(query, $1) / Double(query.count).squareRoot())
        })
    }
  }

  @Test(
    arguments: [
      (1, 6, 0, nil), (3, 20, 4, nil), (63, 4, 1, nil), (64, 4, 0, nil), (65, 64, 2, nil),
      (130, 16, 3, nil), (75, 36, 0, nil), (130, 16, 3, 2), (75, 36, 0, 20), (130, 16, 1, 65),
    ] as [(Int, Int, Int, Int?)])
  func `backward gives the derivatives`(
    shape: (rows: Int, headSize: Int, padding: Int, window: Int?)
  ) {
    let (rows, headSize, padding, window) = shape
    var samples = Samples(seed: 8)
    let head = Head(rows: rows, headSize: headSize, padding: padding, window: window, &samples)
    let outputGradient = samples.matrix(rows, headSize, padding: padding)
    let gradients = (0..<3).map { _ in samples.matrix(rows, headSize, padding: padding) }
    let before = gradients.map { $0.doubles.flatMap { $0 } }
    attentionBackward(
      query: head.query, key: head.key, value: head.value, output: head.output,
      logSums: head.logSums, outputGradient: outputGradient, queryGradient: gradients[0],
      keyGradient: gradients[1], valueGradient: gradients[2], rule: head.rule,
      scratch: head.scratch)

    let upstream = outputGradient.doubles.flatMap { $0 }
    let count = rows * headSize
    // Of larger shapes, the first, the last and some random elements.
    let variables =
      count <= 64
      ? Array(0..<count) : [0, count - 1] + (0..<24).map { _ in samples.integer(below: count) }
    let points = [head.query, head.key, head.value].map { $0.doubles.flatMap { $0 } }
    func matrix(_ flat: [Double]) -> [[Double]] {
      (0..<rows).map { Array(flat[$0 * headSize..<($0 + 1) * headSize]) }
    }
    for (index, name) in ["query", "key", "value"].enumerated() {
      let expected = derivatives(at: points[index], by: variables) { moved in
        var inputs = points.map(matrix)
        inputs[index] = matrix(moved)
        let output = attentionReference(
          query: inputs[0], key: inputs[1], value: inputs[2], window: window)
        return inner(upstream, output.flatMap { $0 })
      }
      let actual = gradients[index].doubles.flatMap { $0 }
      // The query's gradient is written, the others are added to what was there.
      let initial = variables.map { index == 0 ? 0 : before[index][$0] }
      #expect(
        deviation(variables.map { actual[$0] }, from: sum(initial, expected)) < 2e-5, "\(name)")
      #expect(gradients[index].isFenced, "\(name)")
    }
  }

  @Test func `huge scores stay finite`() {
    var samples = Samples(seed: 9)
    let query = samples.matrix(3, 16, in: 900...1000)
    let key = samples.matrix(3, 16, in: 900...1000)
    let value = samples.matrix(3, 16)
    let output = samples.matrix(3, 16)
    attentionForward(
      query: query, key: key, value: value, output: output, logSums: samples.vector(3),
      rule: AttentionRule(headSize: 16),
      scratch: samples.vector(attentionScratchCount(keyCount: 3, headSize: 16)))
    #expect(output.floats.isFinite)
    #expect(output.row(0).array == value.row(0).array)
  }
}
