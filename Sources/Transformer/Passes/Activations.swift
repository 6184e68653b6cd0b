import Kernels

/// What a forward pass computes for some tokens, and the buffers of its backward pass.
struct Activations {
  /// What a forward pass keeps of each layer for a backward pass.
  enum Keeping {
    /// Nothing: there is no backward pass, and the residual stream is updated in place.
    case nothing
    /// The layer's input; the backward pass runs the layer again from there.
    case inputs
    case everything
  }

  struct Layer {
    /// `[rows, hiddenSize]`: the residual stream as it enters the layer.
    let input: Matrix
    /// The memory of the block's own buffers; all layers share one unless everything is kept.
    let buffers: Floats
  }

  struct Gradients {
    /// `[rows, hiddenSize]`: of the residual stream.
    let residual: Matrix
    /// The memory of the buffers of the block whose turn it is.
    let buffers: Floats
  }

  let layers: [Layer]
  let keeping: Keeping
  /// `[rows, hiddenSize]`: the residual stream after the last layer.
  let output: Matrix
  /// The threads that divide the work of a pass.
  let threadCount: Int
  /// What attention needs, for each of the threads.
  let scratch: [Floats]
  /// What an adapter's products need, if there is one.
  let lowRank: LowRankProduct.Scratch?
  /// Of the backward pass, if there is one.
  let gradients: Gradients?

  /// Takes the buffers of a pass from an arena.
  ///
  /// - Parameters:
  ///   - layerCount: layers that are run, from the first; all of them by default.
  ///   - rows: tokens in the pass.
  ///   - keyCount: the most tokens that one of them attends to.
  ///   - rank: that of the adapter, if there is one.
  ///   - threadCount: the threads that divide the work of the pass.
  init(
    _ arena: inout Arena, of model: Model, layerCount: Int? = nil, rows: Int, keyCount: Int,
    keeping: Keeping, rank: Int? = nil, threadCount: Int = 1
  ) {
    let c = model.configuration
    let blocks = model.weights.layers.prefix(layerCount ?? c.layerCount)
    self.keeping = keeping
    var stream = arena.matrix(rows: rows, columns: c.hiddenSize)
    func bufferCount(_ block: any Block) -> Int {
      block.bufferCount(input: stream, keeping: keeping)
    }
    let shared =
      keeping == .everything
      ? nil : arena.vector(blocks.reduce(0) { max($0, bufferCount($1)) })
    var layers: [Layer] = []
    layers.reserveCapacity(blocks.count)
    for block in blocks {
      layers.append(Layer(input: stream, buffers: shared ?? arena.vector(bufferCount(block))))
      if keeping != .nothing { stream = arena.matrix(rows: rows, columns: c.hiddenSize) }
    }
    self.layers = layers
    output = stream
    self.threadCount = threadCount
    let scratchCount = max(
      attentionScratchCount(keyCount: keyCount, headSize: c.headSize),
      sharedPrefixAttentionScratchCount(keyCount: keyCount))
    scratch = (0..<threadCount).map { _ in arena.vector(scratchCount) }
    lowRank = rank.map { rank in
      LowRankProduct.Scratch(
        inner: arena.matrix(rows: rows, columns: rank),
        gradient: arena.matrix(rows: rows, columns: rank))
    }
    gradients =
      keeping == .nothing
      ? nil
      : Gradients(
        residual: arena.matrix(rows: rows, columns: c.hiddenSize),
        buffers: arena.vector(blocks.reduce(0) { max($0, $1.gradientCount(rows: rows)) }))
  }

  /// The residual stream as it enters a layer, or after the last one.
  func input(ofLayer index: Int) -> Matrix {
    index < layers.count ? layers[index].input : output
  }
}
