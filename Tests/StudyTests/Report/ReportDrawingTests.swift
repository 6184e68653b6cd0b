import Foundation
import Testing

@testable import Study
@testable import StudyReport

@Suite("The parts of the page's drawings")
struct ReportDrawingTests {
  @Test func `linear scales have round ticks`() {
    let scale = Scale(.linear, 0...1, 100, 0)
    #expect(scale(0) == 100 && scale(0.25) == 75 && scale(1) == 0 && scale(7) == 0)
    #expect(scale.ticks().map(NumberFormat.tick) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    #expect(Scale(.linear, 0...500, 0, 1).ticks(4) == [0, 200, 400])
    #expect(Scale(.linear, 3...3, 0, 10).ticks() == [3])
    #expect(Scale(.linear, 3...3, 0, 10)(3) == 5)
  }

  @Test func `logarithmic scales have ticks at powers of ten`() {
    let scale = Scale(.logarithmic, 0.01...1000, 0, 50)
    #expect(scale.ticks().map(NumberFormat.tick) == ["0.01", "0.1", "1", "10", "100", "1k"])
    #expect(abs(scale(1) - 20) < 1e-9)
    #expect(Scale(.logarithmic, 0...0, 0, 1)(0).isFinite)
    #expect(Scale(.logarithmic, 1...1e9, 0, 1).ticks(5).count == 5)
  }

  @Test(arguments: [
    (0.0124, "0.0124"), (1.1, "1.10"), (71.6, "71.6"), (434_071, "434,071"), (0, "0"),
    (-3.25, "−3.25"), (.infinity, "∞"), (.nan, "–"),
  ])
  func `numbers have three digits`(_ value: Double, _ text: String) {
    #expect(NumberFormat.digits(value) == text)
  }

  @Test func `differences have a sign`() {
    #expect(NumberFormat.signed(0.51) == "+0.510")
    #expect(NumberFormat.signed(-0.04) == "−0.040")
    #expect(NumberFormat.signed(-0.0) == "+0.000" && NumberFormat.signed(-1e-12) == "+0.000")
  }

  @Test func `large numbers have prefixes`() {
    #expect(NumberFormat.prefixed(3.4e12) == "3.40 T")
    #expect(NumberFormat.prefixed(7.5e7) == "75.0 M")
    #expect(NumberFormat.prefixed(5.9e11) == "590 G")
  }

  @Test func `times have hours, minutes and seconds`() {
    #expect(NumberFormat.duration(12.34) == "12.3 s")
    #expect(NumberFormat.duration(216) == "3 min 36 s")
    #expect(NumberFormat.duration(5423) == "1 h 30 min")
  }

  @Test func `names at the ends of lines do not cover each other`() throws {
    let chart = LineChart(
      title: "t", description: "d", heading: "h", xName: "x", yName: "y", xKind: .linear,
      yKind: .linear, xDomain: 0...1, yDomain: 0...1,
      lines: (0..<5).map { number in
        LineChart.Line(
          name: "line\(number)", kind: "", marker: Marker.allCases[number],
          points: [(0, 0), (1, 0.01 * Double(number))])
      }, levels: [(0, "chance")])
    let svg = chart.svg(id: "c")
    let places = svg.matches(of: /y="([0-9.]+)">line/).compactMap { Double($0.1) }
    #expect(places.count == 5)
    for (a, b) in zip(places.sorted(), places.sorted().dropFirst()) { #expect(b - a > 13) }
  }

  @Test func `a value that is not a number gives no such coordinate`() {
    let chart = BarChart(
      title: "t", heading: "h", chance: 0.5,
      bars: [.init(name: "a", kind: "k", value: .nan, interval: nil)])
    let svg = chart.svg(id: "c")
    #expect(!svg.contains("\"nan\"") && !svg.contains("\"inf\""))
  }
}
