import Kernels

/// The first part of a model: the row of each token in a table.
struct TokenEmbedding {
  /// `[vocabularySize, hiddenSize]`
  let table: Matrix

  /// - Parameter name: the tensor's, without ".weight".
  init(_ parameters: inout ParameterArena, _ name: String, _ c: Configuration) {
    table = parameters.matrix(
      [(name + ".weight", c.vocabularySize)], columns: c.hiddenSize,
      initial: .normal(deviation: c.tiesEmbeddings ? 0.02 : 1))
  }

  /// output: `[tokens, hiddenSize]`
  func forward(_ tokens: ArraySlice<Int32>, into output: Matrix) {
    embeddingForward(table, tokens: tokens, output: output)
  }

  /// Adds the gradients of the rows that were read to `sums`.
  func backward(_ tokens: ArraySlice<Int32>, outputGradient: Matrix, sums: TokenEmbedding) {
    embeddingBackward(outputGradient, tokens: tokens, tableGradient: sums.table)
  }
}
