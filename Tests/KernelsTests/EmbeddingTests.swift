import Testing

@testable import Kernels

struct EmbeddingTests {
  static let tokens: [Int32] = [9, 9, 4, 0, 4, 4, 2, 9]
  /// A slice that does not begin at 0, in which a token occurs three times.
  static let slice = tokens[2..<7]

  @Test(arguments: [1, 16, 19]) func `forward copies rows`(width: Int) {
    var samples = Samples(seed: 17)
    let table = samples.matrix(5, width, padding: 2)
    let output = samples.matrix(Self.slice.count, width, padding: 3)
    embeddingForward(table, tokens: Self.slice, output: output)
    #expect(output.doubles == [4, 0, 4, 4, 2].map { table.doubles[$0] })
    #expect(output.isFenced)
  }

  @Test(arguments: [1, 16, 19]) func `backward adds rows`(width: Int) {
    var samples = Samples(seed: 18)
    let gradient = samples.matrix(5, width, padding: 2)
    let outputGradient = samples.matrix(Self.slice.count, width, padding: 3)
    var expected = gradient.doubles
    for (row, token) in Self.slice.enumerated() {
      expected[Int(token)] = sum(expected[Int(token)], outputGradient.doubles[row])
    }
    embeddingBackward(outputGradient, tokens: Self.slice, tableGradient: gradient)
    #expect(deviation(gradient, from: expected) < 1e-6)
    #expect(gradient.isFenced)
  }

  @Test func `gather and scatter move rows`() {
    var samples = Samples(seed: 19)
    let input = samples.matrix(6, 19, padding: 2)
    let packed = samples.matrix(3, 19, padding: 1)
    gatherRows(input, rows: [5, 0, 3], output: packed)
    #expect(packed.doubles == [5, 0, 3].map { input.doubles[$0] })
    #expect(packed.isFenced)

    let output = samples.matrix(6, 19, padding: 4)
    var expected = output.doubles
    scatterRows(packed, rows: [1, 4, 2], into: output)
    for (index, row) in [1, 4, 2].enumerated() { expected[row] = packed.doubles[index] }
    #expect(output.doubles == expected)
    #expect(output.isFenced)
  }

  @Test func `no rows are no work`() {
    var samples = Samples(seed: 20)
    let table = samples.matrix(5, 4)
    let before = table.doubles
    let none = samples.matrix(0, 4)
    embeddingForward(table, tokens: [], output: none)
    embeddingBackward(none, tokens: [], tableGradient: table)
    gatherRows(table, rows: [], output: none)
    scatterRows(none, rows: [], into: table)
    #expect(table.doubles == before)
  }
}
