// Attention of sequences with the same beginning, such as the choices of many questions after one
// prompt.

/// Query rows of one block: one product with the prefix serves all sequences that have rows in it.
private let blockRows = 64

/// Floats of scratch that `sharedPrefixAttention` needs if no query sees more than `keyCount` keys.
public func sharedPrefixAttentionScratchCount(keyCount: Int) -> Int { blockRows * keyCount }

/// The part of a sequence that follows the prefix it shares with others.
public struct AttentionSuffix: Sendable {
  /// The rows of its queries.
  public let queries: Range<Int>
  /// The rows of keys that it shares with some of the other sequences; all its queries see them.
  public let stem: Range<Int>
  /// The rows of its own keys; its queries belong to the last `queries.count` of them.
  public let keys: Range<Int>

  /// - Precondition: there is a key for every query.
  public init(queries: Range<Int>, stem: Range<Int> = 0..<0, keys: Range<Int>) {
    precondition(queries.count <= keys.count)
    self.queries = queries
    self.stem = stem
    self.keys = keys
  }

  /// The part of it whose queries are in a block of rows.
  fileprivate func part(_ block: Range<Int>) -> AttentionSuffix {
    let part = queries.clamped(to: block)
    let hidden = queries.upperBound - part.upperBound
    return AttentionSuffix(
      queries: part, stem: stem,
      keys: keys.lowerBound..<keys.upperBound - (part.isEmpty ? 0 : hidden))
  }
}

/// Attention of one head over sequences that share a prefix, which may be empty.
///
/// A query sees all keys of the prefix and of its sequence's stem, and its sequence's own keys up
/// to its own position. One product with the prefix serves the queries of all sequences, which
/// makes many short sequences cheap (Juravsky et al. 2024, *Hydragen*, arXiv 2402.05099).
///
/// query, output: `[rows, headSize]`; key, value: `[any, headSize]`, of which the suffixes name
/// rows. scratch: `sharedPrefixAttentionScratchCount` floats. Prefix, stem and own keys are one
/// sequence, of which a query sees what is in the rule's window.
///
/// - Precondition: the suffixes' queries are all rows, in order.
public func sharedPrefixAttention(
  query: Matrix, prefix: AttentionPrefix, key: Matrix, value: Matrix,
  suffixes: [AttentionSuffix], output: Matrix, rule: AttentionRule, scratch: Floats
) {
  let shared = prefix.count
  precondition(value.rows == key.rows && output.rows == query.rows)
  let scale = rule.scale
  var next = 0
  for first in stride(from: 0, to: query.rows, by: blockRows) {
    let block = first..<min(first + blockRows, query.rows)
    while suffixes[next].queries.upperBound <= first { next += 1 }
    var end = next
    var columns = shared
    while end < suffixes.count, suffixes[end].queries.lowerBound < block.upperBound {
      let part = suffixes[end].part(block)
      columns = max(columns, shared + part.stem.count + part.keys.count)
      end += 1
    }
    let scores = scratch.matrix(0, rows: block.count, columns: columns)
    prefix.multiply(
      query.rows(first, block.count), into: scores.columns(0, shared), scale: scale)
    for suffix in suffixes[next..<end] {
      let part = suffix.part(block)
      let (rows, stem, own) = (part.queries.count, part.stem.count, part.keys.count)
      let queries = query.rows(part.queries.lowerBound, rows)
      let scores = scores.rows(part.queries.lowerBound - first, rows)
      multiply(
        queries, key.rows(part.stem.lowerBound, stem).transposed,
        into: scores.columns(shared, stem), scale: scale)
      multiply(
        queries, key.rows(part.keys.lowerBound, own).transposed,
        into: scores.columns(shared + stem, own), scale: scale)
      let seen = shared + stem + own
      for i in 0..<rows {
        let row = scores.place(i, 0)
        let visible = seen - rows + i + 1
        let start = rule.firstKey(before: visible)
        row.update(repeating: 0, count: start)
        let sum = exponentiate(row + start, visible - start).sum
        Floats(base: row + start, count: visible - start).scale(by: 1 / sum)
        (row + visible).update(repeating: 0, count: seen - visible)
      }
    }
    prefix.mix(scores.columns(0, shared), into: output.rows(first, block.count))
    for suffix in suffixes[next..<end] {
      let part = suffix.part(block)
      let (rows, stem, own) = (part.queries.count, part.stem.count, part.keys.count)
      let scores = scores.rows(part.queries.lowerBound - first, rows)
      let output = output.rows(part.queries.lowerBound, rows)
      if stem > 0 {
        multiply(
          scores.columns(shared, stem), value.rows(part.stem.lowerBound, stem), into: output,
          accumulate: shared > 0)
      }
      multiply(
        scores.columns(shared + stem, own), value.rows(part.keys.lowerBound, own), into: output,
        accumulate: shared + stem > 0)
    }
  }
}
