import Kernels

/// Consecutive rows of a pass that are one sequence of tokens.
struct Segment {
  /// The first row in the pass.
  let first: Int
  let count: Int
  /// Tokens of the sequence that come before these.
  var past = 0
  /// Rows of the same pass that are the last of those, where several sequences go on from them.
  var stem = 0..<0

  var rows: Range<Int> { first..<first + count }
}

/// What a pass does with a cache: every segment goes on from what the cache holds.
enum CacheUse {
  /// There is none: every segment is a sequence of its own.
  case none
  /// Nothing of the pass is kept.
  case read(KeyValueCache)
  /// The one segment is read behind what the cache holds.
  case append(KeyValueCache)
  /// Segment i is the next tokens of branch `branches[i]`.
  case branch(KeyValueCache, branches: [Int])

  var cache: KeyValueCache? {
    switch self {
    case .none: nil
    case .read(let cache), .append(let cache), .branch(let cache, _): cache
    }
  }
}

extension Model {
  /// The forward pass: tokens to the residual stream after the last layer, `activations.output`.
  func forward(
    _ tokens: ArraySlice<Int32>, segments: [Segment], activations: Activations,
    cache: CacheUse = .none, adapter: AdapterWeights? = nil
  ) {
    let suffixes = suffixes(of: segments, cache)
    embeddingForward(
      weights.embedding, tokens: tokens,
      output: activations.layers.first?.input ?? activations.output)
    for (index, a) in activations.layers.enumerated() {
      runLayer(index, segments, suffixes, activations, cache: cache, adapter: adapter)
      let output =
        index + 1 < activations.layers.count
        ? activations.layers[index + 1].input : activations.output
      output.copyIfElsewhere(from: a.middle)
      multiply(a.gated, weights.layers[index].down.transposed, into: output, accumulate: true)
      if let adapter = adapter?.layers[index], let scratch = activations.lowRank {
        adapter.down?.add(a.gated, into: output, scratch)
      }
    }
  }

  /// One layer from its input up to what its last product reads, `gated`.
  private func runLayer(
    _ index: Int, _ segments: [Segment], _ suffixes: [AttentionSuffix],
    _ activations: Activations, cache: CacheUse, adapter: AdapterWeights?
  ) {
    let (w, a) = (weights.layers[index], activations.layers[index])
    let (adapter, epsilon) = (adapter?.layers[index], Float(configuration.normEpsilon))

    rmsNormForward(
      a.input, weight: w.attentionNorm, epsilon: epsilon, output: a.attentionNormed,
      inverse: a.attentionInverse)
    if let bias = w.queryKeyValueBias { biasForward(bias, output: a.queryKeyValue) }
    multiply(
      a.attentionNormed, w.queryKeyValue.transposed, into: a.queryKeyValue,
      accumulate: w.queryKeyValueBias != nil)
    if let adapter, let scratch = activations.lowRank {
      let views = ProjectionViews(a.queryKeyValue, configuration)
      adapter.query?.add(a.attentionNormed, into: views.query, scratch)
      adapter.key?.add(a.attentionNormed, into: views.key, scratch)
      adapter.value?.add(a.attentionNormed, into: views.value, scratch)
    }
    attend(
      segments, suffixes, layer: index, weights: w, activations: a, cache: cache,
      activations.scratch)
    a.middle.copyIfElsewhere(from: a.input)
    multiply(a.mixed, w.attentionOutput.transposed, into: a.middle, accumulate: true)
    if let adapter, let scratch = activations.lowRank {
      adapter.attentionOutput?.add(a.mixed, into: a.middle, scratch)
    }

    rmsNormForward(
      a.middle, weight: w.feedForwardNorm, epsilon: epsilon, output: a.feedForwardNormed,
      inverse: a.feedForwardInverse)
    multiply(a.feedForwardNormed, w.gateUp.transposed, into: a.gateUp)
    if let adapter, let scratch = activations.lowRank {
      let (gate, up) = ProjectionViews.gateUp(a.gateUp, configuration)
      adapter.gate?.add(a.feedForwardNormed, into: gate, scratch)
      adapter.up?.add(a.feedForwardNormed, into: up, scratch)
    }
    swigluForward(a.gateUp, output: a.gated)
  }

  /// Computes a layer's activations again from its input, the same bits: every layer but the last
  /// has lost them where only inputs are kept.
  func rerunLayer(
    _ index: Int, _ segments: [Segment], _ activations: Activations, adapter: AdapterWeights?
  ) {
    guard activations.keeping == .inputs, index + 1 < activations.layers.count else { return }
    runLayer(
      index, segments, suffixes(of: segments, .none), activations, cache: .none, adapter: adapter)
  }

  /// Where each segment's own keys are: in the pass itself, or with those of its branch.
  ///
  /// - Precondition: the segments are all rows of the pass, in order.
  private func suffixes(of segments: [Segment], _ use: CacheUse) -> [AttentionSuffix] {
    precondition(zip(segments, segments.dropFirst()).allSatisfy { $0.rows.upperBound == $1.first })
    guard case .branch(let cache, let branches) = use else {
      return segments.map { AttentionSuffix(queries: $0.rows, stem: $0.stem, keys: $0.rows) }
    }
    precondition(branches.count == segments.count)
    return zip(segments, branches).map { segment, branch in
      AttentionSuffix(
        queries: segment.rows,
        keys: cache.rows(ofBranch: branch, length: segment.past + segment.count - cache.count))
    }
  }

