import Foundation
import Study

/// How the page writes numbers.
enum NumberFormat {
  static let dash = "–"

  /// "0.996"
  static func share(_ value: Double) -> String { fixed(value, 3) }

  /// A number with this many decimal places and a true minus sign.
  static func fixed(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return value.isNaN ? dash : value > 0 ? "∞" : "−∞" }
    let text = String(format: "%.\(places)f", value)
    // A number that rounds to zero has no minus sign.
    guard text.contains(where: { "123456789".contains($0) }) else {
      return text.replacing("-", with: "")
    }
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// "+0.504" or "−0.012"
  static func signed(_ value: Double) -> String {
    let text = fixed(value, 3)
    return text.hasPrefix("−") ? text : "+" + text
  }

  /// "0.996 ± 0.002"; without the error for a single world.
  static func accuracy(_ row: Results.Row) -> String {
    accuracy(row.accuracy, error: row.hasError ? row.stderr : nil)
  }

  static func accuracy(_ value: Double, error: Double?) -> String {
    share(value) + (error.map { " ± " + share($0) } ?? "")
  }

  /// "0.981 to 0.999"; a dash for a single world.
  static func interval(_ row: Results.Row) -> String {
    guard row.hasError, let lower = row.ci95.first, let upper = row.ci95.last else { return dash }
    return "\(share(lower)) to \(share(upper))"
  }

  /// "98.0 %"
  static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

  /// "78,468"
  static func count(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return fixed(value, 0) }
    return Results.grouped(value)
  }

  /// "12.4", "124" or "0.0124": three significant digits.
  static func digits(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return fixed(value, 0) }
    let places = 2 - Int(floor(log10(abs(value))))
    return places > 0 ? fixed(value, min(6, places)) : count(value)
  }

  /// "3.21 T": three significant digits with an SI prefix.
  static func prefixed(_ value: Double) -> String {
    for (size, prefix) in [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M")]
    where abs(value) >= size {
      return digits(value / size) + " " + prefix
    }
    return digits(value)
  }

  /// The short form of a round number on an axis: "0.01", "10", "1k", "10M".
  static func tick(_ value: Double) -> String {
    for (size, prefix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= size {
      return String(format: "%g", value / size) + prefix
    }
    return String(format: "%g", value)
  }

  /// "12 s", "3 min 36 s" or "1 h 02 min"
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return dash }
    let whole = Int(seconds.rounded())
    if whole < 60 { return digits(seconds) + " s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
  }

  /// "a", "a and b", "a, b and c"
  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }
}
