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
  /// The user's own documents and questions.
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
    /// How well the model predicts the documents after training; only for the user's own.
    public var fit: LanguageFit?
  }

  /// What an arm that is running does.
  public struct Activity: Sendable {
    public var dataset: String
    public var arm: String
    public var seed: UInt64
    public var now: ArmProgress
    /// Seconds since the arm began.
    public var seconds: Double
  }

  public struct Progress: Sendable {
    public var finished: Int
    public var total: Int
    public var dataset: String
    public var arm: String
    public var seed: UInt64
    public var seconds: Double
  }

  /// Runs every arm on every world, as many at a time as the work plan says.
  ///
  /// Each has its own random numbers, so results do not depend on the order. Where several threads
  /// share the work of an arm, sums are rounded in another way than by one thread.
  ///
  /// - Parameters:
  ///   - journal: keeps finished outcomes; those of an earlier run are not computed again.
  ///   - plan: how the machine is divided; by default ``workPlan(_:_:)``.
  ///   - report: is called when an arm is finished.
  ///   - activity: is called often while an arm runs, by several threads.
  /// - Throws: `CorpusError` or `WorldTooSmall` before any arm runs; what an arm throws:
  ///   `PromptTooLong` or `TrainingError`; `FileError` of the journal.
  public func outcomes(
    _ model: Model, _ tokenizer: Tokenizer, journal: StudyJournal? = nil, plan: WorkPlan? = nil,
    report: @Sendable (Progress) -> Void = { _ in },
    activity: @escaping @Sendable (Activity) -> Void = { _ in }
  ) throws -> [Outcome] {
    let arms = arms + doses.map(Arm.augmented)
    let plan = plan ?? workPlan(model, tokenizer)
    reserveThreads(plan.armsAtOnce * plan.threadsPerArm)
    // The user's questions are the same for every seed, and so are the pretrained model's answers.
    let ofUser = Memo<Scoring.Answers>()
    let works = try trials(model, tokenizer, plan).map { trial in
      trial.world.dataset == userWorld?.dataset
        ? SharedWork(trial, pretrained: ofUser) : SharedWork(trial)
    }
    let jobs = arms.indices.flatMap { arm in works.indices.map { (arm: arm, work: $0) } }
    try journal?.check(isOf: jobs.map { (arms[$0.arm], works[$0.work].trial) })
    let kept = try jobs.map { try journal?.outcome(arms[$0.arm], works[$0.work]) }
    let order = order(of: jobs, arms, armsAtOnce: plan.armsAtOnce).filter { kept[$0] == nil }
    // The arms that are still to be run on each world.
    let left = Mutex(
      works.indices.map { work in
        order.filter { jobs[$0].work == work }.map { arms[jobs[$0].arm] }
      })
    let next = Atomic(0)
    let finished = Atomic(jobs.count - order.count)
    let parts = try concurrently(workerCount: plan.armsAtOnce) { _ in
      var results: [(job: Int, outcome: Outcome)] = []
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < order.count else { return results }
        let job = jobs[order[number]]
        let start = ContinuousClock.now
        let outcome: Outcome
        do {
          let (arm, trial) = (arms[job.arm], works[job.work].trial)
          outcome = try ArmProgress.heard(by: { now in
            activity(
              Activity(
                dataset: trial.world.dataset, arm: arm.name, seed: trial.seed, now: now,
                seconds: start.duration(to: .now) / .seconds(1)))
          }) { try run(arm, works[job.work]) }
          try journal?.keep(outcome, works[job.work])
        } catch {
          // The other workers finish their current jobs and take no more.
          next.store(order.count, ordering: .relaxed)
          throw error
        }
        results.append((order[number], outcome))
        let waiting = left.withLock { left in
          left[job.work].removeAll { $0.name == arms[job.arm].name }
          return left[job.work]
        }
        if !waiting.contains(where: \.usesFineTuned) { works[job.work].forgetFineTuned() }
        if waiting.isEmpty { works[job.work].forget() }
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
  /// on as many worlds at a time as arms run at once, so that at most that many fine-tuned models
  /// are kept and workers seldom wait for what another arm of the same world is making. Those that
  /// use the fine-tuned model come first, so that it is not kept for long.
  private func order(
    of jobs: [(arm: Int, work: Int)], _ arms: [Arm], armsAtOnce: Int
  ) -> [Int] {
    let training = jobs.indices.filter { arms[jobs[$0].arm].trains }
    return jobs.indices.filter { !arms[jobs[$0].arm].trains }
      + Dictionary(grouping: training) { jobs[$0].work / armsAtOnce }
      .sorted { $0.key < $1.key }.flatMap { _, jobsOfGroup in
        let usesFineTuned = jobsOfGroup.filter { arms[jobs[$0].arm].usesFineTuned }
        return usesFineTuned + jobsOfGroup.filter { !arms[jobs[$0].arm].usesFineTuned }
      }
  }

  /// The number of arms that are run, each once per world.
  public var jobCount: Int {
    (arms.count + doses.count) * seeds.count * (datasets.count + (userWorld == nil ? 0 : 1))
  }

  /// How the machine is divided among the arms.
  public func workPlan(_ model: Model, _ tokenizer: Tokenizer) -> WorkPlan {
    let arms = arms + doses.map(Arm.augmented)
    let own = userWorld?.articles.map { tokenizer.continuation($0.text).count } ?? []
    let context = model.configuration.contextLength
    return WorkPlan(
      workerCount: workerCount, worldCount: jobCount / max(1, arms.count), model, arms, fineTuning,
      // A prompt of the datasets fills the context; the user's documents and a question may not.
      longest: datasets.isEmpty ? min(context, own.reduce(1024, +)) : context,
      rowLength: datasets.isEmpty ? own.max() ?? 1 : FineTuner.tokensPerChunk)
  }

  /// Every world of every dataset, ready for the arms.
  private func trials(
    _ model: Model, _ tokenizer: Tokenizer, _ plan: WorkPlan
  ) throws -> [Trial] {
    var trials = try datasets.flatMap { dataset in
      try seeds.map { seed in
        let trial = trial(
          try dataset.world(seed: seed, size: size), seed: seed, model, tokenizer, plan)
        guard !trial.questions.isEmpty else {
          throw WorldTooSmall(
            description: "world \(seed) of \(dataset.name) is too small to ask a question about; "
              + "it needs more \(dataset.units)")
        }
        return trial
      }
    }
    if let userWorld {
      trials += seeds.map { trial(userWorld, seed: $0, model, tokenizer, plan) }
    }
    return trials
  }

  private func trial(
    _ world: any World, seed: UInt64, _ model: Model, _ tokenizer: Tokenizer, _ plan: WorkPlan
  ) -> Trial {
    Trial(
      world: world, seed: seed, model: model, tokenizer: tokenizer, fineTuning: fineTuning,
      augmentation: augmentation, groupsPerPrompt: groupsPerPrompt, chat: chat,
      threadCount: plan.threadsPerArm)
  }

  private func run(_ arm: Arm, _ work: SharedWork) throws -> Outcome {
    let trial = work.trial
    let prepared = try arm.prepare(work)
    let answers =
      arm.role == .pretrained
      ? try work.pretrainedAnswers()
      : try trial.scoring(name: arm.name).answers(prepared, trial.questions)
    return Outcome(
      dataset: trial.world.dataset, arm: arm.name, seed: trial.seed,
      samples: try Sample.all(
        trial.questions, answers, priors: work.pretrainedAnswers().logLikelihoods, arm: arm.name,
        seed: trial.seed),
      cost: ArmCost(once: prepared.cost, perQuery: answers.cost),
      augmentation: prepared.augmentation, curve: prepared.curve,
      factsPerPrompt: prepared.factsPerPrompt ?? Double(trial.world.factCount),
      facts: trial.world.factCount, dose: arm.dose, fit: fit(prepared, arm, trial))
  }
}

extension StudyRun {
  /// How well an arm that trained predicts the user's documents.
  private func fit(_ prepared: PreparedModel, _ arm: Arm, _ trial: Trial) -> LanguageFit? {
    guard arm.trains, trial.world.dataset == userWorld?.dataset else { return nil }
    return LanguageFit(
      of: trial.documents, model: prepared.model, tokenizer: trial.tokenizer,
      threadCount: trial.threadCount)
  }
}

/// A world so small that there are not enough wrong choices for any question.
public struct WorldTooSmall: Error, CustomStringConvertible {
  public let description: String
}
