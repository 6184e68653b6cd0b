import Corpora
import Foundation
import Synchronization
import TestSupport
import Testing
import Tokenization

@testable import Study

@Suite struct StudyRunTests {
  private func study(
    _ datasets: [Dataset] = [.reversal], arms: [Arm] = Arm.all, size: Int? = 3,
    workerCount: Int = 2
  ) -> StudyRun {
    var study = StudyRun(datasets: datasets, arms: arms, seeds: [5, 2], workerCount: workerCount)
    study.size = size
    study.fineTuning = .tiny
    study.augmentation = .tiny
    return study
  }

  /// Everything in the outcomes that does not depend on the clock.
  private func lines(_ outcomes: [StudyRun.Outcome]) throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    return try outcomes.map { outcome in
      let numbers: [Double] = [
        Double(outcome.cost.once.tokensTrained), Double(outcome.cost.once.tokensWritten),
        outcome.cost.once.operations,
        outcome.cost.perQuery.tokens, outcome.cost.perQuery.operations, outcome.factsPerPrompt,
        Double(outcome.facts),
      ]
      let parts = [
        outcome.dataset, outcome.arm, "\(outcome.seed)", try json(numbers),
        try json(outcome.samples), try json(outcome.augmentation?.written),
        try json(outcome.curve),
      ]
      return parts.joined(separator: " ")
    }
  }

  /// Three syllogisms and three comparisons per world.
  @Test func `the number of workers does not change the outcomes`() throws {
    let datasets: [Dataset] = [.syllogism, .reversal]
    let model = try tinyModel()
    let before = model.digest
    let alone = try study(datasets, workerCount: 1).outcomes(model, .tiny)
    let two = try study(datasets, workerCount: 2).outcomes(model, .tiny)
    #expect(try lines(alone) == lines(two))
    #expect(model.digest == before)
    // Arms in the order of the tables; for each the datasets, for each its worlds.
    #expect(alone.map(\.arm) == Arm.all.flatMap { [String](repeating: $0.name, count: 4) })
    #expect(alone.prefix(4).map(\.dataset) == ["syllogism", "syllogism", "reversal", "reversal"])
    #expect(alone.prefix(4).map(\.seed) == [5, 2, 5, 2])
    #expect(alone.allSatisfy { $0.samples.count == 9 })
    // Worlds and arms are asked different things or answer them differently.
    #expect(Set(try lines(alone)).count == alone.count)
  }

  @Test(arguments: [Dataset.hierarchy, .family, .celebrities])
  func `an arm gives the same outcome alone as with other arms`(dataset: Dataset) throws {
    let model = try tinyModel()
    func run(_ arms: [Arm], workerCount: Int = 1) throws -> [StudyRun.Outcome] {
      var study = study([dataset], arms: arms, size: dataset.tinySize, workerCount: workerCount)
      study.seeds = [4]
      return try study.outcomes(model, .tiny)
    }
    let together = try run(Arm.all, workerCount: 2)
    #expect(together.map(\.arm) == Arm.all.map(\.name))
    for (arm, outcome) in zip(Arm.all, together) {
      #expect(try lines(run([arm])) == lines([outcome]), "\(arm.name)")
    }
  }

  @Test func `settings reach the arms`() throws {
    let model = try tinyModel()
    func outcome(
      _ arm: Arm = .augmented, _ change: (inout StudyRun) -> Void = { _ in }
    ) throws -> StudyRun.Outcome {
      var study = study(arms: [arm])
      study.seeds = [5]
      change(&study)
      return try study.outcomes(model, .tiny)[0]
    }
    let plain = try outcome()
    let twice = try outcome(.fineTuned) { $0.fineTuning.epochs = 2 }
    #expect(try twice.cost.once.tokensTrained == 2 * outcome(.fineTuned).cost.once.tokensTrained)
    let longer = try outcome { $0.fineTuning.inferenceTokensPerFact *= 2 }
    #expect(longer.cost.once.tokensTrained > plain.cost.once.tokensTrained)
    let replayed = try outcome { $0.fineTuning.replay = 0.9 }
    #expect(replayed.cost.once.tokensTrained > plain.cost.once.tokensTrained)
    let more = try outcome { $0.augmentation.sentencesPerFact = 6 }
    #expect(more.cost.once.tokensWritten > plain.cost.once.tokensWritten)
    let larger = try outcome { $0.size = 6 }
    #expect(larger.samples.count == 18 && plain.samples.count == 9)
  }

  @Test func `the facts of a prompt are those of its groups`() throws {
    var study = study(arms: [.inContext, .pretrained], size: 20)
    let all = try study.outcomes(try tinyModel(), .tiny)
    #expect(all.prefix(2).allSatisfy { $0.factsPerPrompt == 20 && $0.facts == 20 })
    study.groupsPerPrompt = 1
    let few = try study.outcomes(try tinyModel(), .tiny)
    #expect(few.prefix(2).allSatisfy { $0.factsPerPrompt == 5 && $0.facts == 20 })
    #expect(few[0].cost.perQuery.tokens < all[0].cost.perQuery.tokens)
  }

  @Test func `progress counts every job once`() throws {
    let reports = Mutex<[StudyRun.Progress]>([])
    let outcomes = try study().outcomes(try tinyModel(), .tiny) { report in
      reports.withLock { $0.append(report) }
    }
    let seen = reports.withLock { $0 }
    #expect(seen.map(\.finished).sorted() == Array(1...outcomes.count))
    #expect(seen.allSatisfy { $0.total == outcomes.count && $0.seconds >= 0 })
    #expect(Set(seen.map { "\($0.arm) \($0.seed)" }).count == outcomes.count)
  }

  /// Runs a study that must fail, and returns the arms that were run before.
  private func failing<Failure: Error>(
    _ study: StudyRun, contextLength: Int = 2048, with failure: Failure.Type
  ) throws -> (error: Failure, arms: Set<String>) {
    let seen = Mutex<Set<String>>([])
    let error = #expect(throws: failure) {
      try study.outcomes(try tinyModel(contextLength: contextLength), .tiny) { report in
        _ = seen.withLock { $0.insert(report.arm) }
      }
    }
    return (try #require(error), seen.withLock { $0 })
  }

  @Test func `a world that cannot be made ends the study before any arm runs`() throws {
    let (_, arms) = try failing(study(size: 100_000), with: CorpusError.self)
    #expect(arms.isEmpty)
  }

  /// Three people do not give three wrong choices.
  @Test func `a world without questions ends the study before any arm runs`() throws {
    let (error, arms) = try failing(study([.reversal, .celebrities]), with: WorldTooSmall.self)
    #expect(arms.isEmpty)
    #expect("\(error)".contains("celebrities") && "\(error)".contains("people"))
  }

  @Test(arguments: [1, 2])
  func `facts that do not fit are an error before anything is trained`(workerCount: Int) throws {
    let (error, arms) = try failing(
      study(size: 30, workerCount: workerCount), contextLength: 50, with: PromptTooLong.self)
    #expect(arms == ["pretrained"])
    #expect(error.description.hasPrefix("reversal: "))
  }
}
