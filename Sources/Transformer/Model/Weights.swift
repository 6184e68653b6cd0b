import Kernels

/// The tensors of a model as views into an arena; the same type serves parameters and gradients.
public struct Weights: Sendable {
  struct Layer: Sendable {
    let attentionNorm: Floats
    /// `[queryWidth + 2 · keyValueWidth, hiddenSize]`
    let queryKeyValue: Matrix
    /// `[queryWidth + 2 · keyValueWidth]`, where the architecture has it.
    let queryKeyValueBias: Floats?
    /// `[headSize]`, where the architecture normalises queries and keys.
    let queryNorm: Floats?
    let keyNorm: Floats?
    /// `[hiddenSize, queryWidth]`
    let attentionOutput: Matrix
    let feedForwardNorm: Floats
    /// `[2 · intermediateSize, hiddenSize]`
    let gateUp: Matrix
    /// `[hiddenSize, intermediateSize]`
    let down: Matrix
  }

  /// `[vocabularySize, hiddenSize]`
  let embedding: Matrix
  let layers: [Layer]
  let finalNorm: Floats
  /// `[vocabularySize, hiddenSize]`; the embedding itself where they are tied.
  let head: Matrix

  /// - Precondition: `arena.count == layout.count`; the arena outlives the views.
  public init(_ arena: Floats, configuration c: Configuration, layout: ParameterLayout) {
    precondition(arena.count == layout.count)
    func norm(_ offset: Int) -> Floats { arena.slice(offset, c.hiddenSize) }
    func headNorm(_ offset: Int) -> Floats? {
      c.normalizesQueriesAndKeys ? arena.slice(offset, c.headSize) : nil
    }
    embedding = arena.matrix(layout.embedding, rows: c.vocabularySize, columns: c.hiddenSize)
    layers = layout.layers.map { layer in
      Layer(
        attentionNorm: norm(layer.attentionNorm),
        queryKeyValue: arena.matrix(
          layer.queryKeyValue, rows: c.queryWidth + 2 * c.keyValueWidth, columns: c.hiddenSize),
        queryKeyValueBias: c.hasQueryKeyValueBias
          ? arena.slice(layer.queryKeyValueBias, c.queryWidth + 2 * c.keyValueWidth) : nil,
        queryNorm: headNorm(layer.queryNorm), keyNorm: headNorm(layer.keyNorm),
        attentionOutput: arena.matrix(
          layer.attentionOutput, rows: c.hiddenSize, columns: c.queryWidth),
        feedForwardNorm: norm(layer.feedForwardNorm),
        gateUp: arena.matrix(
          layer.gateUp, rows: 2 * c.intermediateSize, columns: c.hiddenSize),
        down: arena.matrix(layer.down, rows: c.hiddenSize, columns: c.intermediateSize))
    }
    finalNorm = norm(layout.finalNorm)
    head = arena.matrix(layout.head, rows: c.vocabularySize, columns: c.hiddenSize)
  }
}
