/// Shares of a whole: one bar per arm, split into pieces that differ by pattern.
struct StackedBars {
  struct Bar {
    let name: String
    /// In the order of `parts`; their sum is 1, or 0 where there is nothing.
    let shares: [Double]
  }

  /// A piece's name and the class that has its pattern.
  struct Part {
    let name: String
    let kind: String
  }

  let title: String
  let parts: [Part]
  let bars: [Bar]

  private static let width = 360.0
  private static let rowHeight = 34.0
  private static let top = 24.0

  func svg(id: String) -> String {
    var drawing = Drawing(
      width: Self.width, height: Self.top + Self.rowHeight * Double(bars.count) + 2)
    let whole = Scale(.linear, 0...1, 0, Self.width)
    var x = 0.0
    for part in parts {
      drawing.box(x + 0.5, 2.5, 11, 11, "part \(part.kind)")
      drawing.text(part.name, x + 17, 12, "small")
      x += 44 + 6.6 * Double(part.name.count)
    }
    for (row, bar) in bars.enumerated() {
      let y = Self.top + Self.rowHeight * Double(row)
      drawing.text(bar.name, 0, y + 11)
      drawing.text(
        bar.shares.map { NumberFormat.fixed(100 * $0, 1) }.joined(separator: " · ") + " %",
        Self.width,
        y + 11, "number", anchor: .end)
      var start = 0.0
      for (share, part) in zip(bar.shares, parts) where share > 0 {
        drawing.box(
          whole(start), y + 16, whole(start + share) - whole(start), 11, "part \(part.kind)")
        start += share
      }
    }
    return drawing.svg(id: id, title: title, description: description)
  }

  private var description: String {
    bars.map { bar in
      let shares = zip(bar.shares, parts).map { "\(NumberFormat.percent($0)) \($1.name)" }
      return "\(bar.name): \(NumberFormat.list(shares))."
    }.joined(separator: " ")
  }
}
