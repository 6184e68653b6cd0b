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

  /// What is known of an arm that is running.
  private struct Running {
    var last: ContinuousClock.Instant
    /// Seconds spent in each phase, and how far it has come, since it began.
    var phases: [ArmProgress.Phase: (seconds: Double, done: Int)] = [:]
  }

  private struct State {
    var running: [String: Running] = [:]
    /// Seconds of the finished arms, by dataset and arm.
    var seconds: [String: [Double]] = [:]
    var finished = 0
    var total = 0
    var armsAtOnce = 1
    var lastWritten: ContinuousClock.Instant?
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
      state.finished = max(state.finished, progress.finished)
      state.running[Self.name(progress.dataset, progress.arm, progress.seed)] = nil
      state.seconds["\(progress.dataset), \(progress.arm)", default: []].append(progress.seconds)
      if isTerminal { state.lastWritten = nil }
    }
    write(isTerminal ? "\r\u{1B}[K" + line + "\n" : line + "\n")
  }

  /// Shows what a running arm does, if something was not shown a moment ago.
  func show(_ activity: StudyRun.Activity) {
    if isQuiet { return }
    let now = ContinuousClock.now
    let name = Self.name(activity.dataset, activity.arm, activity.seed)
    let line = state.withLock { state -> String? in
      note(activity, name, now, &state)
      let pause: Duration = isTerminal ? .milliseconds(250) : .seconds(60)
      guard now - (state.lastWritten ?? start) >= pause else { return nil }
      state.lastWritten = now
      var parts = [
        "\(activity.now.phase.rawValue) \(100 * activity.now.done / max(1, activity.now.total)) %"
      ]
      if let loss = activity.now.loss { parts.append(String(format: "loss %.3f", loss)) }
      if let left = armSeconds(activity, state) {
        parts.append("\(Self.time(left)) left")
      }
      if let left = totalSeconds(state) { parts.append("about \(Self.time(left)) to the end") }
      return "\(name): " + parts.joined(separator: ", ")
    }
    guard let line else { return }
    write(isTerminal ? "\r\u{1B}[K" + String(line.prefix(Self.columns - 1)) : line + "\n")
  }

  /// The width of the terminal; a longer line would not be cleared as a whole.
  private static var columns: Int {
    var size = winsize()
    let status = ioctl(FileHandle.standardError.fileDescriptor, UInt(TIOCGWINSZ), &size)
    return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Adds the time since the arm was heard of last to the phase that it is in. A phase that begins
  /// again, such as for the next prompt, has no past.
  private func note(
    _ activity: StudyRun.Activity, _ name: String, _ now: ContinuousClock.Instant,
    _ state: inout State
  ) {
    let phase = activity.now.phase
    var arm =
      state.running[name] ?? Running(last: now - .seconds(activity.seconds))
    var spent = arm.phases[phase] ?? (0, 0)
    if activity.now.done < spent.done { spent = (0, 0) }
    spent.seconds += arm.last.duration(to: now) / .seconds(1)
    spent.done = activity.now.done
    arm.phases[phase] = spent
    arm.last = now
    state.running[name] = arm
  }

  /// Seconds that an arm will still take: what it took in another world, less what it has taken; or
  /// else what is left of its present phase, at its speed so far.
  private func armSeconds(_ activity: StudyRun.Activity, _ state: State) -> Double? {
    if let known = state.seconds["\(activity.dataset), \(activity.arm)"] {
      return max(0, known.reduce(0, +) / Double(known.count) - activity.seconds)
    }
    let name = Self.name(activity.dataset, activity.arm, activity.seed)
    guard activity.now.done > 0, let spent = state.running[name]?.phases[activity.now.phase]
    else { return nil }
    return spent.seconds * Double(activity.now.total - activity.now.done)
      / Double(activity.now.done)
  }

  /// Seconds until the end of the study, if the arms that are left take as long as the mean of
  /// those that are finished. Nothing is known before one that trains is finished, since the short
  /// ones come first.
  private func totalSeconds(_ state: State) -> Double? {
    let all = state.seconds.values.flatMap { $0 }
    let knowsTraining = state.seconds.keys.contains { name in
      name.split(separator: ", ").last.flatMap { Arm.named(String($0)) }?.trains == true
    }
    guard knowsTraining, state.total > state.finished else { return nil }
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
