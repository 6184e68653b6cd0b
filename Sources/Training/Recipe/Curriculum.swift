import Kernels
import Transformer

/// The data and learning rates of a run, stage by stage, as the trainer needs them: from a
/// pretraining recipe's mixtures, or from a user's documents.
struct Curriculum: Sendable {
  let stages: [Stage]
  /// Tokens between two lines of metrics and between two checkpoints.
  let metricsInterval, checkpointInterval: Int

  /// A part of the run with its own data and rates.
  struct Stage: Sendable {
    let name: String
    let steps: Int
    /// Tokens of all its steps.
    let tokens: Int
    /// Tokens of the longest row.
    let rowLength: Int
    /// Tokens that a worker runs at a time; a chunk that fits the cache is fast.
    var tokensPerChunk = 512
    /// Whether layers run twice to save memory; see `TrainingPass`.
    var recomputes = false
    /// How many layers are trained, the lowest first; nil: all.
    var layers: Int?
    /// Layers, counted from 1, that the layers above them repeat.
    var loop: ClosedRange<Int>?
    /// Floating-point operations of training on one token.
    let workPerToken: Double
    /// The factor on the learning rates at a step of the stage, counted from 0.
    let rateScale: @Sendable (_ step: Int) -> Float
    /// The data of a step of the stage; `firstRow` is the run's number of its first row.
    let data: @Sendable (_ step: Int, _ firstRow: UInt64, Share) -> StepData
  }

  /// The processes and workers among which a step's data is divided.
  struct Share: Sendable {
    let processes: ProcessGroup
    let workerCount: Int

    /// This process's part of `count` rows.
    func rows(of count: Int) -> Range<Int> {
      share(of: count, worker: processes.number, workerCount: processes.count)
    }
  }

  /// One step's data.
  struct StepData: Sendable {
    /// This process's rows.
    let batch: Batch
    /// Rows and tokens of all processes.
    let rows, tokens: Int
  }

  var totalTokens: Int { stages.reduce(0) { $0 + $1.tokens } }

  /// Floating-point operations of the rest of the run.
  func work(from state: TrainingState) -> Double {
    var sum = 0.0
    for (index, stage) in stages.enumerated() where index >= state.stage {
      let steps = stage.steps - (index == state.stage ? state.stepInStage : 0)
      sum += Double(steps) / Double(max(1, stage.steps)) * Double(stage.tokens) * stage.workPerToken
    }
    return sum
  }
}
