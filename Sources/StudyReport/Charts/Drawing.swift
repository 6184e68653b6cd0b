import Foundation

/// An SVG drawing in its own units, with a text that says what it shows.
///
/// Colours, line widths and fonts are the style sheet's: elements have classes.
struct Drawing {
  let width: Double
  let height: Double
  private var body = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  enum Anchor: String {
    case start, middle, end
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String
  ) {
    body +=
      "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\""
      + " y2=\"\(Self.number(y2))\" class=\"\(kind)\"/>\n"
  }

  mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ kind: String) {
    body +=
      "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\""
      + " height=\"\(Self.number(height))\" class=\"\(kind)\"/>\n"
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ kind: String = "", anchor: Anchor = .start
  ) {
    let attributes =
      (kind.isEmpty ? "" : " class=\"\(kind)\"")
      + (anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\"")
    body +=
      "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(attributes)>"
      + "\(Markup.escape(text))</text>\n"
  }

  /// A line through points.
  mutating func path(_ points: [(x: Double, y: Double)], _ kind: String, dash: String = "") {
    guard points.count > 1 else { return }
    let steps = points.map { "\(Self.number($0.x)) \(Self.number($0.y))" }
    body +=
      "<path d=\"M\(steps.joined(separator: "L"))\" class=\"\(kind)\""
      + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"") + "/>\n"
  }

  /// A small shape at a point.
  mutating func mark(_ marker: Marker, _ x: Double, _ y: Double, _ kind: String) {
    let steps = marker.corners.map { "\(Self.number(x + $0.x)) \(Self.number(y + $0.y))" }
    if steps.isEmpty {
      ring(x, y, radius: 3.4, kind)
    } else {
      body += "<path d=\"M\(steps.joined(separator: "L"))Z\" class=\"\(kind)\"/>\n"
    }
  }

  mutating func ring(_ x: Double, _ y: Double, radius: Double, _ kind: String) {
    body +=
      "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\""
      + " class=\"\(kind)\"/>\n"
  }

  /// The finished element.
  ///
  /// - Parameters:
  ///   - id: unique on the page.
  ///   - title: what it is.
  ///   - description: what it shows, with numbers, for readers who cannot see it.
  func svg(id: String, title: String, description: String) -> String {
    """
    <svg viewBox="0 0 \(Self.number(width)) \(Self.number(height))" role="img" \
    aria-labelledby="\(id)-title \(id)-text">
    <title id="\(id)-title">\(Markup.escape(title))</title>
    <desc id="\(id)-text">\(Markup.escape(description))</desc>
    \(body)</svg>
    """
  }

  /// A coordinate with one decimal place; 0 for what is not a number.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// The shape of a line's points, which with the dashes distinguishes lines without colour.
enum Marker: CaseIterable {
  case circle, square, triangle, diamond, cross

  /// The corners around the middle; none for the circle.
  fileprivate var corners: [(x: Double, y: Double)] {
    switch self {
    case .circle: []
    case .square: [(-3, -3), (3, -3), (3, 3), (-3, 3)]
    case .triangle: [(0, -4.2), (3.9, 2.8), (-3.9, 2.8)]
    case .diamond: [(0, -4.4), (4.4, 0), (0, 4.4), (-4.4, 0)]
    case .cross:
      [
        (0, -1.6), (2.4, -4), (4, -2.4), (1.6, 0), (4, 2.4), (2.4, 4), (0, 1.6), (-2.4, 4),
        (-4, 2.4), (-1.6, 0), (-4, -2.4), (-2.4, -4),
      ]
    }
  }

  /// The dashes of the line that has these points; empty for an unbroken one.
  var dash: String {
    switch self {
    case .circle: ""
    case .square: "7 3"
    case .triangle: "2 3"
    case .diamond: "9 3 2 3"
    case .cross: "4 4"
    }
  }
}
