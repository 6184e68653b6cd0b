/// output[r] = bias for every row r; a product is then added to it.
///
/// bias: `[columns]`, output: `[rows, columns]`.
public func biasForward(_ bias: Floats, output: Matrix) {
  precondition(bias.count == output.columns)
  for row in 0..<output.rows { output.row(row).copy(from: bias) }
}

/// output[r] += bias for every row r; shapes as in `biasForward`.
public func addBias(_ bias: Floats, to output: Matrix) {
  precondition(bias.count == output.columns)
  for row in 0..<output.rows { output.row(row).add(bias) }
}

/// The backward pass of `biasForward`: biasGradient += Σ outputGradient[r] over all rows r.
///
/// outputGradient: `[rows, columns]`, biasGradient: `[columns]`.
public func biasBackward(_ outputGradient: Matrix, biasGradient: Floats) {
  precondition(biasGradient.count == outputGradient.columns)
  for row in 0..<outputGradient.rows { biasGradient.add(outputGradient.row(row)) }
}
