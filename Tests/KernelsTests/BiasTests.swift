import Testing

@testable import Kernels

struct BiasTests {
  @Test(arguments: [(0, 5), (1, 1), (3, 16), (7, 37)]) func `every row has the bias`(
    rows: Int, columns: Int
  ) {
    var samples = Samples(seed: 40)
    let bias = samples.vector(columns)
    let output = samples.matrix(rows, columns, padding: 3)
    biasForward(bias, output: output)
    for row in 0..<rows { #expect(output.row(row).array == bias.array) }
  }

  @Test(arguments: [(0, 5), (1, 1), (3, 16), (7, 37)]) func `the gradient is the sum of the rows`(
    rows: Int, columns: Int
  ) {
    var samples = Samples(seed: 41)
    let output = samples.matrix(rows, columns, padding: 3)
    let gradient = samples.vector(columns)
    let expected = (0..<rows).reduce(gradient.doubles) { sum($0, output.row($1).doubles) }
    biasBackward(output, biasGradient: gradient)
    #expect(deviation(gradient.doubles, from: expected) < 1e-6)
  }
}
