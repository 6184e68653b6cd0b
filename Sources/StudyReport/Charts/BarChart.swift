/// Accuracies of the arms on one split: one horizontal bar per arm, with its 95 % interval, and a
/// line at chance.
struct BarChart {
  struct Bar {
    let name: String
    /// The class of its colour in the style sheet.
    let kind: String
    let value: Double
    /// Nil for a single world, which gives no interval.
    let interval: ClosedRange<Double>?
  }

  let title: String
  /// The heading above the bars.
  let heading: String
  let chance: Double
  let bars: [Bar]

  private static let width = 360.0
  private static let valueWidth = 38.0
  private static let top = 18.0
  private static let rowHeight = 19.0

  /// Room for the names at the left, by the longest.
  private var nameWidth: Double {
    min(200, max(60, 8 + 5.7 * Double(bars.map(\.name.count).max() ?? 0)))
  }

  func svg(id: String) -> String {
    let bottom = Self.top + Self.rowHeight * Double(bars.count)
    var drawing = Drawing(width: Self.width, height: bottom + 20)
    drawing.text(heading, 0, 11, "strong")
    let across = Scale(.linear, 0...1, nameWidth, Self.width - Self.valueWidth - 2)
    for tick in [0, 0.25, 0.5, 0.75, 1] {
      drawing.line(across(tick), Self.top, across(tick), bottom, "grid")
    }
    for tick in [0, 0.5, 1] {
      drawing.text(NumberFormat.tick(tick), across(tick), bottom + 14, "small", anchor: .middle)
    }
    for (row, bar) in bars.enumerated() {
      let middle = Self.top + Self.rowHeight * (Double(row) + 0.5)
      drawing.text(bar.name, 0, middle + 4)
      drawing.box(
        across(0), middle - 5.5, max(0.5, across(bar.value) - across(0)), 11, "bar \(bar.kind)")
      if let interval = bar.interval {
        let (lower, upper) = (across(interval.lowerBound), across(interval.upperBound))
        drawing.line(lower, middle, upper, middle, "error")
        drawing.line(lower, middle - 3, lower, middle + 3, "error")
        drawing.line(upper, middle - 3, upper, middle + 3, "error")
      }
      drawing.text(NumberFormat.share(bar.value), Self.width, middle + 4, "number", anchor: .end)
    }
    drawing.line(across(chance), Self.top - 3, across(chance), bottom, "chance")
    drawing.text(
      "chance \(NumberFormat.share(chance))", across(chance), Self.top - 7, "small", anchor: .middle
    )
    return drawing.svg(id: id, title: title, description: description)
  }

  private var description: String {
    let values = bars.map { bar in
      let interval = bar.interval.map {
        " (\(NumberFormat.share($0.lowerBound)) to \(NumberFormat.share($0.upperBound)))"
      }
      return "\(bar.name) \(NumberFormat.share(bar.value))" + (interval ?? "")
    }
    let intervals = bars.contains { $0.interval != nil } ? ", with 95 % intervals" : ""
    return "Accuracy\(intervals). Chance is \(NumberFormat.share(chance)). "
      + values.joined(separator: "; ") + "."
  }
}
