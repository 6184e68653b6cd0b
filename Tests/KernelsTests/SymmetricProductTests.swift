import Testing

@testable import Kernels

/// Sizes just below and above a tile, a panel and a block of the inner dimension.
struct SymmetricProductTests {
  @Test(arguments: [1, 7, 16, 32, 33, 64, 130], [0, 3])
  func `products of commuting matrices equal the reference`(size: Int, padding: Int) {
    var samples = Samples(seed: 11)
    let root = samples.matrix(size, size, padding: padding)
    for row in 0..<size {
      for column in 0..<row { root[row, column] = root[column, row] }
    }
    let scratch = samples.vector(symmetricProductScratchCount(inner: size))
    let square = samples.matrix(size, size, padding: padding)
    multiplySymmetric(root, root, into: square, scratch: scratch)
    let cube = samples.matrix(size, size, padding: padding)
    multiplySymmetric(square, root, into: cube, scratch: scratch)
    let expected = reference(root.doubles, root.doubles)
    #expect(deviation(square, from: expected) < 1e-5)
    #expect(deviation(cube, from: reference(expected, root.doubles)) < 1e-4)
    for row in 0..<size {
      for column in 0..<row { #expect(cube[row, column] == cube[column, row]) }
    }
    #expect(square.isFenced && cube.isFenced)
  }

  @Test(arguments: [1, 16, 33, 70], [1, 33, 128, 300])
  func `gram matrices equal the reference`(size: Int, inner: Int) {
    var samples = Samples(seed: 12)
    let rows = samples.matrix(size, inner, padding: 5)
    let columns = samples.matrix(inner, size, padding: 2)
    for row in 0..<size {
      for i in 0..<inner { columns[i, row] = rows[row, i] }
    }
    let scratch = samples.vector(symmetricProductScratchCount(inner: inner))
    let expected = reference(rows.doubles, columns.doubles)
    for isWide in [true, false] {
      let gram = samples.matrix(size, size, padding: 1)
      if isWide {
        multiplyGram(rows, into: gram, scratch: scratch)
      } else {
        multiplyGram(columns.transposed, into: gram, scratch: scratch)
      }
      #expect(deviation(gram, from: expected) < 1e-5)
      #expect(gram.isFenced)
    }
  }

  private func reference(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { row in
      b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } }
    }
  }
}
