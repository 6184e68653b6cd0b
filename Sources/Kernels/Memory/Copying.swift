extension Matrix {
  /// Copies another matrix of the same shape, unless both begin at the same address.
  public func copyIfElsewhere(from other: Matrix) {
    if base != other.base { copyRows(from: other) }
  }

  /// Copies another matrix of the same shape, whatever the strides.
  public func copyRows(from other: Matrix) {
    precondition(rows == other.rows && columns == other.columns)
    if isContiguous && other.isContiguous {
      floats.copy(from: other.floats)
    } else {
      for index in 0..<rows { row(index).copy(from: other.row(index)) }
    }
  }
}
