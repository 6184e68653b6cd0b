import ArgumentParser
import Foundation
import Study
import StudyReport
import Support

/// `probe report`: the results of an earlier run, as tables or as a page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Print the results of an earlier run as tables, or as a page.",
    discussion: """
      Reads the results.json that --output wrote, and runs no model. docs/results.md is made with

        probe report docs/study/results.json --format markdown --output docs/results.md
      """)

  /// The form in which results are printed.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case table, markdown, html
  }

  @Argument(help: "A folder that --output wrote, or its results.json.", completion: .directory)
  var results: String

  @Option(
    help: """
      table: what probe prints; markdown: every table on one page; html: the page with its charts.
      """)
  var format = Form.table

  @Option(help: "The file to write to instead of standard output.", completion: .file())
  var output: String?

  func run() throws {
    StandardStreams.prepare()
    let results = try Results.read(URL(fileURLWithPath: results))
    let text: String
    switch format {
    case .table: text = try results.text(.table) + "\n"
    case .markdown: text = ResultsDocument(results).markdown()
    case .html: text = try Report(results).html()
    }
    if let output {
      try AtomicFile.write(Data(text.utf8), to: URL(fileURLWithPath: output))
    } else {
      try StandardStreams.writeResult(text)
    }
  }
}
