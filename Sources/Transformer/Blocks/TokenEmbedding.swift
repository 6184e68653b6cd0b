import Kernels

/// The first part of a model: the row of each token in a table, scaled; and, if positions are
/// learned, that of its position in another.
struct TokenEmbedding {
  /// `[vocabularySize, hiddenSize]`
  let table: Matrix
  /// `[contextLength, hiddenSize]`
  private let positions: Matrix?
  private let scale: Float

  /// - Parameters:
  ///   - name: the tensor's, without ".weight".
  ///   - positions: the name of the table of positions, without ".weight".
  init(
    _ parameters: inout ParameterArena, _ name: String, positions: String? = nil,
    scale: Float = 1, _ c: Configuration
  ) {
    let initial = InitialValues.normal(deviation: c.tiesEmbeddings ? 0.02 : 1)
    table = parameters.matrix(
      [(name + ".weight", c.vocabularySize)], columns: c.hiddenSize, initial: initial)
    self.positions = positions.map {
      parameters.matrix(
        [($0 + ".weight", c.contextLength)], columns: c.hiddenSize, initial: initial)
    }
    self.scale = scale
  }

  /// output: `[tokens, hiddenSize]`
  func forward(_ tokens: ArraySlice<Int32>, _ segments: [Segment], into output: Matrix) {
    embeddingForward(table, tokens: tokens, output: output)
    if scale != 1 { output.floats.scale(by: scale) }
    guard let positions else { return }
    for segment in segments {
      for (index, row) in segment.rows.enumerated() {
        output.row(row).add(positions.row(segment.past + index))
      }
    }
  }

  /// Adds the gradients of the rows that were read to `sums`; `outputGradient` is used up.
  func backward(
    _ tokens: ArraySlice<Int32>, _ segments: [Segment], outputGradient: Matrix,
    sums: TokenEmbedding
  ) {
    if let positions = sums.positions {
      for segment in segments {
        for (index, row) in segment.rows.enumerated() {
          positions.row(segment.past + index).add(outputGradient.row(row))
        }
      }
    }
    if scale != 1 { outputGradient.floats.scale(by: scale) }
    embeddingBackward(outputGradient, tokens: tokens, tableGradient: sums.table)
  }
}
