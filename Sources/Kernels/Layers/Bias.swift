/// Writes the same row to every row: what a product that adds its bias starts from.
///
/// bias: `[columns]`, output: `[rows, columns]`.
public func biasForward(_ bias: Floats, output: Matrix) {
  precondition(bias.count == output.columns)
  for row in 0..<output.rows { output.row(row).copy(from: bias) }
}

/// Adds to a bias's gradient the sum of its output's rows.
///
/// outputGradient: `[rows, columns]`, biasGradient: `[columns]`, added to.
public func biasBackward(_ outputGradient: Matrix, biasGradient: Floats) {
  precondition(biasGradient.count == outputGradient.columns)
  for row in 0..<outputGradient.rows { biasGradient.add(outputGradient.row(row)) }
}
