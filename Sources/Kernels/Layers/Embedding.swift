/// output[r] = table[tokens[r]].
///
/// table: `[vocabulary, width]`; output: `[rows, width]`.
///
/// - Precondition: every token lies in the vocabulary.
public func embeddingForward(_ table: Matrix, tokens: ArraySlice<Int32>, output: Matrix) {
  precondition(output.rows == tokens.count && output.columns == table.columns)
  for (row, token) in tokens.enumerated() {
    output.row(row).copy(from: table.row(Int(token)))
  }
}

/// The backward pass of `embeddingForward`: tableGradient[tokens[r]] += outputGradient[r].
///
/// outputGradient: `[rows, width]`; tableGradient: `[vocabulary, width]`.
///
/// - Precondition: every token lies in the vocabulary.
public func embeddingBackward(
  _ outputGradient: Matrix, tokens: ArraySlice<Int32>, tableGradient: Matrix
) {
  precondition(outputGradient.rows == tokens.count)
  for (row, token) in tokens.enumerated() {
    tableGradient.row(Int(token)).add(outputGradient.row(row))
  }
}

/// output[i] = input[rows[i]]: packs the rows that a later product needs.
///
/// input: `[any, columns]`; output: `[rows.count, columns]`.
public func gatherRows(_ input: Matrix, rows: [Int32], output: Matrix) {
  precondition(output.rows == rows.count && output.columns == input.columns)
  for (index, row) in rows.enumerated() { output.row(index).copy(from: input.row(Int(row))) }
}

/// output[rows[i]] = input[i], the reverse of `gatherRows`; the other rows of output stay as they
/// are.
///
/// input: `[rows.count, columns]`; output: `[any, columns]`.
public func scatterRows(_ input: Matrix, rows: [Int32], into output: Matrix) {
  precondition(input.rows == rows.count && output.columns == input.columns)
  for (index, row) in rows.enumerated() { output.row(Int(row)).copy(from: input.row(index)) }
}
