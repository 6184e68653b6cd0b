import Corpora
import Foundation
import Study
import Support

/// Progress on standard error.
struct ProbeDisplay: Sendable {
  let isQuiet: Bool
  private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func say(_ text: String) {
    if !isQuiet { write(text + "\n") }
  }

  func show(_ progress: StudyRun.Progress) {
    if isQuiet { return }
    let unit = Dataset(named: progress.dataset) == nil ? "seed" : "world"
    let line =
      "\(progress.finished) of \(progress.total)  \(progress.dataset), \(progress.arm), \(unit) "
      + "\(progress.seed)" + String(format: "  %.1f s", progress.seconds)
    write(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
  }

  func finish() {
    if isTerminal && !isQuiet { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    StandardStreams.report(text)
  }
}
