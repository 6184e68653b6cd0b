import ArgumentParser
import Foundation
import Kernels
import Support
import Training

/// What pretraining and fine-tuning have in common: they join the other processes, train until the
/// end or an interruption, and report it.
struct TrainingCommand {
  let processes: ProcessGroup
  let display: TrainingDisplay
  private let began = ContinuousClock.now

  /// Runs `body` together with the other processes of `mpirun`, if there are any.
  static func joined(isQuiet: Bool, _ body: (TrainingCommand) throws -> Void) throws {
    StandardStreams.prepare()
    try OpenFileLimit.check()
    let processes = ProcessGroup.join()
    do {
      try body(
        TrainingCommand(
          processes: processes, display: TrainingDisplay(isQuiet: isQuiet || !processes.isFirst)))
    } catch let code as ExitCode {
      processes.leave()
      throw code
    } catch  where processes.count > 1 {
      // The other processes would otherwise wait for this one.
      TrainingDisplay(isQuiet: false)
        .say("rank \(processes.number): \(Train.fullMessage(for: error))")
      processes.abort(code: Train.exitCode(for: error).rawValue)
    }
    processes.leave()
  }

  private init(processes: ProcessGroup, display: TrainingDisplay) {
    (self.processes, self.display) = (processes, display)
  }

  /// Trains to the end and prints where the model is.
  ///
  /// - Throws: `ExitCode` 130 where the run was interrupted.
  func run(
    _ trainer: Trainer, until goal: InContextProbe.Goal? = nil, writesEvents: Bool
  ) throws {
    let adapter = trainer.adapter.map { "\($0.parameters.count) of them in the trained adapter, " }
    display.say(
      "\(trainer.model.parameterCount + (trainer.adapter?.parameters.count ?? 0)) parameters, "
        + (adapter ?? "") + "\(trainer.totalTokens) tokens, "
        + (processes.count > 1 ? "\(processes.count) processes of " : "")
        + "\(trainer.workerCount) workers, run folder \(trainer.folder.url.relativePath)")
    let hasEnded = trainer.state.step == trainer.stepCount
    if hasEnded {
      let model = trainer.folder.model.relativePath
      display.say(
        "this run has ended after \(trainer.stepCount) steps; to train further, "
          + (trainer.recipe == nil
            ? "use train finetune --model \(model), or train --resume "
              + "\(trainer.folder.url.relativePath) with more --epochs"
            : "use train --start \(model)"))
    }
    let interrupt = Interrupt()
    var losses: (first: Double, last: Double)?
    let finished = try trainer.run(
      until: goal, writesEvents: writesEvents, shouldStop: { interrupt.isRequested },
      report: { progress in
        losses = (losses?.first ?? progress.loss, progress.loss)
        display.show(progress)
      })
    display.finish()
    // A run too short for a gradient to be called a spike can diverge too.
    if let losses, losses.last > losses.first {
      display.say(
        String(
          format: "Warning: the loss rose from %.3f to %.3f; lower the learning rate", losses.first,
          losses.last))
    }
    if !finished {
      display.say(
        "stopped; resume with: "
          + (processes.count > 1 ? "mpirun -n \(processes.count) train" : "swift run train")
          + " --resume \(trainer.folder.url.relativePath)"
          + (goal.map { " --until \"\($0.task.name)=\($0.accuracy)\"" } ?? ""))
      throw ExitCode(130)
    }
    guard processes.isFirst else { return }
    let seconds = began.duration(to: .now) / .seconds(1)
    display.say(
      "\(trainer.state.tokens) tokens in \(Int(seconds.rounded())) s, "
        + "\(Int(trainer.state.seconds.rounded())) s of them training; "
        + "peak memory \(Processor.peakMemory >> 20) MB; "
        + (trainer.adapter == nil
          ? "the model is in"
          : "the adapter is in \(trainer.folder.adapter.relativePath), the merged model in"))
    try StandardStreams.printResult(trainer.folder.model.relativePath)
  }

  /// "runs/DATE"
  static func defaultFolder() -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd-HHmmss"
    return "runs/" + format.string(from: Date())
  }
}
