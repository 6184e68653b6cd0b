import Kernels

extension Model {
  /// The backward pass of `forward`: reads the gradient of `activations.output` in
  /// `activations.gradients.residual`, which it overwrites, and adds to `sums` every weight's gradient,
  /// or those of the adapter alone.
  ///
  /// - Precondition: the activations are those of `forward` without a cache and keep what it needs.
  func backward(
    _ tokens: ArraySlice<Int32>, segments: [Segment], activations: Activations,
    sums: GradientSums, adapter: AdapterWeights? = nil
  ) {
    guard let g = activations.gradients else { preconditionFailure("no gradient buffers") }
    for index in activations.layers.indices.reversed() {
      rerunLayer(index, segments, activations, adapter: adapter)
      let (w, a) = (weights.layers[index], activations.layers[index])
      let s = sums.weights?.layers[index]
      let low = LowRankLayer(adapter, sums, index, activations)

      multiply(g.residual, w.down, into: g.gated)
      if let s { multiply(g.residual.transposed, a.gated, into: s.down, accumulate: true) }
      low?.backward(\.down, a.gated, g.residual, g.gated)
      swigluBackward(a.gateUp, outputGradient: g.gated, gateUpGradient: g.gateUp)
      if let s {
        multiply(g.gateUp.transposed, a.feedForwardNormed, into: s.gateUp, accumulate: true)
      }
      multiply(g.gateUp, w.gateUp, into: g.normed)
      if let low {
        let (gate, up) = ProjectionViews.gateUp(g.gateUp, configuration)
        low.backward(\.gate, a.feedForwardNormed, gate, g.normed)
        low.backward(\.up, a.feedForwardNormed, up, g.normed)
      }
      rmsNormBackward(
        a.middle, weight: w.feedForwardNorm, inverse: a.feedForwardInverse,
        outputGradient: g.normed, inputGradient: g.residual, weightGradient: s?.feedForwardNorm)

      multiply(g.residual, w.attentionOutput, into: g.mixed)
      if let s {
        multiply(g.residual.transposed, a.mixed, into: s.attentionOutput, accumulate: true)
      }
      low?.backward(\.attentionOutput, a.mixed, g.residual, g.mixed)
      for segment in segments {
        attendBackward(segment, weights: w, sums: s, activations: a, g, activations.scratch)
      }
      if let s {
        multiply(
          g.queryKeyValue.transposed, a.attentionNormed, into: s.queryKeyValue, accumulate: true)
        if let bias = s.queryKeyValueBias { biasBackward(g.queryKeyValue, biasGradient: bias) }
      }
      multiply(g.queryKeyValue, w.queryKeyValue, into: g.normed)
      if let low {
        let gradient = ProjectionViews(g.queryKeyValue, configuration)
        low.backward(\.query, a.attentionNormed, gradient.query, g.normed)
        low.backward(\.key, a.attentionNormed, gradient.key, g.normed)
        low.backward(\.value, a.attentionNormed, gradient.value, g.normed)
      }
      rmsNormBackward(
        a.input, weight: w.attentionNorm, inverse: a.attentionInverse, outputGradient: g.normed,
        inputGradient: g.residual, weightGradient: s?.attentionNorm)
    }
    if let sums = sums.weights {
      embeddingBackward(g.residual, tokens: tokens, tableGradient: sums.embedding)
    }
  }

  /// Gradients of one segment's queries, keys and values, written to `g.queryKeyValue`.
  private func attendBackward(
    _ segment: Segment, weights w: Weights.Layer, sums: Weights.Layer?,
    activations: Activations.Layer, _ g: Activations.Gradients, _ scratch: Floats
  ) {
    let c = configuration
    let a = AttentionViews(activations, segment.rows, c)
    let gradient = g.queryKeyValue.rows(segment.first, segment.count)
    let parts = ProjectionViews(gradient, c)
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
        queryGradient: parts.query.columns(own, c.headSize),
        keyGradient: parts.key.columns(shared, c.headSize),
        valueGradient: parts.value.columns(shared, c.headSize), scratch: scratch)
    }
    headRotationBackward(
      a.query, headSize: c.headSize, weight: w.queryNorm, inverse: a.queryInverse, table: rotary,
      firstPosition: 0, gradient: parts.query, weightGradient: sums?.queryNorm)
    headRotationBackward(
      a.key, headSize: c.headSize, weight: w.keyNorm, inverse: a.keyInverse, table: rotary,
      firstPosition: 0, gradient: parts.key, weightGradient: sums?.keyNorm)
  }
}

/// One layer of an adapter, the sums of its gradients, and the buffers for them.
private struct LowRankLayer {
  let own, sums: AdapterWeights.Layer
  let scratch: LowRankProduct.Scratch

  init?(_ adapter: AdapterWeights?, _ sums: GradientSums, _ index: Int, _ activations: Activations)
  {
    guard let adapter, let sums = sums.adapter, let scratch = activations.lowRank else {
      return nil
    }
    (own, self.sums, self.scratch) = (adapter.layers[index], sums.layers[index], scratch)
  }

  /// The gradients of one matrix's product, where it is a target.
  func backward(
    _ target: KeyPath<AdapterWeights.Layer, LowRankProduct?>, _ input: Matrix,
    _ outputGradient: Matrix, _ inputGradient: Matrix
  ) {
    guard let product = own[keyPath: target], let sums = sums[keyPath: target] else { return }
    product.backward(
      input, outputGradient: outputGradient, inputGradient: inputGradient, sums: sums, scratch)
  }
}
