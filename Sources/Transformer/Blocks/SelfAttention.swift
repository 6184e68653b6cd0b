import Kernels

/// Causal attention with rotary positions: each token mixes the values of itself and those before,
/// or of a window of them.
///
/// Several query heads may share one key/value head (Ainslie et al. 2023, arXiv 2305.13245), and
/// queries and keys may be normalised head by head (Qwen3). `forward` ends before the last product,
/// `output`, whose result the block adds to its residual stream.
struct SelfAttention {
  /// `[queryWidth + 2 · keyValueWidth, hiddenSize]`: the rows of query, then key, then value.
  let queryKeyValue: Linear
  /// `[headSize]`, if queries and keys are normalised.
  let queryNorm, keyNorm: Floats?
  /// `[hiddenSize, queryWidth]`
  let output: Linear
  private let headCount, keyValueHeadCount, headSize: Int
  private let epsilon: Float
  /// What is added to the weights of the norms of queries and keys.
  private let normOffset: Float
  private let rule: AttentionRule
  private let slides: Bool
  /// The layer's number, by which it finds its keys and values in a cache.
  private let layer: Int

  init(
    queryKeyValue: Linear, queryNorm: Floats? = nil, keyNorm: Floats? = nil,
    normOffset: Float = 0, output: Linear, _ c: Configuration, layer: Int
  ) {
    self.queryKeyValue = queryKeyValue
    (self.queryNorm, self.keyNorm) = (queryNorm, keyNorm)
    self.output = output
    (headCount, keyValueHeadCount, headSize) = (c.headCount, c.keyValueHeadCount, c.headSize)
    epsilon = Float(c.normEpsilon)
    self.normOffset = normOffset
    slides = c.slidingLayers.contains(layer)
    rule = AttentionRule(
      headSize: c.headSize, scale: c.attentionScale.map { Float($0) },
      window: slides ? c.slidingWindow : nil)
    self.layer = layer
  }

  private var queryWidth: Int { headCount * headSize }
  private var keyValueWidth: Int { keyValueHeadCount * headSize }

  // MARK: Buffers

  /// What the forward pass writes and the backward pass reads.
  struct Buffers {
    /// `[rows, queryWidth + 2 · keyValueWidth]`: queries, keys and values side by side.
    let queryKeyValue: Matrix
    /// `[rows, queryWidth + keyValueWidth]`: queries and keys after norm and rotation.
    let rotated: Matrix
    /// `[rows, heads + key/value heads]`: 1 / root-mean-square of each query and key.
    let headInverse: Matrix
    /// `[rows, queryWidth]`: the mixed values, heads side by side; what `output` reads.
    let mixed: Matrix
    /// `[heads, rows]`: log-sums of the attention scores.
    let logSums: Matrix
  }

  /// Buffers of the backward pass; shapes as in `Buffers`.
  struct Gradients {
    let queryKeyValue, mixed: Matrix
  }

  func buffers(_ arena: inout Arena, rows: Int) -> Buffers {
    Buffers(
      queryKeyValue: arena.matrix(rows: rows, columns: queryWidth + 2 * keyValueWidth),
      rotated: arena.matrix(rows: rows, columns: queryWidth + keyValueWidth),
      headInverse: arena.matrix(rows: rows, columns: headCount + keyValueHeadCount),
      mixed: arena.matrix(rows: rows, columns: queryWidth),
      logSums: arena.matrix(rows: headCount, columns: rows))
  }

  func gradients(_ arena: inout Arena, rows: Int) -> Gradients {
    Gradients(
      queryKeyValue: arena.matrix(rows: rows, columns: queryWidth + 2 * keyValueWidth),
      mixed: arena.matrix(rows: rows, columns: queryWidth))
  }

  /// The parts of some rows of the buffers.
  private struct Views {
    let query, key, value, queryInverse, keyInverse, rotatedQuery, rotatedKey, mixed: Matrix
  }

  private func views(_ b: Buffers, rows: Range<Int>) -> Views {
    let (first, count) = (rows.lowerBound, rows.count)
    let (query, key, value) = split(b.queryKeyValue.rows(first, count))
    let inverse = b.headInverse.rows(first, count)
    let rotated = b.rotated.rows(first, count)
    return Views(
      query: query, key: key, value: value,
      queryInverse: inverse.columns(0, headCount),
      keyInverse: inverse.columns(headCount, keyValueHeadCount),
      rotatedQuery: rotated.columns(0, queryWidth),
      rotatedKey: rotated.columns(queryWidth, keyValueWidth),
      mixed: b.mixed.rows(first, count))
  }

  /// Queries, keys and values that stand side by side, or their gradients.
  private func split(_ queryKeyValue: Matrix) -> (query: Matrix, key: Matrix, value: Matrix) {
    (
      queryKeyValue.columns(0, queryWidth), queryKeyValue.columns(queryWidth, keyValueWidth),
      queryKeyValue.columns(queryWidth + keyValueWidth, keyValueWidth)
    )
  }

  // MARK: Forward

