extension [Double] {
  /// The arithmetic mean; 0 for an empty array.
  package var mean: Double { reduce(0, +) / Double(Swift.max(1, count)) }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of first appearance.
  package func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
