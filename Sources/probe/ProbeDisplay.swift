import Corpora
import Foundation
import Study
import Support
import Synchronization

/// Progress on standard error: a line for each finished arm, and below it, on a terminal, what the
/// running arms do. Elsewhere that is written once a minute.
final class ProbeDisplay: Sendable {
  private let isQuiet: Bool
  private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  private typealias Phase = (
    phase: ArmProgress.Phase, start: ContinuousClock.Instant, last: ContinuousClock.Instant
  )

  private struct State {
    /// The phase of each running arm, when it began, and when the arm was heard of last.
    var phases: [String: Phase] = [:]
    /// Seconds of the finished arms, by dataset and arm.
    var seconds: [String: [Double]] = [:]
    var finished = 0
    var total: Int
    var armsAtOnce = 1
    var lastWritten: ContinuousClock.Instant?

    init(total: Int = 0) { self.total = total }
  }

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func say(_ text: String) {
    if !isQuiet { write(text + "\n") }
  }

  /// Tells what will be run, for the estimates of time.
  func expect(arms: Int, atOnce: Int) {
    state.withLock { state in
      state.total = arms
      state.armsAtOnce = atOnce
    }
  }

  func show(_ progress: StudyRun.Progress) {
    if isQuiet { return }
    let line =
      "\(progress.finished) of \(progress.total)  "
      + Self.name(progress.dataset, progress.arm, progress.seed)
      + String(format: "  %.1f s", progress.seconds)
    state.withLock { state in
      state.finished = progress.finished
      state.phases[Self.name(progress.dataset, progress.arm, progress.seed)] = nil
      state.seconds["\(progress.dataset), \(progress.arm)", default: []].append(progress.seconds)
      state.lastWritten = nil
    }
    write(isTerminal ? "\r\u{1B}[K" + line + "\n" : line + "\n")
  }

  /// Shows what a running arm does, if something was not shown a moment ago.
  func show(_ activity: StudyRun.Activity) {
    if isQuiet { return }
    let now = ContinuousClock.now
    let name = Self.name(activity.dataset, activity.arm, activity.seed)
    let line = state.withLock { state -> String? in
      if let known = state.phases[name] {
        // A phase begins where the one before it was heard of last.
        let start = known.phase == activity.now.phase ? known.start : known.last
        state.phases[name] = (activity.now.phase, start, now)
      } else {
        state.phases[name] = (activity.now.phase, now - .seconds(activity.seconds), now)
      }
      let pause: Duration = isTerminal ? .milliseconds(250) : .seconds(60)
      guard now - (state.lastWritten ?? start) >= pause else { return nil }
      state.lastWritten = now
      var parts = [
        "\(activity.now.phase.rawValue) \(100 * activity.now.done / max(1, activity.now.total)) %"
      ]
      if let loss = activity.now.loss { parts.append(String(format: "loss %.3f", loss)) }
      if let left = armSeconds(activity, state, now) {
        parts.append("\(Self.time(left)) left of this arm")
      }
      if let left = totalSeconds(state) { parts.append("about \(Self.time(left)) in all") }
      return "\(name): " + parts.joined(separator: ", ")
    }
    guard let line else { return }
    write(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
  }

  /// Seconds that an arm will still take: what it took in another world, less what it has taken; or
  /// else what is left of its present phase, at its speed so far.
  private func armSeconds(
    _ activity: StudyRun.Activity, _ state: State, _ now: ContinuousClock.Instant
  ) -> Double? {
    if let known = state.seconds["\(activity.dataset), \(activity.arm)"] {
      return max(0, known.reduce(0, +) / Double(known.count) - activity.seconds)
    }
    let name = Self.name(activity.dataset, activity.arm, activity.seed)
    guard activity.now.done > 0, let begun = state.phases[name] else { return nil }
    let rest = Double(activity.now.total - activity.now.done) / Double(activity.now.done)
    return begun.start.duration(to: now) / .seconds(1) * rest
  }

  /// Seconds until the end of the study, if the arms that are left take as long as the mean of
  /// those that are finished.
  private func totalSeconds(_ state: State) -> Double? {
    let all = state.seconds.values.flatMap { $0 }
    guard !all.isEmpty, state.total > state.finished else { return nil }
    return all.reduce(0, +) / Double(all.count) * Double(state.total - state.finished)
      / Double(state.armsAtOnce)
  }

  private static func name(_ dataset: String, _ arm: String, _ seed: UInt64) -> String {
    let unit = Dataset(named: dataset) == nil ? "seed" : "world"
    return "\(dataset), \(arm), \(unit) \(seed)"
  }

  private static func time(_ seconds: Double) -> String {
    seconds < 90 ? "\(Int(seconds.rounded())) s" : "\(Int((seconds / 60).rounded())) min"
  }

  func finish() {
    if isTerminal && !isQuiet { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    StandardStreams.report(text)
  }
}
