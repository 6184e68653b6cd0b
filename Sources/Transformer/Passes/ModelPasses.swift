import Kernels

extension Model {
  /// The forward pass: tokens to the residual stream after the last layer, `activations.output`.
  ///
  /// The model's head turns rows of that into logits: see `OutputHead`.
  func forward(
    _ tokens: ArraySlice<Int32>, segments: [Segment], activations: Activations,
    cache: CacheUse = .none, adapter: AdapterWeights? = nil
  ) {
    let pass = Pass(self, segments, activations, cache: cache, adapter: adapter)
    weights.embedding.forward(tokens, segments, into: activations.input(ofLayer: 0))
    for (index, layer) in activations.layers.enumerated() {
      weights.layers[index].forward(
        layer.input, into: activations.input(ofLayer: index + 1), buffers: layer.buffers, pass)
    }
  }

  /// The backward pass of `forward`: reads the gradient of `activations.output` in
  /// `activations.gradients.residual`, which it overwrites, and adds the gradients of every weight,
  /// or those of the adapter alone, to `sums`.
  ///
  /// - Precondition: the activations are those of `forward` without a cache, and were kept.
  func backward(
    _ tokens: ArraySlice<Int32>, segments: [Segment], activations: Activations,
    sums: GradientSums, adapter: AdapterWeights? = nil
  ) {
    guard let gradients = activations.gradients else { preconditionFailure("no gradient buffers") }
    let pass = Pass(self, segments, activations, adapter: adapter, sums: sums.adapter)
    for index in activations.layers.indices.reversed() {
      let (block, layer) = (weights.layers[index], activations.layers[index])
      // If only inputs were kept, later layers have overwritten the buffers: the same bits again.
      if activations.keeping == .inputs, index + 1 < activations.layers.count {
        block.forward(layer.input, into: nil, buffers: layer.buffers, pass)
      }
      block.backward(
        layer.input, residual: gradients.residual, buffers: layer.buffers,
        gradients: gradients.buffers, sums: sums.weights?.layers[index], pass)
    }
    if let sums = sums.weights {
      weights.embedding.backward(
        tokens, segments, outputGradient: gradients.residual, sums: sums.embedding)
    }
  }
}
