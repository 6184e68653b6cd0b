import Corpora
import Foundation
import ModelFiles
import Support
import Synchronization
import TestSupport
import Testing
import Tokenization

@testable import Study

@Suite struct StudyJournalTests {
  private let arms: [Arm] = [.fineTuned, .inContext, .augmented]

  private func study(_ arms: [Arm]) -> StudyRun {
    var study = StudyRun(datasets: [.reversal], arms: arms, seeds: [5, 2], workerCount: 2)
    study.size = 3
    study.fineTuning = .tiny
    study.augmentation = .tiny
    return study
  }

  /// Runs a study with a journal; `ran` has a number for every arm that was run.
  private func run(
    _ study: StudyRun, _ destination: URL
  ) throws -> (outcomes: [StudyRun.Outcome], ran: [Int], journal: StudyJournal) {
    let journal = try StudyJournal(for: destination)
    let ran = Mutex<[Int]>([])
    let outcomes = try study.outcomes(try tinyModel(), .tiny, journal: journal) { report in
      ran.withLock { $0.append(report.finished) }
    }
    return (outcomes, ran.withLock { $0.sorted() }, journal)
  }

  private func samples(_ outcomes: [StudyRun.Outcome]) throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try outcomes.map {
      String(decoding: try encoder.encode($0.samples), as: UTF8.self)
        + "\($0.dataset) \($0.arm) \($0.seed) \($0.cost.once.tokensTrained) \($0.curve.count)"
        + "\($0.augmentation.map { "\($0.written)\($0.coverage)" } ?? "")"
    }
  }

  private func file(_ folder: URL, _ name: String) -> URL {
    folder.appendingPathComponent("study.unfinished/\(name)")
  }

  @Test func `finished arms are not run again, and the outcomes are the same`() async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      let whole = try study(arms).outcomes(try tinyModel(), .tiny)
      #expect(try run(study([.augmented]), destination).ran == [1, 2])
      let (outcomes, ran, journal) = try run(study(arms), destination)
      #expect(ran == [3, 4, 5, 6] && journal.count == 2)
      #expect(try samples(outcomes) == samples(whole))
      let trained = outcomes.filter { $0.cost.once.tokensTrained > 0 }
      #expect(!trained.isEmpty && trained.allSatisfy { $0.cost.once.seconds > 0 })
      // A third time there is nothing left, and the seconds of the first two count.
      let entry = try #require(
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: file(folder, "reversal, augmented, 2.json"))) as? [String: Any])
      let spent = try #require(entry["seconds"] as? Double)
      #expect(spent > 0 && journal.seconds > spent)
      try journal.remove()
      #expect(try names(in: folder).isEmpty)
    }
  }

  @Test func `other settings are an error, and nothing is lost`() async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      _ = try run(study(arms), destination)
      for change: (inout StudyRun) -> Void in [
        { $0.fineTuning.epochs = 2 }, { $0.augmentation.temperature = 0.5 }, { $0.size = 4 },
        { $0.groupsPerPrompt = 1 },
      ] {
        var other = study(arms)
        change(&other)
        let error = #expect(throws: FileError.self) { try run(other, destination) }
        #expect(error?.problem.contains("other settings") == true)
        #expect(error?.path.hasSuffix("study.unfinished") == true)
      }
      #expect(try run(study(arms), destination).ran.isEmpty)
    }
  }

  @Test func `another study's arms are not removed`() async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      _ = try run(study(arms), destination)
      var worlds = study(arms)
      worlds.seeds = [5, 9]
      for other in [study([.inContext]), worlds] {
        let error = #expect(throws: FileError.self) { try run(other, destination) }
        #expect(error?.problem.contains("other datasets, arms or seeds (\"reversal, ") == true)
      }
      #expect(try run(study(arms), destination).ran.isEmpty)
    }
  }

  @Test(arguments: ["thesis.tex", "data.json", ".hidden", "smith, jones, 2020.json"])
  func `a folder with other files is not touched`(name: String) async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      try FileManager.default.createDirectory(
        at: file(folder, ""), withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: file(folder, name))
      let error = #expect(throws: FileError.self) { try StudyJournal(for: destination) }
      #expect(error?.problem.contains(name) == true)
      #expect(try String(contentsOf: file(folder, name), encoding: .utf8) == "mine")
      #expect(try names(in: file(folder, "")) == [name])
    }
  }

  @Test func `other files beside the kept arms stay`() async throws {
    try await inTemporaryFolder { folder in
      let journal = try run(study([.inContext]), folder.appendingPathComponent("study")).journal
      try Data("mine".utf8).write(to: file(folder, "notes.txt"))
      try journal.remove()
      #expect(try names(in: file(folder, "")) == ["notes.txt"])
    }
  }

  @Test func `another model is an error`() async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      _ = try run(study([.inContext]), destination)
      let journal = try StudyJournal(for: destination)
      // The same parameters with another configuration are another model, too.
      for other in [try untrainedModel(), try tinyModel(contextLength: 1024)] {
        #expect(throws: FileError.self) {
          try study([.inContext]).outcomes(other, .tiny, journal: journal)
        }
      }
    }
  }

  @Test(arguments: ["", "{", "[]", "{\"digest\": 3}", "null"])
  func `a damaged file is named`(text: String) async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      _ = try run(study([.inContext]), destination)
      let damaged = file(folder, "reversal, in-context, 5.json")
      try Data(text.utf8).write(to: damaged)
      let error = #expect(throws: FileError.self) { try StudyJournal(for: destination) }
      #expect(error?.path == damaged.path)
      #expect(error?.problem.hasSuffix("; remove it, and its arm will be run again") == true)
      try FileManager.default.removeItem(at: damaged)
      #expect(try run(study([.inContext]), destination).ran == [2])
    }
  }

  @Test func `only one study writes to a folder, and one that fails leaves nothing`() async throws {
    try await inTemporaryFolder { folder in
      let destination = folder.appendingPathComponent("study")
      var failing = study(arms)
      failing.size = 100_000
      withExtendedLifetime(try StudyJournal(for: destination)) { journal in
        let error = #expect(throws: FileError.self) { try StudyJournal(for: destination) }
        #expect(error?.problem.contains("is in use by process") == true)
        #expect(throws: CorpusError.self) {
          try failing.outcomes(try tinyModel(), .tiny, journal: journal)
        }
      }
      #expect(try names(in: folder).isEmpty)
    }
  }
}
