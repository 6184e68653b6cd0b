/// Lines over a common axis, each with a shape, dashes and a name at its end.
struct LineChart {
  struct Line {
    let name: String
    /// The class of its colour in the style sheet.
    let kind: String
    let marker: Marker
    let points: [(x: Double, y: Double)]
    /// Whether each point has its shape, or only the last.
    var isMarked = true
  }

  /// A point that is marked with a ring and a word.
  struct Highlight {
    let x: Double
    let y: Double
    let text: String
  }

  let title: String
  let description: String
  /// The heading above the lines.
  let heading: String
  let xName: String
  let yName: String
  let xKind: Scale.Kind
  let yKind: Scale.Kind
  let xDomain: ClosedRange<Double>
  let yDomain: ClosedRange<Double>
  let lines: [Line]
  /// Dashed lines across, such as chance.
  var levels: [(y: Double, name: String)] = []
  var highlights: [Highlight] = []

  private static let size = (width: 360.0, height: 250.0)
  private static let left = 36.0
  private static let top = 40.0
  private static let bottom = 212.0
  private static let labelHeight = 14.0

  /// Room for the names at the right, by the longest.
  private var right: Double {
    let longest = Double(lines.map(\.name.count).max() ?? 0)
    return Self.size.width - min(150, 24 + 6.6 * longest)
  }

  func svg(id: String) -> String {
    var drawing = Drawing(width: Self.size.width, height: Self.size.height)
    // A little inside, so that the first points do not cover the numbers of the axis.
    let across = Scale(xKind, xDomain, Self.left + 7, right - 4)
    let up = Scale(yKind, yDomain, Self.bottom, Self.top)
    drawAxes(&drawing, across, up)
    for line in lines {
      let places = line.points.map { (x: across($0.x), y: up($0.y)) }
      drawing.path(places, "line \(line.kind)", dash: line.marker.dash)
      for place in line.isMarked ? places : [] {
        drawing.mark(line.marker, place.x, place.y, "mark \(line.kind)")
      }
    }
    for highlight in highlights {
      let (x, y) = (across(highlight.x), up(highlight.y))
      drawing.ring(x, y, radius: 5, "ring")
      let isNearEnd = x + 7 * Double(highlight.text.count) > right
      drawing.text(
        highlight.text, isNearEnd ? x - 3 : x + 4, y + 17, "number strong",
        anchor: isNearEnd ? .end : .start)
    }
    drawNames(&drawing, up)
    return drawing.svg(id: id, title: title, description: description)
  }

  private func drawAxes(_ drawing: inout Drawing, _ across: Scale, _ up: Scale) {
    for tick in up.ticks() {
      drawing.line(Self.left, up(tick), right, up(tick), "grid")
      drawing.text(NumberFormat.tick(tick), Self.left - 5, up(tick) + 4, "small", anchor: .end)
    }
    for tick in across.ticks(xKind == .linear ? 4 : 6) {
      drawing.line(across(tick), Self.bottom, across(tick), Self.bottom + 4, "axis")
      drawing.text(
        NumberFormat.tick(tick), across(tick), Self.bottom + 16, "small", anchor: .middle)
    }
    drawing.line(Self.left, Self.bottom, right, Self.bottom, "axis")
    drawing.text(heading, 0, 11, "strong")
    drawing.text(yName, 0, 28, "small")
    drawing.text(
      xName, (Self.left + right) / 2, Self.size.height - 5, "small", anchor: .middle)
    for level in levels {
      drawing.line(Self.left, up(level.y), right, up(level.y), "chance")
    }
  }

  /// Names beside the lines' ends, moved apart where they would cover each other.
  private func drawNames(_ drawing: inout Drawing, _ up: Scale) {
    var names: [(text: String, y: Double, line: Line?)] = lines.compactMap { line in
      line.points.last.map { (line.name, up($0.y), line) }
    }
    names += levels.map { ($0.name, up($0.y), nil) }
    names.sort { $0.y < $1.y }
    for index in names.indices.dropFirst() {
      names[index].y = max(names[index].y, names[index - 1].y + Self.labelHeight)
    }
    // Back up from the bottom, as far as they were pushed beyond it.
    var limit = Self.bottom
    for index in names.indices.reversed() {
      names[index].y = min(names[index].y, limit)
      limit = names[index].y - Self.labelHeight
    }
    for name in names {
      if let line = name.line {
        drawing.mark(line.marker, right + 11, name.y, "mark \(line.kind)")
      }
      drawing.text(name.text, right + 19, name.y + 4, name.line == nil ? "small" : "")
    }
  }
}
