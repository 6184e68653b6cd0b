/// The keys and values of one head that many sequences see, packed once for all products with them.
/// A library would rearrange them again at every token, which for a few sequences takes longer than
/// the product.
public struct AttentionPrefix {
  /// `[headSize, capacity]`
  private let keys: Panels
  /// `[capacity, headSize]`
  private let values: Panels
  /// How many keys are seen.
  public let count: Int

  /// Room for `capacity` keys in an arena; none of them is seen yet.
  public init(_ arena: inout Arena, headSize: Int, capacity: Int) {
    keys = Panels(&arena, rows: headSize, columns: capacity)
    values = Panels(&arena, rows: capacity, columns: headSize)
    count = 0
  }

  private init(keys: Panels, values: Panels, count: Int) {
    precondition(count >= 0 && count <= keys.columns)
    (self.keys, self.values, self.count) = (keys, values, count)
  }

  /// The same with its first `count` keys seen; they must have been written.
  public func seeing(_ count: Int) -> AttentionPrefix {
    AttentionPrefix(keys: keys, values: values, count: count)
  }

  /// Writes keys and values after those that are seen, which do not change; key, value:
  /// `[any, headSize]`.
  public func write(key: Matrix, value: Matrix) {
    keys.write(key.transposed, fromColumn: count)
    values.write(value, fromRow: count)
  }

  /// scores = scale · query · keysᵀ; query: `[rows, headSize]`, scores: `[rows, count]`.
  func multiply(_ query: Matrix, into scores: Matrix, scale: Float) {
    precondition(query.columns == keys.rows && scores.columns == count)
    for column in stride(from: 0, to: count, by: panelWidth) {
      forEachTile(of: query.rows) { row, rows in
        multiplyTile(
          LeftOperand(query.place(row, 0), stride: query.stride), rows: rows, inner: keys.rows,
          keys.panel(column: column), into: scores.place(row, column), stride: scores.stride,
          columns: min(panelWidth, count - column), scale: scale)
      }
    }
  }

  /// output = weights · values; weights: `[rows, count]`, output: `[rows, headSize]`.
  func mix(_ weights: Matrix, into output: Matrix) {
    precondition(weights.columns == count && output.columns == values.columns)
    // So few that their values stay in the cache for all rows.
    let keysAtATime = 128
    for column in stride(from: 0, to: values.columns, by: panelWidth) {
      for key in stride(from: 0, to: count, by: keysAtATime) {
        forEachTile(of: weights.rows) { row, rows in
          multiplyTile(
            LeftOperand(weights.place(row, key), stride: weights.stride), rows: rows,
            inner: min(keysAtATime, count - key), values.panel(column: column, row: key),
            into: output.place(row, column), stride: output.stride,
            columns: min(panelWidth, values.columns - column), accumulate: key > 0)
        }
      }
    }
  }

  /// Calls `body` for each tile of rows.
  @inline(always) private func forEachTile(of rows: Int, _ body: (_ row: Int, _ rows: Int) -> Void)
  {
    for row in stride(from: 0, to: rows, by: tileRows) { body(row, min(tileRows, rows - row)) }
  }
}
