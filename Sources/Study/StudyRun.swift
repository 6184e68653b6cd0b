import Corpora
import Foundation
import Kernels
import Synchronization
import Tokenization
import Transformer

/// Every arm on every world of every dataset: the comparison itself.
public struct StudyRun: Sendable {
  public var datasets: [Dataset]
  public var arms: [Arm]
  /// One world a seed, the same worlds for every arm.
  public var seeds: [UInt64]
  /// The size of the worlds in the datasets' own units; their standard sizes where nil.
  public var size: Int?
  /// The user's own documents and questions, to be run beside the datasets.
  public var userWorld: DocumentWorld?
  public var groupsPerPrompt: Int?
  public var fineTuning = FineTuning()
  public var augmentation = Augmentation()
  public var workerCount: Int
  /// The points of the dose curve, in samples a fact.
  public var doses: [Int] = []

  public init(
    datasets: [Dataset], arms: [Arm] = Arm.all, seeds: [UInt64],
    workerCount: Int = Processor.current.coreCount
  ) {
    self.datasets = datasets
    self.arms = arms
    self.seeds = seeds
    self.workerCount = workerCount
  }

  /// One arm on one world.
  public struct Outcome: Codable, Sendable {
    public var dataset: String
    public var arm: String
    public var seed: UInt64
    public var samples: [Sample]
    public var tokensTrained: Int
    public var tokensWritten: Int
    public var secondsTrain: Double
    public var operationsTrain: Double
    public var tokensPerQuery: Double
    public var secondsPerQuery: Double
    public var secondsPerQueryKept: Double
    public var operationsPerQuery: Double
    public var augmentation: AugmentationReport?
    public var curve: [CurvePoint]
    /// The facts that stand in one prompt, of how many.
    public var factsPerPrompt: Double
    public var facts: Int
    /// The samples a fact where it is a point of the dose curve.
    public var dose: Int?
  }

  public struct Progress: Sendable {
    public var finished: Int
    public var total: Int
    public var dataset: String
    public var arm: String
    public var seed: UInt64
    public var seconds: Double
  }

  /// Runs every arm on every world, as many at a time as there are workers.
  ///
  /// Each runs on one thread with random numbers of its own, so results do not depend on the order.
  ///
  /// - Parameter journal: keeps what is finished; what it has from an earlier run is not run again.
  /// - Throws: `CorpusError` or `WorldTooSmall` before any arm runs; what an arm throws:
  ///   `PromptTooLong` or `TrainingError`; `FileError` of the journal.
  public func outcomes(
    _ model: Model, _ tokenizer: Tokenizer, journal: StudyJournal? = nil,
    report: @Sendable (Progress) -> Void = { _ in }
  ) throws -> [Outcome] {
    let trials = try trials(model, tokenizer)
    let arms = arms + doses.map(Arm.augmented)
    let jobs = arms.indices.flatMap { arm in trials.indices.map { (arm: arm, trial: $0) } }
    try journal?.check(isOf: jobs.map { (arms[$0.arm], trials[$0.trial]) })
    let kept = try jobs.map { try journal?.outcome(arms[$0.arm], trials[$0.trial]) }
    let order = order(of: jobs, arms).filter { kept[$0] == nil }
    let left = Mutex(
      trials.indices.map { trial in order.count { jobs[$0].trial == trial } })
    let next = Atomic(0)
    let finished = Atomic(jobs.count - order.count)
    let parts = try concurrently(workerCount: workerCount) { _ in
      var results: [(job: Int, outcome: Outcome)] = []
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < order.count else { return results }
        let job = jobs[order[number]]
        let start = ContinuousClock.now
        let outcome: Outcome
        do {
          outcome = try run(arms[job.arm], trials[job.trial])
          try journal?.keep(outcome, trials[job.trial])
        } catch {
          // The other workers finish what they are at and take nothing more.
          next.store(order.count, ordering: .relaxed)
          throw error
        }
        results.append((order[number], outcome))
        let isLast = left.withLock { left in
          left[job.trial] -= 1
          return left[job.trial] == 0
        }
        if isLast { trials[job.trial].forget() }
        report(
          Progress(
            finished: finished.wrappingAdd(1, ordering: .relaxed).newValue, total: jobs.count,
            dataset: outcome.dataset, arm: outcome.arm, seed: outcome.seed,
            seconds: start.duration(to: .now) / .seconds(1)))
      }
    }
    let made = Dictionary(uniqueKeysWithValues: parts.joined().map { ($0.job, $0.outcome) })
    return jobs.indices.compactMap { kept[$0] ?? made[$0] }
  }

  /// The order in which jobs are taken.
  ///
  /// Arms that only read come first: they are short, and if the facts do not fit the context, that
  /// is told at once and not after the others' training. Then as many worlds at a time as there are
  /// workers go through the arms that train, so that no more fine-tuned models are kept than that,
  /// and nobody waits for what another arm of the same world is making.
  private func order(of jobs: [(arm: Int, trial: Int)], _ arms: [Arm]) -> [Int] {
    let training = jobs.indices.filter { arms[jobs[$0].arm].trains }
    return jobs.indices.filter { !arms[jobs[$0].arm].trains }
      + Dictionary(grouping: training) { jobs[$0].trial / workerCount }
      .sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// Every world of every dataset, ready for the arms.
  private func trials(_ model: Model, _ tokenizer: Tokenizer) throws -> [Trial] {
    var trials = try datasets.flatMap { dataset in
      try seeds.map { seed in
        let trial = trial(
          try dataset.world(seed: seed, size: size), seed: seed, model, tokenizer)
        guard !trial.questions.isEmpty else {
          throw WorldTooSmall(
            description: "world \(seed) of \(dataset.name) is too small to ask a question about; "
              + "it needs more \(dataset.units)")
        }
        return trial
      }
    }
    if let userWorld {
      trials += seeds.map { trial(userWorld, seed: $0, model, tokenizer) }
    }
    return trials
  }

  private func trial(
    _ world: any World, seed: UInt64, _ model: Model, _ tokenizer: Tokenizer
  ) -> Trial {
    Trial(
      world: world, seed: seed, model: model, tokenizer: tokenizer, fineTuning: fineTuning,
      augmentation: augmentation, groupsPerPrompt: groupsPerPrompt)
  }

  private func run(_ arm: Arm, _ trial: Trial) throws -> Outcome {
    let prepared = try arm.prepare(trial)
    let result = try Scoring(arm: arm.name, trial: trial).run(prepared)
    let blocks = arm.name == Arm.inContext.name ? try trial.blocks().count : 1
    return Outcome(
      dataset: trial.world.dataset, arm: arm.name, seed: trial.seed, samples: result.samples,
      tokensTrained: prepared.tokensTrained, tokensWritten: prepared.tokensWritten,
      secondsTrain: prepared.secondsTrain, operationsTrain: prepared.operationsTrain,
      tokensPerQuery: result.cost.tokens, secondsPerQuery: result.cost.seconds,
      secondsPerQueryKept: result.cost.secondsKept, operationsPerQuery: result.cost.operations,
      augmentation: prepared.augmentation, curve: prepared.curve,
      factsPerPrompt: Double(trial.world.factCount) / Double(blocks),
      facts: trial.world.factCount, dose: arm.dose)
  }
}

/// A world so small that there are not enough wrong choices for any question.
public struct WorldTooSmall: Error, CustomStringConvertible {
  public let description: String
}
