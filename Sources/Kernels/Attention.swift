// Causal scaled dot-product attention, a block of query rows at a time, so that no T × T matrix is
// ever whole in memory (after Dao et al. 2022, arXiv 2205.14135). The backward pass computes the
// probabilities of a block again from the row's log-sum of exponentials.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Query rows of one block: large enough for a fast product, small enough that little of the work
/// lies past the diagonal.
private let blockRows = 64

/// Floats of scratch that the attention of one sequence needs for `keyCount` keys.
public func attentionScratchCount(keyCount: Int) -> Int { 2 * blockRows * keyCount + blockRows }

/// Attention of one head over one sequence.
///
/// query, output: `[rows, headSize]`; key, value: `[pastCount + rows, headSize]`; query row r sees
/// the keys 0...pastCount + r. logSums: `[rows]`, log Σ e^score of each row, kept for the backward
/// pass. scratch: `attentionScratchCount` floats.
public func attentionForward(
  query: Matrix, key: Matrix, value: Matrix, output: Matrix, logSums: Floats, scratch: Floats
) {
  let rows = query.rows
  let past = key.rows - rows
  precondition(past >= 0 && value.rows == key.rows && output.rows == rows)
  precondition(logSums.count == rows)
  let scale = 1 / Float(query.columns).squareRoot()
  var first = 0
  while first < rows {
    let count = min(blockRows, rows - first)
    let seen = past + first + count
    let scores = scratch.matrix(0, rows: count, columns: seen)
    multiply(
      query.rows(first, count), key.rows(0, seen).transposed, into: scores, scale: scale)
    for i in 0..<count {
      let row = scores.base + i &* seen
      let visible = past + first + i + 1
      let (shift, sum) = exponentiate(row, visible)
      logSums.base[first + i] = shift + log(sum)
      Floats(base: row, count: visible).scale(by: 1 / sum)
      (row + visible).update(repeating: 0, count: seen - visible)
    }
    multiply(scores, value.rows(0, seen), into: output.rows(first, count))
    first += count
  }
}

/// Gradients of `attentionForward` with `pastCount` 0.
///
/// queryGradient is overwritten; keyGradient and valueGradient are added to, so that the query heads
/// that share a key/value head sum up.
public func attentionBackward(
  query: Matrix, key: Matrix, value: Matrix, output: Matrix, logSums: Floats,
  outputGradient: Matrix, queryGradient: Matrix, keyGradient: Matrix, valueGradient: Matrix,
  scratch: Floats
) {
  let rows = query.rows
  precondition(key.rows == rows && value.rows == rows && output.rows == rows)
  let scale = 1 / Float(query.columns).squareRoot()
  var first = 0
  while first < rows {
    let count = min(blockRows, rows - first)
    let seen = first + count
    let probabilities = scratch.matrix(0, rows: count, columns: seen)
    let gradients = scratch.matrix(blockRows * rows, rows: count, columns: seen)
    let q = query.rows(first, count)
    let dOut = outputGradient.rows(first, count)
    multiply(q, key.rows(0, seen).transposed, into: probabilities, scale: scale)
    multiply(dOut, value.rows(0, seen).transposed, into: gradients)
    for i in 0..<count {
      let p = probabilities.base + i &* seen
      let d = gradients.base + i &* seen
      let visible = first + i + 1
      let shift = logSums.base[first + i]
      let mean = dot(
        dOut.base + i &* dOut.stride, output.base + (first + i) &* output.stride, output.columns)
      var j = 0
      while j &+ laneWidth <= visible {
        let probability = exponential(p.lane(j) - shift)
        p.store(probability, j)
        d.store(probability * (d.lane(j) - mean) * scale, j)
        j &+= laneWidth
      }
      while j < visible {
        let probability = exponential(p[j] - shift)
        p[j] = probability
        d[j] = probability * (d[j] - mean) * scale
        j &+= 1
      }
      (p + visible).update(repeating: 0, count: seen - visible)
      (d + visible).update(repeating: 0, count: seen - visible)
    }
    multiply(gradients, key.rows(0, seen), into: queryGradient.rows(first, count))
    multiply(
      gradients.transposed, q, into: keyGradient.rows(0, seen), accumulate: true)
    multiply(
      probabilities.transposed, dOut, into: valueGradient.rows(0, seen), accumulate: true)
    first += count
  }
}

/// The plain version of `attentionForward`: the whole score matrix, one softmax a row, in double
/// precision, for tests.
func attentionReference(
  query: [[Double]], key: [[Double]], value: [[Double]]
) -> [[Double]] {
  let past = key.count - query.count
  return query.enumerated().map { index, q in
    let scores = key[...(past + index)].map { k in
      zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } / Double(q.count).squareRoot()
    }
    let shift = scores.max() ?? 0
    let weights = scores.map { exp($0 - shift) }
    let sum = weights.reduce(0, +)
    return value[0].indices.map { column in
      zip(weights, value).reduce(0) { $0 + $1.0 * $1.1[column] } / sum
    }
  }
}
