import Corpora
import Foundation
import Study

/// How accuracy grows along steps of fine-tuning, and with facts in the prompt.
struct CurveSection {
  let dataset: String
  let anchor: String
  let charts: [String]

  /// Nil where no curve was recorded.
  init?(_ results: Results, _ dataset: String) {
    let order = results.arms(dataset)
    let curves = results.curves.filter { $0.dataset == dataset && !$0.points.isEmpty }
      .sorted { (order.firstIndex(of: $0.arm) ?? 0) < (order.firstIndex(of: $1.arm) ?? 0) }
    guard !curves.isEmpty else { return nil }
    self.dataset = dataset
    let anchor = "curves-" + Markup.slug(dataset)
    self.anchor = anchor
    let chances = results.rows.filter { $0.dataset == dataset }.map(\.chance)
    charts = curves.map { curve in
      Self.chart(
        curve, of: dataset == results.run.documents?.dataset ? "documents" : "facts",
        chances: chances,
        id: "\(anchor)-\(Markup.slug(curve.arm))")
    }
  }

  private static func chart(
    _ curve: Results.Curve, of things: String, chances: [Double], id: String
  ) -> String {
    let reads = Arm.named(curve.arm)?.trains == false
    let xName = reads ? "\(things) in the prompt" : "steps of fine-tuning"
    let splits = Split.ordered(
      curve.points.flatMap { $0.accuracies.keys.sorted().map(Split.init(rawValue:)) })
    let lines = splits.map { split in
      LineChart.Line(
        name: split.rawValue, kind: split.kind, marker: split.marker,
        points: curve.points.compactMap { point in
          point.accuracies[split.rawValue].map { (point.x, $0) }
        })
    }
    let places = curve.points.map(\.x)
    let first = places.min() ?? 0
    let last = max(places.max() ?? 1, first + (first == 0 ? 1 : 0))
    let same = Set(chances.map(NumberFormat.share)).count == 1 ? chances.first : nil
    let ends = lines.map { line in
      "\(line.name) from \(NumberFormat.share(line.points.first?.y ?? 0)) to "
        + NumberFormat.share(line.points.last?.y ?? 0)
    }
    return LineChart(
      title: "\(curve.dataset), \(curve.arm): accuracy against \(xName)",
      description: "From \(NumberFormat.count(first)) to \(NumberFormat.count(last)) \(xName): "
        + ends.joined(separator: "; ") + ".",
      heading: curve.arm, xName: xName, yName: "accuracy",
      // Facts double from point to point; steps grow by the same amounts.
      xKind: reads && first > 0 ? .logarithmic : .linear, yKind: .linear,
      xDomain: first...last, yDomain: 0...1, lines: lines,
      levels: same.map { [($0, "chance")] } ?? []
    ).svg(id: id)
  }
}
