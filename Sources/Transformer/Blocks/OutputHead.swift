import Kernels

/// The last part of a model: a norm, and a matrix that gives every token's logit.
struct OutputHead {
  private let norm: Norm
  /// `[vocabularySize, hiddenSize]`; the embedding's own table if they are tied.
  let matrix: Matrix

  /// The buffers of some rows.
  struct Buffers {
    /// `[rows, hiddenSize]`: those rows of the residual stream.
    let input: Matrix
    let norm: Norm.Buffers
    /// `[rows, vocabularySize]`
    let logits: Matrix

  }

  func buffers(_ arena: inout Arena, rows: Int) -> Buffers {
    Buffers(
      input: arena.matrix(rows: rows, columns: matrix.columns),
      norm: norm.buffers(&arena, rows: rows),
      logits: arena.matrix(rows: rows, columns: matrix.rows))
  }

  /// - Parameters:
  ///   - normName: the norm's tensors, without ".weight" and ".bias".
  ///   - matrixName: the matrix's tensor, without ".weight"; it is not there if embeddings are
  ///     tied.
  init(
    _ parameters: inout ParameterArena, norm normName: String,
    _ normKind: Norm.Kind = .rootMeanSquare(), matrix matrixName: String,
    tiedTo embedding: TokenEmbedding, _ c: Configuration
  ) {
    norm = Norm(&parameters, normName, c, normKind)
    matrix =
      c.tiesEmbeddings
      ? embedding.table
      : parameters.matrix(
        [(matrixName + ".weight", c.vocabularySize)], columns: c.hiddenSize, initial: .zeros)
  }

  /// From `buffers.input` to `buffers.logits`.
  func forward(_ buffers: Buffers, threadCount: Int = 1) {
    norm.forward(buffers.input, buffers.norm)
    multiply(
      buffers.norm.output, matrix.transposed, into: buffers.logits, threads: threadCount)
  }

  /// From the gradient of the logits, which stands in `buffers.logits`, to that of the input.
  ///
  /// normGradient, inputGradient: `[rows, hiddenSize]`, overwritten. Gradients of norm and matrix
  /// are added to `sums`, if there are any.
  func backward(
    _ buffers: Buffers, normGradient: Matrix, inputGradient: Matrix, sums: OutputHead?,
    threadCount: Int = 1
  ) {
    if let sums {
      multiply(
        buffers.logits.transposed, buffers.norm.output, into: sums.matrix, accumulate: true,
        threads: threadCount)
    }
    multiply(buffers.logits, matrix, into: normGradient, threads: threadCount)
    inputGradient.floats.fill(0)
    norm.backward(
      buffers.input, buffers.norm, outputGradient: normGradient, inputGradient: inputGradient,
      sums: sums?.norm)
  }
}
