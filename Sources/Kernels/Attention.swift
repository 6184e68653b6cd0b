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

/// Floats of scratch that attention needs where no query sees more than `keyCount` keys.
public func attentionScratchCount(keyCount: Int) -> Int { 2 * blockRows * keyCount + blockRows }

/// What is a sequence's own, of sequences that share a prefix.
public struct AttentionSuffix: Sendable {
  /// The rows of its queries.
  public let queries: Range<Int>
  /// The rows of its own keys; the queries are those of the last `queries.count` of them.
  public let keys: Range<Int>

  /// - Precondition: there is a key for every query.
  public init(queries: Range<Int>, keys: Range<Int>) {
    precondition(queries.count <= keys.count)
    self.queries = queries
    self.keys = keys
  }

  /// The part whose queries lie in a block of rows.
  fileprivate func part(_ block: Range<Int>) -> AttentionSuffix {
    let part = queries.clamped(to: block)
    let hidden = queries.upperBound - part.upperBound
    return AttentionSuffix(
      queries: part, keys: keys.lowerBound..<keys.upperBound - (part.isEmpty ? 0 : hidden))
  }
}

/// Attention of one head over sequences that share a prefix, which may be empty.
///
/// A query sees all keys of the prefix, and of its sequence's own those up to its own place. The prefix
/// is one product for the queries of all sequences, which is what makes many short ones cheap (Juravsky
/// et al. 2024, *Hydragen*, arXiv 2402.05099).
///
/// query, output: `[rows, headSize]`; prefixKey, prefixValue: `[shared, headSize]`; key, value:
/// `[any, headSize]`, where the suffixes say. logSums: `[rows]`, log Σ e^score of each row, kept for the
/// backward pass. scratch: `attentionScratchCount` floats.
///
/// - Precondition: the suffixes' queries are all rows, in order.
public func attentionForward(
  query: Matrix, prefixKey: Matrix, prefixValue: Matrix, key: Matrix, value: Matrix,
  suffixes: [AttentionSuffix], output: Matrix, logSums: Floats, scratch: Floats
) {
  let shared = prefixKey.rows
  precondition(prefixValue.rows == shared && value.rows == key.rows)
  precondition(output.rows == query.rows && logSums.count == query.rows)
  let scale = 1 / Float(query.columns).squareRoot()
  var next = 0
  for first in stride(from: 0, to: query.rows, by: blockRows) {
    let block = first..<min(first + blockRows, query.rows)
    while suffixes[next].queries.upperBound <= first { next += 1 }
    var end = next
    var columns = shared
    while end < suffixes.count, suffixes[end].queries.lowerBound < block.upperBound {
      columns = max(columns, shared + suffixes[end].part(block).keys.count)
      end += 1
    }
    let scores = scratch.matrix(0, rows: block.count, columns: columns)
    multiply(
      query.rows(first, block.count), prefixKey.transposed, into: scores.columns(0, shared),
      scale: scale)
    for suffix in suffixes[next..<end] {
      let part = suffix.part(block)
      let (rows, seen) = (part.queries.count, part.keys.count)
      let own = scores.rows(part.queries.lowerBound - first, rows).columns(shared, seen)
      multiply(
        query.rows(part.queries.lowerBound, rows),
        key.rows(part.keys.lowerBound, seen).transposed, into: own, scale: scale)
      for i in 0..<rows {
        let row = own.base + i &* columns - shared
        let visible = shared + seen - rows + i + 1
        let (shift, sum) = exponentiate(row, visible)
        logSums.base[part.queries.lowerBound + i] = shift + log(sum)
        Floats(base: row, count: visible).scale(by: 1 / sum)
        (row + visible).update(repeating: 0, count: shared + seen - visible)
      }
    }
    if shared > 0 {
      multiply(scores.columns(0, shared), prefixValue, into: output.rows(first, block.count))
    }
    for suffix in suffixes[next..<end] {
      let part = suffix.part(block)
      let (rows, seen) = (part.queries.count, part.keys.count)
      multiply(
        scores.rows(part.queries.lowerBound - first, rows).columns(shared, seen),
        value.rows(part.keys.lowerBound, seen),
        into: output.rows(part.queries.lowerBound, rows), accumulate: shared > 0)
    }
  }
}

/// Gradients of `attentionForward` for one sequence without a prefix.
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

/// The plain version of `attentionForward` for one sequence: the whole score matrix, one softmax a row, in double
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
