import Corpora
import Foundation
import Kernels
import ModelFiles
import Support
import Synchronization
import Training
import Transformer

/// The finished arms of a study that is still running, one file per arm and world, so that the same
/// command continues where an earlier one was stopped or crashed.
///
/// The files are in a folder beside the study's, `NAME.unfinished`, which is removed when the
/// results are written; a folder of that name that holds anything else is not touched. Arms do not
/// depend on one another, so a kept outcome equals that of a new run, except for its seconds.
public final class StudyJournal: Sendable {
  private let folder: URL
  private let lock: Mutex<RunLock?>
  private let start = ContinuousClock.now
  /// How many arms earlier runs have finished; an arm counts once per world.
  public let count: Int
  /// The seconds that the earlier runs took.
  private let secondsBefore: Double

  private struct Entry: Codable {
    /// ``Trial/digest()`` of what the arm was run on.
    var digest: String
    /// Seconds that the study had taken when this was written.
    var seconds: Double
    var outcome: StudyRun.Outcome
  }

  /// - Parameter destination: the folder that the results will be written to.
  /// - Throws: `FileError` where the journal cannot be made or read, another process is writing it,
  ///   or the folder holds files of another kind.
  public init(for destination: URL) throws {
    folder = URL(fileURLWithPath: destination.relativePath + ".unfinished")
    try AtomicFile.createFolder(folder)
    if let other = try Self.names(folder).sorted().first(where: {
      !Self.isEntry($0) && $0 != RunLock.name && !AtomicFile.isTemporary($0)
    }) {
      throw FileError(
        folder,
        "holds \(quoted(other)), which is not part of an unfinished study; name another --output, "
          + "or move it away")
    }
    lock = Mutex(try RunLock(folder))
    AtomicFile.removeTemporaries(in: folder)
    let entries = try Self.entries(folder)
    count = entries.count
    secondsBefore = try entries.map { try Self.read($0).seconds }.max() ?? 0
  }

  /// A study that fails before its first arm is finished leaves nothing behind.
  deinit {
    if let entries = try? Self.entries(folder), entries.isEmpty { close() }
  }

  /// Ends the journal and removes its folder if it is empty.
  private func close() {
    lock.withLock { $0 = nil }
    // This fails, as it should, where other files are in the folder or another process uses it.
    rmdir(folder.path)
  }

  /// Seconds that the study has taken, including earlier runs.
  public var seconds: Double { secondsBefore + start.duration(to: .now) / .seconds(1) }

  public var path: String { folder.relativePath }

  /// Checks that every kept arm and world is part of a study.
  ///
  /// - Throws: `FileError` where the journal has an arm or a world that the study does not have:
  ///   its results would be lost with the journal.
  func check(isOf study: [(arm: Arm, trial: Trial)]) throws {
    let known = Set(study.map { file($1.world.dataset, $0.name, $1.seed).lastPathComponent })
    let others = try Self.entries(folder).map(\.lastPathComponent).filter { !known.contains($0) }
    guard let other = others.min() else { return }
    throw FileError(
      folder,
      "holds an unfinished study with other datasets, arms or seeds "
        + "(\(quoted(String(other.dropLast(5))))); finish it with the command that started it, name "
        + "another --output, or remove it")
  }

  /// The kept outcome of an arm on a world; nil where it is not finished.
  ///
  /// - Throws: `FileError` where it was made with other settings, or cannot be read.
  func outcome(_ arm: Arm, _ work: SharedWork) throws -> StudyRun.Outcome? {
    let trial = work.trial
    let file = file(trial.world.dataset, arm.name, trial.seed)
    guard AtomicFile.kind(of: file) != nil else { return nil }
    let entry = try Self.read(file)
    guard try entry.digest == work.digest() else {
      throw FileError(
        folder,
        "holds an unfinished study with another model, other settings, other documents or another "
          + "version of probe; finish it with the command and the version that started it, name "
          + "another --output, or remove it")
    }
    return entry.outcome
  }

  /// - Throws: `FileError` with the system's reason.
  func keep(_ outcome: StudyRun.Outcome, _ work: SharedWork) throws {
    let entry = Entry(digest: try work.digest(), seconds: seconds, outcome: outcome)
    try AtomicFile.write(
      JSONEncoder().encode(entry), to: file(outcome.dataset, outcome.arm, outcome.seed))
  }

  /// Removes the journal, once the results are written.
  ///
  /// - Throws: `FileError` with the system's reason.
  public func remove() throws {
    for entry in try Self.entries(folder) {
      guard unlink(entry.path) == 0 else { throw FileError.system(entry, "remove") }
    }
    close()
  }

  private func file(_ dataset: String, _ arm: String, _ seed: UInt64) -> URL {
    folder.appendingPathComponent("\(dataset), \(arm), \(seed).json")
  }

  private static func names(_ folder: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw FileError(folder, "cannot be listed; check the permissions")
    }
  }

  /// Whether a name is one that `file` makes.
  private static func isEntry(_ name: String) -> Bool {
    let parts = name.split(separator: ", ")
    return parts.count == 3 && Arm.named(String(parts[1])) != nil
      && UInt64(parts[2].dropLast(5)) != nil && parts[2].hasSuffix(".json")
  }

  /// The files of finished arms.
  private static func entries(_ folder: URL) throws -> [URL] {
    try names(folder).filter(isEntry).map(folder.appendingPathComponent)
  }

  private static func read(_ file: URL) throws -> Entry {
    do {
      return try JSONFile.read(Entry.self, from: file, limit: 1 << 30)
    } catch let error as FileError where !error.isOfThisProcess {
      throw FileError(file, error.problem + "; remove it, and its arm will be run again")
    }
  }
}

extension Trial {
  /// A hash of everything that determines an arm's outcome, except the code: model, settings,
  /// documents and questions.
  func digest() throws -> String {
    struct Inputs: Encodable {
      var model: UInt32
      var configuration: String
      /// Documents, questions and choices as the model reads them.
      var tokens: [[Int32]]
      var blasCore: String
      var fineTuning: FineTuning
      var augmentation: Augmentation
      var groupsPerPrompt: Int?
      var documents: [String]
      var questions: [Question]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let inputs = try encoder.encode(
      Inputs(
        model: model.parameters.checksum, configuration: "\(model.configuration)",
        tokens: documents.map { prompting.prompt([$0]) }
          + questions.flatMap { question in
            [prompting.question(question.prompt)] + question.choices.map(prompting.choice)
          },
        blasCore: Processor.current.blasCore,
        fineTuning: fineTuning, augmentation: augmentation, groupsPerPrompt: groupsPerPrompt,
        documents: documents, questions: questions))
    return SHA256.digest(String(decoding: inputs, as: UTF8.self))
  }
}
