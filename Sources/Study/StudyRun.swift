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
  /// One world per seed, the same worlds for every arm.
  public var seeds: [UInt64]
  /// The size of the worlds in the datasets' own units; their standard sizes where nil.
  public var size: Int?
  /// The user's own documents and questions, to be run beside the datasets.
  public var userWorld: DocumentWorld?
  public var groupsPerPrompt: Int?
  /// The chat format that questions are asked in; nil for plain text.
  public var chat: Chat?
  public var fineTuning = FineTuning()
  public var augmentation = Augmentation()
  public var workerCount: Int
  /// The points of the dose curve, in samples per fact.
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
    public var cost: ArmCost
    public var augmentation: AugmentationReport?
    public var curve: [CurvePoint]
    /// The number of facts in one prompt, out of `facts`.
    public var factsPerPrompt: Double
    public var facts: Int
    /// The number of samples per fact, for a point of the dose curve.
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
  /// Each runs on one thread with its own random numbers, so results do not depend on the order.
  ///
  /// - Parameter journal: keeps finished outcomes; those of an earlier run are not computed again.
  /// - Throws: `CorpusError` or `WorldTooSmall` before any arm runs; what an arm throws:
  ///   `PromptTooLong` or `TrainingError`; `FileError` of the journal.
  public func outcomes(
    _ model: Model, _ tokenizer: Tokenizer, journal: StudyJournal? = nil,
    report: @Sendable (Progress) -> Void = { _ in }
  ) throws -> [Outcome] {
    let works = try trials(model, tokenizer).map(SharedWork.init)
    let arms = arms + doses.map(Arm.augmented)
    let jobs = arms.indices.flatMap { arm in works.indices.map { (arm: arm, work: $0) } }
    try journal?.check(isOf: jobs.map { (arms[$0.arm], works[$0.work].trial) })
    let kept = try jobs.map { try journal?.outcome(arms[$0.arm], works[$0.work]) }
    let order = order(of: jobs, arms).filter { kept[$0] == nil }
    let left = Mutex(
      works.indices.map { work in order.count { jobs[$0].work == work } })
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
          outcome = try run(arms[job.arm], works[job.work])
          try journal?.keep(outcome, works[job.work])
        } catch {
          // The other workers finish their current jobs and take no more.
          next.store(order.count, ordering: .relaxed)
          throw error
        }
        results.append((order[number], outcome))
        let isLast = left.withLock { left in
          left[job.work] -= 1
          return left[job.work] == 0
        }
        if isLast { works[job.work].forget() }
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
  /// Arms that only read come first: they are short, and if the facts do not fit the context, the
  /// error comes at once and not after the training of the others. Then the arms that train are run
  /// on as many worlds at a time as there are workers, so that at most that many fine-tuned models
  /// are kept and workers seldom wait for what another arm of the same world is making.
  private func order(of jobs: [(arm: Int, work: Int)], _ arms: [Arm]) -> [Int] {
    let training = jobs.indices.filter { arms[jobs[$0].arm].trains }
    return jobs.indices.filter { !arms[jobs[$0].arm].trains }
      + Dictionary(grouping: training) { jobs[$0].work / workerCount }
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
      augmentation: augmentation, groupsPerPrompt: groupsPerPrompt, chat: chat)
  }

  private func run(_ arm: Arm, _ work: SharedWork) throws -> Outcome {
    let trial = work.trial
    let prepared = try arm.prepare(work)
    let answers = try Scoring(tokenizer: trial.tokenizer, name: arm.name, chat: chat)
      .answers(prepared, trial.questions)
    return Outcome(
      dataset: trial.world.dataset, arm: arm.name, seed: trial.seed,
      samples: try Sample.all(
        trial.questions, answers, priors: work.priors(), arm: arm.name, seed: trial.seed),
      cost: ArmCost(once: prepared.cost, perQuery: answers.cost),
      augmentation: prepared.augmentation, curve: prepared.curve,
      factsPerPrompt: prepared.factsPerPrompt ?? Double(trial.world.factCount),
      facts: trial.world.factCount, dose: arm.dose)
  }
}

/// A world so small that there are not enough wrong choices for any question.
public struct WorldTooSmall: Error, CustomStringConvertible {
  public let description: String
}
