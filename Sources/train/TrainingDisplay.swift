import Corpora
import Foundation
import Support
import Training

/// Progress on standard error: one line that is redrawn on a terminal, a line per log entry
/// elsewhere.
struct TrainingDisplay {
  let isQuiet: Bool
  private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func say(_ text: String) {
    if !isQuiet { write(text + "\n") }
  }

  func show(_ progress: Trainer.Progress) {
    if let spike = progress.spike, !isQuiet {
      finish()
      say(
        String(
          format: "step %d: the gradient norm is %.3g, %.0f times its median of %.3g", spike.step,
          spike.gradientNorm, spike.gradientNorm / spike.median, spike.median))
    }
    if isQuiet || !(isTerminal || progress.isLogged) { return }
    let state = progress.state
    let share = min(1, Double(state.tokens) / Double(max(1, progress.totalTokens)))
    // "reversal .99 1.0": the tasks of a dataset side by side.
    let accuracies = Dataset.all.compactMap { dataset in
      let own = progress.accuracies.filter { $0.task.dataset == dataset }
        .map { String(format: "%.2f", $0.value) }
      return own.isEmpty ? nil : ([dataset.name] + own).joined(separator: " ")
    }
    let line = [
      bar(share), String(format: "%3.0f%%", 100 * share), progress.stageName,
      String(format: "loss %.3f", progress.loss),
      String(format: "%.1fk tokens/s", progress.tokensPerSecond / 1000),
      "left \(duration(progress.secondsLeft))",
      accuracies.joined(separator: ", "),
    ].filter { !$0.isEmpty }.joined(separator: "  ")
    write(
      isTerminal
        ? "\r\u{1B}[K" + line : "\(state.tokens) of \(progress.totalTokens) tokens  " + line + "\n")
  }

  func finish() {
    if isTerminal && !isQuiet { write("\n") }
  }

  private func bar(_ share: Double) -> String {
    let width = 20
    let filled = Int(share * Double(width))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  private func duration(_ seconds: Double) -> String {
    // The seconds of a state file can be any number.
    guard seconds < 1e9 else { return "–" }
    let seconds = Int(seconds)
    return seconds >= 3600
      ? String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
      : String(format: "%d:%02d", seconds / 60, seconds % 60)
  }

  private func write(_ text: String) {
    StandardStreams.report(text)
  }
}
