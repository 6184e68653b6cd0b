// Products of few rows: how long the matrix library takes, divided by how long `multiplyThin` does,
// so that `maxThinRows` can be set by measurement on a kind of machine.
//
// Usage: swift run --package-path Benchmarks -c release thin
//
// c = a · bᵀ; a: [rows, width], b: [width, width]. The median of interleaved runs, on one thread.

import Foundation
@_spi(Benchmarks) import Kernels

let widths = [128, 192, 256, 512, 576, 1024, 2048]
let rowCounts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
let clock = ContinuousClock()
print("BLAS core \(Processor.current.blasCore); multiplyThin is used up to \(maxThinRows) rows")
print("rows  " + widths.map { String(format: "%6d", $0) }.joined())
for rows in rowCounts {
  let ratios = widths.map { width in
    let storage = FloatStorage(count: width * (width + 2 * rows))
    for index in 0..<storage.floats.count { storage.floats[index] = Float(index % 7) - 3 }
    let a = storage.floats.matrix(0, rows: rows, columns: width)
    let b = storage.floats.matrix(rows * width, rows: width, columns: width)
    let c = storage.floats.matrix(rows * width + width * width, rows: rows, columns: width)
    // A few hundred microseconds at a time.
    let repeats = max(1, 20_000_000 / (2 * rows * width * width))
    var (thin, library): ([Duration], [Duration]) = ([], [])
    for _ in 0..<15 {
      thin.append(
        clock.measure {
          for _ in 0..<repeats { multiplyThin(a, b, into: c, scale: 1, accumulate: false) }
        })
      library.append(
        clock.measure {
          for _ in 0..<repeats { multiplyWithLibrary(a, b.transposed, into: c) }
        })
    }
    return library.sorted()[7] / thin.sorted()[7]
  }
  print(String(format: "%4d  ", rows) + ratios.map { String(format: "%6.2f", $0) }.joined())
}
