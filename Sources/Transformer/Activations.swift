import Kernels

/// What a forward pass computes for `rows` tokens, and the buffers of its backward pass.
struct Activations {
  struct Layer {
    /// `[rows, hiddenSize]`: the residual stream as it enters the layer.
    let input: Matrix
    let attentionNormed: Matrix
    let attentionInverse: Floats
    /// `[rows, queryWidth + 2 · keyValueWidth]`: queries, keys and values side by side.
    let queryKeyValue: Matrix
    /// `[rows, queryWidth + keyValueWidth]`: queries and keys after norm and rotation.
    let rotated: Matrix
    /// `[rows, heads + key/value heads]`
    let headInverse: Matrix
    /// `[rows, queryWidth]`: what attention mixed, heads side by side.
    let mixed: Matrix
    /// `[heads, rows]`: log-sums of the attention scores.
    let logSums: Matrix
    /// `[rows, hiddenSize]`: the residual stream after attention.
    let middle: Matrix
    let feedForwardNormed: Matrix
    let feedForwardInverse: Floats
    /// `[rows, 2 · intermediateSize]`
    let gateUp: Matrix
    /// `[rows, intermediateSize]`
    let gated: Matrix
  }

  /// The buffers of the backward pass; one set serves all layers.
  struct Gradients {
    let residual: Matrix
    let normed: Matrix
    let queryKeyValue: Matrix
    let mixed: Matrix
    let gated: Matrix
    let gateUp: Matrix
  }

  let layers: [Layer]
  /// `[rows, hiddenSize]`: the residual stream after the last layer.
  let output: Matrix
  let scratch: Floats
  let gradients: Gradients?

  /// Lays the buffers out in an arena.
  ///
  /// - Parameter keepsLayers: whether each layer has buffers of its own, as a backward pass needs;
  ///   otherwise all layers share one set, and the residual stream is updated in place.
  init(
    _ arena: inout Arena, configuration c: Configuration, rows: Int, keyCount: Int,
    keepsLayers: Bool
  ) {
    func layer(_ arena: inout Arena, input: Matrix) -> Layer {
      Layer(
        input: input,
        attentionNormed: arena.matrix(rows: rows, columns: c.hiddenSize),
        attentionInverse: arena.vector(rows),
        queryKeyValue: arena.matrix(
          rows: rows, columns: c.queryWidth + 2 * c.keyValueWidth),
        rotated: arena.matrix(rows: rows, columns: c.queryWidth + c.keyValueWidth),
        headInverse: arena.matrix(rows: rows, columns: c.headCount + c.keyValueHeadCount),
        mixed: arena.matrix(rows: rows, columns: c.queryWidth),
        logSums: arena.matrix(rows: c.headCount, columns: rows),
        middle: keepsLayers ? arena.matrix(rows: rows, columns: c.hiddenSize) : input,
        feedForwardNormed: arena.matrix(rows: rows, columns: c.hiddenSize),
        feedForwardInverse: arena.vector(rows),
        gateUp: arena.matrix(rows: rows, columns: 2 * c.intermediateSize),
        gated: arena.matrix(rows: rows, columns: c.intermediateSize))
    }
    var stream = arena.matrix(rows: rows, columns: c.hiddenSize)
    if keepsLayers {
      var layers: [Layer] = []
      for _ in 0..<c.layerCount {
        layers.append(layer(&arena, input: stream))
        stream = arena.matrix(rows: rows, columns: c.hiddenSize)
      }
      self.layers = layers
    } else {
      layers = Array(repeating: layer(&arena, input: stream), count: c.layerCount)
    }
    output = stream
    scratch = arena.vector(
      max(
        attentionScratchCount(keyCount: keyCount, headSize: c.headSize),
        sharedPrefixAttentionScratchCount(keyCount: keyCount)))
    gradients =
      keepsLayers
      ? Gradients(
        residual: arena.matrix(rows: rows, columns: c.hiddenSize),
        normed: arena.matrix(rows: rows, columns: c.hiddenSize),
        queryKeyValue: arena.matrix(
          rows: rows, columns: c.queryWidth + 2 * c.keyValueWidth),
        mixed: arena.matrix(rows: rows, columns: c.queryWidth),
        gated: arena.matrix(rows: rows, columns: c.intermediateSize),
        gateUp: arena.matrix(rows: rows, columns: 2 * c.intermediateSize)) : nil
  }
}
