import Kernels

/// What a forward pass computes for `rows` tokens, and the buffers of its backward pass.
struct Activations {
  /// Which of a layer's buffers are its own; all layers share the others.
  enum Keeping {
    /// None, and the residual stream is updated in place: there is no backward pass.
    case nothing
    /// Its input; the backward pass runs the layer again from there.
    case inputs
    case everything
  }

  struct Layer {
    /// `[rows, hiddenSize]`: the residual stream as it enters the layer.
    var input: Matrix
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
  let keeping: Keeping
  /// `[rows, hiddenSize]`: the residual stream after the last layer.
  let output: Matrix
  let scratch: Floats
  /// Where the model has an adapter.
  let lowRank: LowRankProduct.Scratch?
  let gradients: Gradients?

  /// Lays the buffers out in an arena.
  ///
  /// - Parameter rank: the adapter's, where there is one.
  init(
    _ arena: inout Arena, configuration c: Configuration, rows: Int, keyCount: Int,
    keeping: Keeping, rank: Int? = nil
  ) {
    self.keeping = keeping
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
        middle: keeping == .nothing ? input : arena.matrix(rows: rows, columns: c.hiddenSize),
        feedForwardNormed: arena.matrix(rows: rows, columns: c.hiddenSize),
        feedForwardInverse: arena.vector(rows),
        gateUp: arena.matrix(rows: rows, columns: 2 * c.intermediateSize),
        gated: arena.matrix(rows: rows, columns: c.intermediateSize))
    }
    var stream = arena.matrix(rows: rows, columns: c.hiddenSize)
    var layers: [Layer] = []
    for index in 0..<c.layerCount {
      if index == 0 || keeping == .everything {
        layers.append(layer(&arena, input: stream))
      } else {
        layers.append(layers[0])
        layers[index].input = stream
      }
      if keeping != .nothing { stream = arena.matrix(rows: rows, columns: c.hiddenSize) }
    }
    self.layers = layers
    output = stream
    scratch = arena.vector(
      max(
        attentionScratchCount(keyCount: keyCount, headSize: c.headSize),
        sharedPrefixAttentionScratchCount(keyCount: keyCount)))
    lowRank = rank.map { rank in
      LowRankProduct.Scratch(
        inner: arena.matrix(rows: rows, columns: rank),
        gradient: arena.matrix(rows: rows, columns: rank))
    }
    gradients =
      keeping != .nothing
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
