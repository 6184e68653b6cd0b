import Kernels

/// Consecutive rows of a pass that are one sequence of tokens.
struct Segment {
  /// The first row in the pass.
  let first: Int
  let count: Int
  /// Tokens of the sequence that the key/value cache already holds.
  var past = 0
  /// The branch whose own keys and values follow those that all share, where there are branches.
  var branch: Int?
}

extension Model {
  /// The forward pass: tokens to the residual stream after the last layer, `activations.output`.
  ///
  /// Each segment attends to itself and, where a cache is given, to the cache's first `past` tokens;
  /// its keys and values are then written behind those, so segments that share a past are run one
  /// after another in the same place.
  func forward(
    _ tokens: ArraySlice<Int32>, segments: [Segment], activations: Activations,
    cache: KeyValueCache? = nil
  ) {
    let epsilon = Float(configuration.normEpsilon)
    embeddingForward(
      weights.embedding, tokens: tokens,
      output: activations.layers.first?.input ?? activations.output)
    for (index, (w, a)) in zip(weights.layers, activations.layers).enumerated() {
      let output =
        index + 1 < activations.layers.count
        ? activations.layers[index + 1].input : activations.output

      rmsNormForward(
        a.input, weight: w.attentionNorm, epsilon: epsilon, output: a.attentionNormed,
        inverse: a.attentionInverse)
      multiply(a.attentionNormed, w.queryKeyValue.transposed, into: a.queryKeyValue)
      for segment in segments {
        attend(segment, layer: index, weights: w, activations: a, cache: cache, activations.scratch)
      }
      a.middle.copyIfElsewhere(from: a.input)
      multiply(a.mixed, w.attentionOutput.transposed, into: a.middle, accumulate: true)

      rmsNormForward(
        a.middle, weight: w.feedForwardNorm, epsilon: epsilon, output: a.feedForwardNormed,
        inverse: a.feedForwardInverse)
      multiply(a.feedForwardNormed, w.gateUp.transposed, into: a.gateUp)
      swigluForward(a.gateUp, output: a.gated)
      output.copyIfElsewhere(from: a.middle)
      multiply(a.gated, w.down.transposed, into: output, accumulate: true)
    }
  }

  /// Rotates queries and keys of one segment and mixes its values, head by head.
  private func attend(
    _ segment: Segment, layer: Int, weights w: Weights.Layer, activations: Activations.Layer,
    cache: KeyValueCache?, _ scratch: Floats
  ) {
    let c = configuration
    let a = SegmentViews(activations, segment, c)
    for (input, inverse, weight, output) in [
      (a.query, a.queryInverse, w.queryNorm, a.rotatedQuery),
      (a.key, a.keyInverse, w.keyNorm, a.rotatedKey),
    ] {
      headRotationForward(
        input, headSize: c.headSize, weight: weight, epsilon: Float(c.normEpsilon),
        inverse: inverse, table: rotary, firstPosition: segment.past, output: output)
    }
    var (keys, values) = (a.rotatedKey, a.value)
    if let cache {
      if let branch = segment.branch { cache.restore(branch, layer: layer, upTo: segment.past) }
      (keys, values) = cache.append(keys, values, layer: layer, at: segment.past)
      if let branch = segment.branch {
        cache.keep(branch, layer: layer, from: segment.past, count: segment.count)
      }
    }
    for head in 0..<c.headCount {
      let own = head * c.headSize
      let shared = head / (c.headCount / c.keyValueHeadCount) * c.headSize
      attentionForward(
        query: a.rotatedQuery.columns(own, c.headSize), key: keys.columns(shared, c.headSize),
        value: values.columns(shared, c.headSize), output: a.mixed.columns(own, c.headSize),
        logSums: activations.logSums.row(head).slice(segment.first, segment.count),
        scratch: scratch)
    }
  }

  /// Logits of rows of the residual stream.
  ///
  /// rows: `[n, hiddenSize]`, normed: `[n, hiddenSize]`, inverse: `[n]`, logits: `[n, vocabularySize]`.
  func head(_ rows: Matrix, normed: Matrix, inverse: Floats, logits: Matrix) {
    rmsNormForward(
      rows, weight: weights.finalNorm, epsilon: Float(configuration.normEpsilon), output: normed,
      inverse: inverse)
    multiply(normed, weights.head.transposed, into: logits)
  }
}

/// One segment's rows of a layer's activations, split by what they hold.
struct SegmentViews {
  let query, key, value, queryInverse, keyInverse, rotatedQuery, rotatedKey, mixed: Matrix

  init(_ a: Activations.Layer, _ segment: Segment, _ c: Configuration) {
    let (first, count) = (segment.first, segment.count)
    let qkv = a.queryKeyValue.rows(first, count)
    query = qkv.columns(0, c.queryWidth)
    key = qkv.columns(c.queryWidth, c.keyValueWidth)
    value = qkv.columns(c.queryWidth + c.keyValueWidth, c.keyValueWidth)
    let inverse = a.headInverse.rows(first, count)
    queryInverse = inverse.columns(0, c.headCount)
    keyInverse = inverse.columns(c.headCount, c.keyValueHeadCount)
    let rotated = a.rotated.rows(first, count)
    rotatedQuery = rotated.columns(0, c.queryWidth)
    rotatedKey = rotated.columns(c.queryWidth, c.keyValueWidth)
    mixed = a.mixed.rows(first, count)
  }
}
