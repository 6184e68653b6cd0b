import Corpora
import Foundation
import Kernels
import Synchronization
import Tokenization
import Transformer

/// Every arm on every world: the comparison itself.
public struct StudyRun: Sendable {
  public var arms: [Arm]
  /// One world a seed, the same worlds for every arm.
  public var seeds: [UInt64]
  public var makeWorld: @Sendable (UInt64) throws -> any World
  public var fineTuning: FineTuning
  public var augmentation = LocalAugmentation()
  public var workerCount: Int

  public init(
    arms: [Arm] = Arm.all, seeds: [UInt64], fineTuning: FineTuning = FineTuning(),
    workerCount: Int = Processor.current.coreCount,
    makeWorld: @escaping @Sendable (UInt64) throws -> any World
  ) {
    self.arms = arms
    self.seeds = seeds
    self.fineTuning = fineTuning
    self.workerCount = workerCount
    self.makeWorld = makeWorld
  }

  /// One arm on one world.
  public struct Outcome: Sendable {
    public var arm: String
    public var seed: UInt64
    public var samples: [Sample]
    public var tokensTrained: Int
    public var secondsTrain: Double
    public var tokensPerQuery: Double
    public var secondsPerQuery: Double
    public var augmentation: AugmentationReport?
  }

  public struct Progress: Sendable {
    public var finished: Int
    public var total: Int
    public var arm: String
    public var seed: UInt64
    public var seconds: Double
  }

  /// Runs every arm on every world, as many at a time as there are workers.
  ///
  /// Each runs on one thread with random numbers of its own, so results do not depend on the order.
  ///
  /// - Throws: what an arm throws: `PromptTooLong`, `TrainingError`, or `CorpusError`.
  public func outcomes(
    _ model: Model, _ tokenizer: Tokenizer, report: @Sendable (Progress) -> Void = { _ in }
  ) throws -> [Outcome] {
    let benches = try seeds.map { seed in
      Bench(
        world: try makeWorld(seed), seed: seed, model: model, tokenizer: tokenizer,
        fineTuning: fineTuning, augmentation: augmentation)
    }
    // Arms that only read come first: they are short, and if the facts do not fit the context, that
    // is told at once and not after the others' training.
    let jobs = arms.indices.flatMap { arm in benches.indices.map { (arm: arm, bench: $0) } }
    let order =
      jobs.indices.filter { !arms[jobs[$0].arm].trains }
      + jobs.indices.filter { arms[jobs[$0].arm].trains }
    let next = Atomic(0)
    let finished = Atomic(0)
    let parts = try concurrently(workerCount: workerCount) { _ in
      var results: [(job: Int, outcome: Outcome)] = []
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < order.count else { return results }
        let job = jobs[order[number]]
        let start = ContinuousClock.now
        let outcome: Outcome
        do {
          outcome = try run(arms[job.arm], benches[job.bench])
        } catch {
          // The other workers finish what they are at and take nothing more.
          next.store(order.count, ordering: .relaxed)
          throw error
        }
        results.append((order[number], outcome))
        report(
          Progress(
            finished: finished.wrappingAdd(1, ordering: .relaxed).newValue, total: jobs.count,
            arm: outcome.arm, seed: outcome.seed,
            seconds: start.duration(to: .now) / .seconds(1)))
      }
    }
    return parts.flatMap { $0 }.sorted { $0.job < $1.job }.map(\.outcome)
  }

  private func run(_ arm: Arm, _ bench: Bench) throws -> Outcome {
    let prepared = try arm.prepare(bench)
    let result = try Scoring(arm: arm.name, bench: bench).run(prepared)
    return Outcome(
      arm: arm.name, seed: bench.seed, samples: result.samples,
      tokensTrained: prepared.tokensTrained, secondsTrain: prepared.secondsTrain,
      tokensPerQuery: result.tokensPerQuery, secondsPerQuery: result.secondsPerQuery,
      augmentation: prepared.augmentation)
  }
}
