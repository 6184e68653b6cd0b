import Kernels

extension Model {
  /// The backward pass of `forward`: reads the gradient of `activations.output` in
  /// `activations.gradients.residual`, which it overwrites, and adds to `sums` every weight's gradient.
  ///
  /// - Precondition: the activations keep their layers and are those of `forward` without a cache.
  func backward(
    _ tokens: ArraySlice<Int32>, segments: [Segment], activations: Activations, sums: Weights
  ) {
    guard let g = activations.gradients else { preconditionFailure("no gradient buffers") }
    for index in activations.layers.indices.reversed() {
      let (w, a, s) = (weights.layers[index], activations.layers[index], sums.layers[index])

      multiply(g.residual, w.down, into: g.gated)
      multiply(g.residual.transposed, a.gated, into: s.down, accumulate: true)
      swigluBackward(a.gateUp, outputGradient: g.gated, gateUpGradient: g.gateUp)
      multiply(g.gateUp.transposed, a.feedForwardNormed, into: s.gateUp, accumulate: true)
      multiply(g.gateUp, w.gateUp, into: g.normed)
      rmsNormBackward(
        a.middle, weight: w.feedForwardNorm, inverse: a.feedForwardInverse,
        outputGradient: g.normed, inputGradient: g.residual, weightGradient: s.feedForwardNorm)

      multiply(g.residual, w.attentionOutput, into: g.mixed)
      multiply(g.residual.transposed, a.mixed, into: s.attentionOutput, accumulate: true)
      for segment in segments {
        attendBackward(segment, weights: w, sums: s, activations: a, g, activations.scratch)
      }
      multiply(
        g.queryKeyValue.transposed, a.attentionNormed, into: s.queryKeyValue, accumulate: true)
      if let bias = s.queryKeyValueBias { biasBackward(g.queryKeyValue, biasGradient: bias) }
      multiply(g.queryKeyValue, w.queryKeyValue, into: g.normed)
      rmsNormBackward(
        a.input, weight: w.attentionNorm, inverse: a.attentionInverse, outputGradient: g.normed,
        inputGradient: g.residual, weightGradient: s.attentionNorm)
    }
    embeddingBackward(g.residual, tokens: tokens, tableGradient: sums.embedding)
  }

  /// Gradients of one segment's queries, keys and values, written to `g.queryKeyValue`.
  private func attendBackward(
    _ segment: Segment, weights w: Weights.Layer, sums: Weights.Layer,
    activations: Activations.Layer, _ g: Activations.Gradients, _ scratch: Floats
  ) {
    let c = configuration
    let a = AttentionViews(activations, segment.rows, c)
    let gradient = g.queryKeyValue.rows(segment.first, segment.count)
    let query = gradient.columns(0, c.queryWidth)
    let key = gradient.columns(c.queryWidth, c.keyValueWidth)
    let value = gradient.columns(c.queryWidth + c.keyValueWidth, c.keyValueWidth)
    gradient.floats.fill(0)
    for head in 0..<c.headCount {
      let own = head * c.headSize
      let shared = head / (c.headCount / c.keyValueHeadCount) * c.headSize
      attentionBackward(
        query: a.rotatedQuery.columns(own, c.headSize),
        key: a.rotatedKey.columns(shared, c.headSize),
        value: a.value.columns(shared, c.headSize), output: a.mixed.columns(own, c.headSize),
        logSums: activations.logSums.row(head).slice(segment.first, segment.count),
        outputGradient: g.mixed.rows(segment.first, segment.count).columns(own, c.headSize),
        queryGradient: query.columns(own, c.headSize), keyGradient: key.columns(shared, c.headSize),
        valueGradient: value.columns(shared, c.headSize), scratch: scratch)
    }
    headRotationBackward(
      a.query, headSize: c.headSize, weight: w.queryNorm, inverse: a.queryInverse, table: rotary,
      firstPosition: 0, gradient: query, weightGradient: sums.queryNorm)
    headRotationBackward(
      a.key, headSize: c.headSize, weight: w.keyNorm, inverse: a.keyInverse, table: rotary,
      firstPosition: 0, gradient: key, weightGradient: sums.keyNorm)
  }
}
