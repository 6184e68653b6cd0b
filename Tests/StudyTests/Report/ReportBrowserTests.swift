import Foundation
import Testing

@testable import Study
@testable import StudyReport

/// Tests of the page in a browser; skipped where there is no Chromium.
@Suite("The study's page in a browser", .enabled(if: Browser.path != nil), .serialized)
struct ReportBrowserTests {
  @Test(.timeLimit(.minutes(3)))
  func `nothing is wider than the page`() throws {
    let page = try Report(ReportFixture.whole).html()
    // Windows have a minimum width, frames have none. Each frame reports how far its page reaches
    // beyond it, first as loaded and then with all details open.
    let widths = [360, 390, 800, 1200]
    let frames = widths.map { width in
      """
      <iframe style="width:\(width)px;height:700px;border:0" srcdoc="\(Markup.escape(page))"></iframe>
      """
    }
    let host = """
      <!DOCTYPE html><html><body>\(frames.joined())<script>
      addEventListener("load", () => {
        const reach = (root) => root.scrollWidth - root.clientWidth;
        const found = [...document.querySelectorAll("iframe")].map((frame) => {
          const root = frame.contentDocument.documentElement;
          const closed = reach(root);
          frame.contentDocument.querySelectorAll("details").forEach((d) => { d.open = true; });
          return closed + "," + reach(root) + "," +
            frame.contentDocument.querySelectorAll("svg[role=img]").length;
        });
        document.body.innerHTML = "<p id=found>" + found.join(" ") + "</p>";
      });
      </script></body></html>
      """
    let document = try Browser.document(of: host)
    let found = try #require(document.firstMatch(of: /<p id="found">([^<]*)<\/p>/)).1
    let drawings = page.components(separatedBy: "role=\"img\"").count - 1
    #expect(found == widths.map { _ in "0,0,\(drawings)" }.joined(separator: " "))
  }

  @Test(.timeLimit(.minutes(3)))
  func `the browser reads the elements that were written`() throws {
    let page = try Report(
      ReportFixture.results(
        datasets: [.reversal], seeds: [1, 2], model: "</style><script>x</script>",
        prompt: "<td>\"'")
    ).html()
    let document = try Browser.document(of: page)
    for tag in ["<section", "<svg", "<table", "<tr", "<td", "<th", "<details", "<figure", "<text"] {
      func count(_ text: String) -> Int { text.components(separatedBy: tag).count }
      #expect(count(document) == count(page), "\(tag)")
    }
    #expect(!document.contains("<script"))
  }
}

/// A Chromium that runs without a window.
enum Browser {
  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.flatMap { ["\($0)/chromium", "\($0)/chromium-browser", "\($0)/google-chrome"] }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// The document that it makes of a page, after the page's scripts.
  static func document(of page: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("recto-report-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("page.html")
    try Data(page.utf8).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
      "--user-data-dir=\(folder.path)/profile", "--window-size=1280,900", "--dump-dom",
      file.absoluteString,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
