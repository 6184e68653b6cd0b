import Corpora
import Foundation
import Testing

@testable import Study
@testable import StudyReport

@Suite("The study's page")
struct ReportTests {
  @Test func `the page shows every number of every arm on every split`() throws {
    let results = ReportFixture.whole
    let page = try Report(results).html()
    #expect(!results.kinds.isEmpty)
    for section in results.datasets.map({ AccuracySection(results, $0) }) {
      let own = results.rows.filter { $0.dataset == section.dataset }
      let numbers = section.numbers.flatMap { table in table.rows.map { (table.caption, $0) } }
      #expect(numbers.count == own.count)
      for row in own {
        let (_, cells) = try #require(
          numbers.first {
            $0.hasPrefix("\(row.dataset), \(row.split.rawValue):") && $1.name == row.arm
          })
        #expect(
          cells.cells.map(\.text) == [
            NumberFormat.accuracy(row), NumberFormat.interval(row),
            NumberFormat.share(row.accuracyNormalized),
            NumberFormat.share(row.accuracyCorrected),
          ])
        let line = cells.cells.map { "<td>\($0.text)</td>" }.joined()
        #expect(page.contains("<th scope=\"row\">\(row.arm)</th>\(line)"))
      }
      #expect(page.contains("id=\"\(section.anchor)\""))
      let kinds = results.kinds.filter { $0.dataset == section.dataset }
      #expect(section.kinds.count == Set(kinds.map(\.split)).count)
      for kind in kinds {
        let table = try #require(
          section.kinds.first { $0.caption.hasPrefix("\(kind.dataset), \(kind.split.rawValue):") })
        let column = try #require(table.head.firstIndex(of: "\(kind.kind) (\(kind.questions))"))
        let row = try #require(table.rows.first { $0.name == kind.arm })
        #expect(
          row.cells[column - 1].text == NumberFormat.accuracy(kind.accuracy, error: kind.stderr))
        #expect(page.contains("<caption>\(table.caption)</caption>"))
      }
    }
  }

  @Test func `arms are in the order of the tables`() throws {
    // They are run in another order.
    let results = ReportFixture.results(
      datasets: [.reversal], arms: [.augmented, .inContext, .pretrained], seeds: [1, 2])
    let page = Page(results)
    let order = ["pretrained", "in-context", "augmented"]
    #expect(page.glance.glanceTable.rows.map(\.name) == order + ["chance"])
    #expect(page.costs[0].costTable.rows.map(\.name) == order)
    #expect(page.accuracies[0].numbers[0].rows.map(\.name) == order)
    #expect(Array(page.exampleSets[0].examples[0].mainTable.head.dropFirst()) == order)
  }

  @Test func `the page is well-formed, and its drawings have descriptions`() throws {
    let results = ReportFixture.whole
    let page = try ParsedPage(try Report(results).html())
    #expect(page.drawings.count > 30)
    for drawing in page.drawings {
      #expect(drawing.role == "img")
      #expect(!drawing.title.isEmpty)
      #expect(!drawing.description.isEmpty)
      #expect(drawing.labels.count == 2 && drawing.labels.allSatisfy(page.ids.contains))
    }
    #expect(Set(page.ids).count == page.ids.count)
    // A screen reader reads a drawing's numbers.
    for row in results.rows {
      let drawing = page.drawings.first {
        $0.title == "\(row.dataset), \(row.split.rawValue): accuracy of each arm"
      }
      #expect(
        drawing?.description.contains("\(row.arm) \(NumberFormat.share(row.accuracy))") == true)
    }
  }

  @Test func `the page loads nothing`() throws {
    let html = try Report(ReportFixture.whole).html()
    let page = try ParsedPage(html)
    #expect(page.elements.isDisjoint(with: ["script", "link", "img", "iframe", "object", "use"]))
    #expect(page.sources.isEmpty)
    for link in page.links {
      #expect(
        link.hasPrefix("https://arxiv.org/") || page.ids.contains(String(link.dropFirst())),
        "\(link) leads nowhere")
    }
    #expect(!html.contains("@import"))
    for part in html.components(separatedBy: "url(").dropFirst() {
      #expect(page.ids.contains(String(part.dropFirst().prefix { $0 != ")" })))
    }
    #expect(html.contains("default-src 'none'"))
  }

  @Test(arguments: [
    "</title><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='x",
    "{{title}}", "a < b && c > d", "&lt;", "\"\u{301} onload=\"x", "<\u{338}b>", "]]>", "\0",
  ])
  func `hostile text stays text`(_ hostile: String) throws {
    var results = ReportFixture.results(
      datasets: [.reversal], arms: [.fineTuned, .inContext], seeds: [1], model: hostile,
      command: "probe --model \(hostile)", prompt: hostile)
    results.findings[0].evidence = hostile
    for index in results.examples.indices { results.examples[index].choices[0] = hostile }
    let page = try ParsedPage(try Report(results).html())
    let shown = hostile.replacing("\0", with: "\u{FFFD}")
    #expect(page.text.contains("swift run probe --model \(shown)"))
    #expect(page.text.contains("\(shown), 1,246,080 parameters"))
    #expect(page.elements.isDisjoint(with: ["script", "img", "b"]))
    #expect(page.handlers.isEmpty)
  }

  @Test func `hostile names stay text inside drawings`() throws {
    var results = ReportFixture.results(
      datasets: [.reversal], arms: [.fineTuned, .inContext], seeds: [1, 2])
    let hostile = "<script>\"'&\u{301}"
    for index in results.rows.indices { results.rows[index].arm = hostile }
    for index in results.costs.indices { results.costs[index].arm = hostile }
    let page = try ParsedPage(try Report(results).html())
    #expect(page.drawings.contains { $0.description.contains(hostile) })
    #expect(!page.elements.contains("script"))
  }

  @Test func `a single world has no intervals`() throws {
    let html = try Report(
      ReportFixture.results(datasets: [.reversal], seeds: [7])
    ).html()
    #expect(!html.contains("±<") && !html.contains("class=\"error\""))
    #expect(!html.contains("id=\"comparisons\""))
    #expect(html.contains("one world alone gives no intervals"))
    #expect(html.contains("undecided"))
    _ = try ParsedPage(html)
  }

  @Test(arguments: [
    ["pretrained"], ["in-context"], ["fine-tuned"], ["pretrained", "in-context-shuffled"],
    ["augmented-local", "in-context"],
  ])
  func `a page with few arms leaves sections out`(_ names: [String]) throws {
    var results = ReportFixture.results(
      datasets: [.syllogism], arms: Arm.all.filter { names.contains($0.name) }, seeds: [1, 2])
    results.augmentations = []
    results.findings = []
    results.examples = []
    results.curves = []
    let html = try Report(results).html()
    let page = try ParsedPage(html)
    for id in ["findings", "writing", "examples", "curves"] {
      #expect(!page.ids.contains(id))
      #expect(!page.links.contains("#" + id))
    }
    for link in page.links where link.hasPrefix("#") {
      #expect(page.ids.contains(String(link.dropFirst())))
    }
    for name in names { #expect(html.contains("<th scope=\"row\">\(name)</th>")) }
  }

  @Test func `a page without results is well-formed`() throws {
    let html = try Report(ReportFixture.results(datasets: [], arms: [], seeds: [])).html()
    _ = try ParsedPage(html)
  }

  @Test func `break-even points are stated in words`() throws {
    var results = ReportFixture.results(
      datasets: [.reversal], arms: [.fineTuned, .inContext, .augmented], seeds: [1, 2])
    #expect(
      CostSection(results, "reversal").sentences[0]
        == "fine-tuned is cheaper than reading the facts for every query from 138 queries on; "
        + "where the prompt is read once and kept, from 8,026 on.")
    for index in results.breakEvens.indices {
      results.breakEvens[index].queries = nil
      results.breakEvens[index].queriesKept = nil
      results.breakEvens[index].queriesByOperations = nil
    }
    let section = CostSection(results, "reversal")
    #expect(section.sentences.allSatisfy { $0.contains("never cheaper") })
    let cells = try #require(section.evenTable).rows.flatMap(\.cells)
    #expect(cells.allSatisfy { $0.text == "never" })
    #expect(section.chart?.contains("class=\"ring\"") == false)
  }

  /// Families are not a dataset of the paper, and the expectations about them are counted
  /// separately.
  @Test func `claims of the paper are counted separately`() throws {
    func finding(_ dataset: Dataset, _ agrees: Bool?, _ evidence: String = "0.5") -> Finding {
      Finding(dataset: dataset.name, claim: "it is", agrees: agrees, evidence: evidence)
    }
    var results = ReportFixture.results(datasets: [.reversal], seeds: [1])
    results.findings = [
      finding(.reversal, true), finding(.hierarchy, false), finding(.hierarchy, true),
      finding(.family, true), finding(.family, nil, "not run"),
    ]
    let section = try #require(FindingSection(results))
    #expect(
      section.sum
        == "Of its claims 2 agree and 1 differs. Of those expected of a dataset that it does not have "
        + "1 agrees and 1 not run.")
    #expect(section.groups.map { $0.remark == nil } == [true, true, false])
  }

  @Test func `differences in the opposite order change their sign`() throws {
    let results = ReportFixture.results(
      datasets: [.reversal], arms: [.fineTuned, .inContext, .augmented])
    let stored = try #require(
      results.comparisons.first { $0.arm == "in-context" && $0.split == .reversed })
    let section = try #require(ComparisonSection(results, "reversal"))
    let (minusTuned, minusReading) = (section.differences[0], section.differences[1])
    #expect(minusTuned.rows.map(\.name) == ["in-context", "augmented"])
    #expect(minusReading.rows.map(\.name) == ["fine-tuned", "augmented"])
    #expect(minusTuned.rows[0].cells[2].text.hasPrefix(NumberFormat.signed(stored.difference)))
    #expect(minusReading.rows[0].cells[2].text.hasPrefix(NumberFormat.signed(-stored.difference)))
    #expect(minusTuned.rows[0].cells[2].cellMark == "▲")
    #expect(minusReading.rows[0].cells[2].cellMark == "▼")
  }

  @Test func `examples mark the right answer and every pick`() throws {
    let results = ReportFixture.results(datasets: [.hierarchy], seeds: [1])
    let section = try #require(ExampleSection(results, "hierarchy"))
    #expect(section.examples.map(\.split) == ["deduced", "reversed", "holdout"])
    for example in section.examples {
      let main = example.mainTable
      let choices = main.rows.dropLast()
      #expect(choices.count == 4)
      #expect(choices.filter { $0.rowMark != nil }.count == 1)
      #expect(main.head == ["choice", "pretrained", "fine-tuned", "in-context", "augmented"])
      for arm in main.head.indices.dropLast() {
        let picks = choices.filter { $0.cells[arm].cellMark != nil }
        #expect(picks.count == 1)
        #expect(main.rows.last?.cells[arm].text == (picks[0].rowMark == nil ? "wrong" : "right"))
      }
      let others = try #require(example.otherTable)
      #expect(others.rows.count == Arm.all.count - 4)
      for row in others.rows {
        let pick = try #require(row.cells.firstIndex { $0.cellMark != nil })
        let isRight = others.head[pick + 1].hasPrefix("✓ ")
        #expect(row.cells.last?.text == (isRight ? "right" : "wrong"))
      }
    }
  }
}