  /// Rotates queries and keys and mixes values, head by head.
  private func attend(
    _ segments: [Segment], _ suffixes: [AttentionSuffix], layer: Int, weights w: Weights.Layer,
    activations: Activations.Layer, cache use: CacheUse, _ scratch: Floats
  ) {
    let c = configuration
    for segment in segments {
      let a = AttentionViews(activations, segment.rows, c)
      headRotationForward(
        a.query, headSize: c.headSize, weight: w.queryNorm, epsilon: Float(c.normEpsilon),
        inverse: a.queryInverse, table: rotary, firstPosition: segment.past, output: a.rotatedQuery)
      headRotationForward(
        a.key, headSize: c.headSize, weight: w.keyNorm, epsilon: Float(c.normEpsilon),
        inverse: a.keyInverse, table: rotary, firstPosition: segment.past, output: a.rotatedKey)
    }
    let a = AttentionViews(activations, 0..<activations.queryKeyValue.rows, c)
    var (keys, values) = (a.rotatedKey, a.value)
    switch use {
    case .none, .read: break
    case .append(let cache): cache.append(keys, values, layer: layer)
    case .branch(let cache, _):
      (keys, values) = cache.keep(keys, values, for: suffixes, layer: layer)
    }
    // Where sequences see anything in common.
    let shared = use.cache.flatMap { cache in
      if case .branch = use { return cache }
      return cache.count > 0 || segments.contains { !$0.stem.isEmpty } ? cache : nil
    }
    for head in 0..<c.headCount {
      let own = head * c.headSize
      let keyValueHead = head / (c.headCount / c.keyValueHeadCount)
      let group = keyValueHead * c.headSize
      let (query, output) = (
        a.rotatedQuery.columns(own, c.headSize), a.mixed.columns(own, c.headSize)
      )
      let (key, value) = (keys.columns(group, c.headSize), values.columns(group, c.headSize))
      if let shared {
        sharedPrefixAttention(
          query: query, prefix: shared.prefix(layer: layer, head: keyValueHead), key: key,
          value: value, suffixes: suffixes, output: output, scratch: scratch)
        continue
      }
      for segment in segments {
        let (first, count) = (segment.first, segment.count)
        attentionForward(
          query: query.rows(first, count), key: key.rows(first, count),
          value: value.rows(first, count), output: output.rows(first, count),
          logSums: activations.logSums.row(head).slice(first, count), scratch: scratch)
      }
    }
  }

  /// Logits of rows of the residual stream.
  ///
  /// rows: `[n, hiddenSize]`, normed: `[n, hiddenSize]`, inverse: `[n]`, logits: `[n,
  /// vocabularySize]`.
  func head(_ rows: Matrix, normed: Matrix, inverse: Floats, logits: Matrix) {
    rmsNormForward(
      rows, weight: weights.finalNorm, epsilon: Float(configuration.normEpsilon), output: normed,
      inverse: inverse)
    multiply(normed, weights.head.transposed, into: logits)
  }
}

/// Queries, keys and values that stand side by side, or their gradients.
struct ProjectionViews {
  let query, key, value: Matrix

  /// - Parameter queryKeyValue: `[rows, queryWidth + 2 · keyValueWidth]`.
  init(_ queryKeyValue: Matrix, _ c: Configuration) {
    query = queryKeyValue.columns(0, c.queryWidth)
    key = queryKeyValue.columns(c.queryWidth, c.keyValueWidth)
    value = queryKeyValue.columns(c.queryWidth + c.keyValueWidth, c.keyValueWidth)
  }

  /// The halves of a matrix `[rows, 2 · intermediateSize]`.
  static func gateUp(_ matrix: Matrix, _ c: Configuration) -> (gate: Matrix, up: Matrix) {
    (
      matrix.columns(0, c.intermediateSize), matrix.columns(c.intermediateSize, c.intermediateSize)
    )
  }
}

/// Some rows of a layer's activations, split by what attention takes them for.
struct AttentionViews {
  let query, key, value, queryInverse, keyInverse, rotatedQuery, rotatedKey, mixed: Matrix

  init(_ a: Activations.Layer, _ rows: Range<Int>, _ c: Configuration) {
    let (first, count) = (rows.lowerBound, rows.count)
    let projections = ProjectionViews(a.queryKeyValue.rows(first, count), c)
    (query, key, value) = (projections.query, projections.key, projections.value)
    let inverse = a.headInverse.rows(first, count)
    queryInverse = inverse.columns(0, c.headCount)
    keyInverse = inverse.columns(c.headCount, c.keyValueHeadCount)
    let rotated = a.rotated.rows(first, count)
    rotatedQuery = rotated.columns(0, c.queryWidth)
    rotatedKey = rotated.columns(c.queryWidth, c.keyValueWidth)
    mixed = a.mixed.rows(first, count)
  }
}
