import Corpora
import Foundation
import Study

/// What the arms cost, once and per query, and from how many queries on training is cheaper.
struct CostSection {
  let dataset: String
  let anchor: String
  let costTable: Table
  let chart: String?
  let sentences: [String]
  let evenTable: Table?

  init(_ results: Results, _ dataset: String) {
    self.dataset = dataset
    anchor = "cost-" + Markup.slug(dataset)
    let costs = results.arms(dataset).compactMap { results.cost(dataset, $0) }
    costTable = Table(
      caption: "\(dataset): what each arm costs",
      head: [
        "arm", "tokens trained", "tokens written", "seconds once", "FLOPs once", "tokens a query",
        "ms a query", "ms a query, prompt kept", "FLOPs a query",
      ],
      rows: costs.map { cost in
        func once(_ value: Double, _ text: (Double) -> String) -> Table.Cell {
          Table.Cell(value > 0 ? text(value) : NumberFormat.dash)
        }
        return Table.Row(
          name: cost.arm,
          cells: [
            once(cost.tokensTrained, NumberFormat.count),
            once(cost.tokensWritten, NumberFormat.count),
            once(cost.secondsOnce, NumberFormat.digits),
            once(cost.operationsOnce, NumberFormat.prefixed),
            Table.Cell(NumberFormat.count(cost.tokensPerQuery)),
            Table.Cell(NumberFormat.digits(1000 * cost.secondsPerQuery)),
            Table.Cell(NumberFormat.digits(1000 * cost.secondsPerQueryKept)),
            Table.Cell(NumberFormat.prefixed(cost.operationsPerQuery)),
          ])
      })
    let order = results.arms(dataset)
    let evens = results.breakEvens.filter { $0.dataset == dataset }
      .sorted { (order.firstIndex(of: $0.arm) ?? 0) < (order.firstIndex(of: $1.arm) ?? 0) }
    let shown = Self.shownArms(costs)
    sentences = evens.filter { shown.contains($0.arm) }.map(Self.sentence)
    chart = Self.chart(
      dataset, shown.compactMap { arm in costs.first { $0.arm == arm } }, evens,
      sentences: sentences, id: anchor)
    func number(_ queries: Double?) -> Table.Cell {
      Table.Cell(queries.map { NumberFormat.count($0.rounded(.up)) } ?? "never")
    }
    evenTable =
      evens.isEmpty
      ? nil
      : Table(
        caption: "\(dataset): queries from which on training is cheaper than reading",
        head: ["arm", "by seconds", "by FLOPs", "by seconds, prompt kept"],
        rows: evens.map { even in
          Table.Row(
            name: even.arm,
            cells: [
              number(even.queries), number(even.queriesByOperations), number(even.queriesKept),
            ])
        })
  }

  /// In context, fine-tuned, and an augmented arm.
  private static func shownArms(_ costs: [Results.Cost]) -> [String] {
    let names = costs.map(\.arm)
    let augmented = [.augmented] + Arm.all.filter { $0.facts == .inferences && !$0.isMisled }
    let shown = [.inContext, .fineTuned] + [augmented.first { names.contains($0.name) }]
    return names.filter { name in shown.contains { $0?.name == name } }
  }

  private static func sentence(_ even: Results.BreakEven) -> String {
    guard let queries = even.queries else {
      return "\(even.arm) is never cheaper: reading the facts is not more expensive than asking it."
    }
    let kept =
      even.queriesKept.map { "from \(NumberFormat.count($0.rounded(.up))) on" } ?? "never"
    return "\(even.arm) is cheaper than reading the facts for every query from "
      + "\(NumberFormat.count(queries.rounded(.up))) queries on; where the prompt is read once and kept, "
      + "\(kept)."
  }

  private static func words(_ cost: Results.Cost) -> String {
    "\(cost.arm): \(NumberFormat.digits(cost.secondsOnce)) seconds once and "
      + "\(NumberFormat.digits(1000 * cost.secondsPerQuery)) milliseconds per query."
  }

  /// Total seconds against queries, both in powers of ten; nil where there is no arm.
  private static func chart(
    _ dataset: String, _ costs: [Results.Cost], _ evens: [Results.BreakEven],
    sentences: [String], id: String
  ) -> String? {
    guard !costs.isEmpty else { return nil }
    func total(_ cost: Results.Cost, _ queries: Double) -> Double {
      max(1e-6, cost.secondsOnce + queries * cost.secondsPerQuery)
    }
    let reading = costs.first { $0.arm == Arm.inContext.name }
    let crossings = evens.compactMap { even in
      even.queries.flatMap { queries in
        costs.contains { $0.arm == even.arm } && queries.isFinite && queries <= 1e9
          ? max(1, queries) : nil
      }
    }
    let last = pow(10, max(4, log10(10 * (crossings.max() ?? 1)).rounded(.up)))
    let totals = costs.flatMap { [total($0, 1), total($0, last)] }
    let bottom = pow(10, log10(totals.min() ?? 1).rounded(.down))
    let top = pow(10, log10(totals.max() ?? 1).rounded(.up))
    let steps = (0...60).map { pow(last, Double($0) / 60) }
    return LineChart(
      title: "\(dataset): seconds in all against the number of queries",
      description: (costs.map(words) + sentences).joined(separator: " "),
      heading: "break-even", xName: "queries", yName: "seconds in all", xKind: .logarithmic,
      yKind: .logarithmic,
      xDomain: 1...last, yDomain: bottom...max(top, 10 * bottom),
      lines: costs.map { cost in
        let place = FactLocation(arm: cost.arm)
        return LineChart.Line(
          name: cost.arm, kind: place.kind, marker: place.marker,
          points: steps.map { ($0, total(cost, $0)) }, isMarked: false)
      },
      highlights: reading.map { reading in
        crossings.map { queries in
          LineChart.Highlight(
            x: queries, y: total(reading, queries), text: NumberFormat.count(queries.rounded(.up)))
        }
      } ?? []
    ).svg(id: id + "-even")
  }
}
