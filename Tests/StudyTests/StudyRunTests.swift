import Corpora
import Foundation
import Synchronization
import Testing

@testable import Study

@Suite struct StudyRunTests {
  private func study(workerCount: Int) -> StudyRun {
    var fineTuning = FineTuning()
    fineTuning.epochs = 1
    fineTuning.learningRate = 0.01
    return StudyRun(seeds: [5, 2], fineTuning: fineTuning, workerCount: workerCount) {
      try tinyWorld(seed: $0, factCount: 3)
    }
  }

  /// All that does not depend on the clock.
  private func lines(_ outcomes: [StudyRun.Outcome]) throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try outcomes.map { outcome in
      "\(outcome.arm) \(outcome.seed) \(outcome.tokensTrained) \(outcome.tokensPerQuery) "
        + String(decoding: try encoder.encode(outcome.samples), as: UTF8.self)
        + String(decoding: try encoder.encode(outcome.augmentation?.written), as: UTF8.self)
    }
  }

  @Test func `the number of workers does not change the outcomes`() throws {
    let model = try tinyModel()
    let before = model.digest
    let alone = try study(workerCount: 1).outcomes(model, tinyTokenizer)
    let two = try study(workerCount: 2).outcomes(model, tinyTokenizer)
    #expect(try lines(alone) == lines(two))
    #expect(model.digest == before)
    // Arms in the order of the tables, worlds in the order of the seeds.
    #expect(alone.map(\.arm) == Arm.all.flatMap { [$0.name, $0.name] })
    #expect(alone.map(\.seed) == Arm.all.flatMap { _ in [5, 2] })
    #expect(alone.allSatisfy { $0.samples.count == 9 })
    // Worlds and arms are asked different things or answer them differently.
    #expect(Set(try lines(alone)).count == alone.count)
  }

  @Test func `progress counts every job once`() throws {
    let reports = Mutex<[StudyRun.Progress]>([])
    let outcomes = try study(workerCount: 2).outcomes(try tinyModel(), tinyTokenizer) { report in
      reports.withLock { $0.append(report) }
    }
    let seen = reports.withLock { $0 }
    #expect(seen.map(\.finished).sorted() == Array(1...outcomes.count))
    #expect(seen.allSatisfy { $0.total == outcomes.count && $0.seconds >= 0 })
  }

  @Test func `a world that cannot be made ends the study before any arm runs`() throws {
    var study = study(workerCount: 2)
    study.makeWorld = { try ReversalWorld(seed: $0, factCount: 100_000, attributeCount: 2) }
    let isReported = Mutex(false)
    #expect(throws: CorpusError.self) {
      try study.outcomes(try tinyModel(), tinyTokenizer) { _ in
        isReported.withLock { $0 = true }
      }
    }
    #expect(!isReported.withLock { $0 })
  }

  @Test(arguments: [1, 2])
  func `facts that do not fit are told before anything is trained`(workerCount: Int) throws {
    var study = study(workerCount: workerCount)
    study.makeWorld = { try tinyWorld(seed: $0, factCount: 30) }
    let model = try tinyModel(contextLength: 150)
    let seen = Mutex<Set<String>>([])
    #expect(throws: PromptTooLong.self) {
      try study.outcomes(model, tinyTokenizer) { report in
        _ = seen.withLock { $0.insert(report.arm) }
      }
    }
    #expect(seen.withLock { $0 } == ["pretrained"])
  }
}