  /// From input, `[rows, hiddenSize]`, to `buffers.mixed`.
  func forward(_ input: Matrix, _ buffers: Buffers, _ pass: Pass) {
    queryKeyValue.forward(input, into: buffers.queryKeyValue, pass)
    let table = slides ? pass.slidingRotary : pass.rotary
    for segment in pass.segments {
      let a = views(buffers, rows: segment.rows)
      headRotationForward(
        a.query, headSize: headSize, weight: queryNorm, offset: normOffset, epsilon: epsilon,
        inverse: a.queryInverse, table: table, firstPosition: segment.past,
        output: a.rotatedQuery)
      headRotationForward(
        a.key, headSize: headSize, weight: keyNorm, offset: normOffset, epsilon: epsilon,
        inverse: a.keyInverse, table: table, firstPosition: segment.past, output: a.rotatedKey)
    }
    mix(buffers, pass)
  }

  /// Mixes values by queries and keys, head by head.
  private func mix(_ buffers: Buffers, _ pass: Pass) {
    let a = views(buffers, rows: 0..<buffers.queryKeyValue.rows)
    let (keys, values) = kept(a.rotatedKey, a.value, pass)
    let shared = pass.cacheToShare
    let groupSize = headCount / keyValueHeadCount
    divide(headCount, among: pass.threadCount) { thread, heads in
      let scratch = pass.scratch[thread]
      for head in heads {
        let query = a.rotatedQuery.columns(head * headSize, headSize)
        let output = a.mixed.columns(head * headSize, headSize)
        let keyValueFirst = head / groupSize * headSize
        let key = keys.columns(keyValueFirst, headSize)
        let value = values.columns(keyValueFirst, headSize)
        if let shared {
          sharedPrefixAttention(
            query: query, prefix: shared.prefix(layer: layer, head: head / groupSize), key: key,
            value: value, suffixes: pass.suffixes, output: output, rule: rule, scratch: scratch)
          continue
        }
        for segment in pass.segments {
          let (first, count) = (segment.first, segment.count)
          attentionForward(
            query: query.rows(first, count), key: key.rows(first, count),
            value: value.rows(first, count), output: output.rows(first, count),
            logSums: buffers.logSums.row(head).slice(first, count), rule: rule,
            scratch: scratch)
        }
      }
    }
  }

  /// The keys and values that a pass attends to, after the cache has kept those that it is to keep.
  private func kept(
    _ keys: Matrix, _ values: Matrix, _ pass: Pass
  ) -> (keys: Matrix, values: Matrix) {
    switch pass.cache {
    case .none, .read: break
    case .append(let cache): cache.append(keys, values, layer: layer)
    case .branch(let cache, _):
      return cache.keep(keys, values, for: pass.suffixes, layer: layer)
    }
    return (keys, values)
  }

  // MARK: Backward

  /// From the gradient of what `output` wrote to that of the input, `[rows, hiddenSize]`, which is
  /// overwritten.
  func backward(
    _ input: Matrix, _ buffers: Buffers, outputGradient: Matrix, inputGradient: Matrix,
    gradients: Gradients, sums: SelfAttention?, _ pass: Pass
  ) {
    output.backward(
      buffers.mixed, outputGradient: outputGradient, inputGradient: gradients.mixed, pass)
    output.addGradients(buffers.mixed, outputGradient: outputGradient, to: sums?.output, pass)
    for segment in pass.segments {
      mixBackward(segment, buffers, gradients, sums, pass)
    }
    queryKeyValue.addGradients(
      input, outputGradient: gradients.queryKeyValue, to: sums?.queryKeyValue, pass)
    queryKeyValue.backward(
      input, outputGradient: gradients.queryKeyValue, inputGradient: inputGradient, pass)
  }

  /// Writes the gradients of one segment's queries, keys and values.
  private func mixBackward(
    _ segment: Segment, _ buffers: Buffers, _ gradients: Gradients, _ sums: SelfAttention?,
    _ pass: Pass
  ) {
    let a = views(buffers, rows: segment.rows)
    let gradient = gradients.queryKeyValue.rows(segment.first, segment.count)
    let mixedGradient = gradients.mixed.rows(segment.first, segment.count)
    let parts = split(gradient)
    gradient.floats.fill(0)
    // Heads that share keys and values add to the same gradients, so one thread takes all of them.
    let groupSize = headCount / keyValueHeadCount
    divide(headCount, among: pass.threadCount, unit: groupSize) { thread, heads in
      for head in heads {
        let first = head * headSize
        let keyValueFirst = head / groupSize * headSize
        attentionBackward(
          query: a.rotatedQuery.columns(first, headSize),
          key: a.rotatedKey.columns(keyValueFirst, headSize),
          value: a.value.columns(keyValueFirst, headSize),
          output: a.mixed.columns(first, headSize),
          logSums: buffers.logSums.row(head).slice(segment.first, segment.count),
          outputGradient: mixedGradient.columns(first, headSize),
          queryGradient: parts.query.columns(first, headSize),
          keyGradient: parts.key.columns(keyValueFirst, headSize),
          valueGradient: parts.value.columns(keyValueFirst, headSize), rule: rule,
          scratch: pass.scratch[thread])
      }
    }
    let table = slides ? pass.slidingRotary : pass.rotary
    headRotationBackward(
      a.query, headSize: headSize, weight: queryNorm, offset: normOffset, inverse: a.queryInverse,
      table: table, firstPosition: 0, gradient: parts.query, weightGradient: sums?.queryNorm)
    headRotationBackward(
      a.key, headSize: headSize, weight: keyNorm, offset: normOffset, inverse: a.keyInverse,
      table: table, firstPosition: 0, gradient: parts.key, weightGradient: sums?.keyNorm)
  }
}
