import Testing

@testable import Kernels

struct SharedPrefixAttentionTests {
  /// Sequences of one key and of many, some with earlier keys, some with a stem, across the borders
  /// of blocks: together they give what each gives alone.
  @Test(arguments: [0, 1, 70, 300], [(0, nil), (3, nil), (0, 1), (3, 40)] as [(Int, Int?)])
  func `sequences that begin alike equal each alone`(
    shared: Int, shape: (padding: Int, window: Int?)
  ) {
    let (padding, window) = shape
    let rule = AttentionRule(headSize: 16, window: window)
    var samples = Samples(seed: 10)
    let headSize = 16
    let lengths = [(1, 0), (1, 5), (0, 0), (60, 0), (70, 2), (0, 3), (1, 1), (3, 0)]
    let rows = lengths.reduce(0) { $0 + $1.0 }
    let query = samples.matrix(rows, headSize, padding: padding, in: -4...4)
    let output = samples.matrix(rows, headSize, padding: padding)
    let prefixKey = samples.matrix(shared, headSize, padding: padding, in: -2...2)
    let prefixValue = samples.matrix(shared, headSize, padding: padding)
    let key = samples.matrix(2 * rows, headSize, padding: padding, in: -2...2)
    let value = samples.matrix(2 * rows, headSize, padding: padding)
    var suffixes: [AttentionSuffix] = []
    var (first, firstKey) = (0, 4)
    for (count, past) in lengths {
      suffixes.append(
        AttentionSuffix(
          queries: first..<first + count, stem: suffixes.count % 3 == 0 ? 0..<0 : 20..<25,
          keys: firstKey..<firstKey + past + count))
      first += count
      // There may be a gap between the keys of one sequence and the next.
      firstKey += past + count + 1
    }
    let maxKeys = shared + (suffixes.map { $0.stem.count + $0.keys.count }.max() ?? 0)
    // Written in two parts, into more room than needed.
    var arena = Arena()
    _ = AttentionPrefix(&arena, headSize: headSize, capacity: shared + 9)
    arena = Arena(samples.vector(arena.count))
    var prefix = AttentionPrefix(&arena, headSize: headSize, capacity: shared + 9)
    for part in [0..<shared / 3, shared / 3..<shared] {
      prefix = prefix.seeing(part.lowerBound)
      prefix.write(
        key: prefixKey.rows(part.lowerBound, part.count),
        value: prefixValue.rows(part.lowerBound, part.count))
    }
    sharedPrefixAttention(
      query: query, prefix: prefix.seeing(shared), key: key, value: value,
      suffixes: suffixes, output: output, rule: rule,
      scratch: samples.vector(sharedPrefixAttentionScratchCount(keyCount: maxKeys)))
    for suffix in suffixes {
      if suffix.queries.isEmpty { continue }
      let (first, count) = (suffix.queries.lowerBound, suffix.queries.count)
      let queries = Array(query.doubles[suffix.queries])
      func seen(_ shared: Matrix, _ own: Matrix) -> [[Double]] {
        shared.doubles + own.doubles[suffix.stem] + own.doubles[suffix.keys]
      }
      let expected = attentionReference(
        query: queries, key: seen(prefixKey, key), value: seen(prefixValue, value),
        window: window)
      #expect(deviation(output.rows(first, count), from: expected) < 1e-5)
    }
    #expect(output.isFenced)
  }
}
