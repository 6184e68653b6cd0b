import Foundation
import ModelFiles
import Study
import Support

extension Results {
  /// Checks before a long run that its results can be written.
  ///
  /// - Throws: `FileError` where a file or a non-empty folder exists, or the folder cannot be made.
  public static func checkDestination(_ url: URL) throws {
    if FileManager.default.fileExists(atPath: url.path), !isEmptyFolder(url) {
      throw FileError(url, "exists; name a new or empty folder with --output, or remove it")
    }
    try AtomicFile.checkWritable(url)
  }

  private static func isEmptyFolder(_ url: URL) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: url.path))?.isEmpty == true
  }

  /// Reads `results.json`.
  ///
  /// - Parameter url: the file, or the folder that it is in.
  /// - Throws: `FileError` naming the file and what is wrong with it.
  public static func read(_ url: URL) throws -> Results {
    let isFolder = AtomicFile.kind(of: url.resolvingSymlinksInPath()) == S_IFDIR
    return try JSONFile.read(
      Results.self, from: isFolder ? url.appendingPathComponent("results.json") : url,
      limit: 1 << 30)
  }

  /// `results.json`.
  public func json() throws -> Data {
    let encoder = Self.encoder
    encoder.outputFormatting.insert(.prettyPrinted)
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Writes a folder of `results.json`, `samples.jsonl` (one line per question), `report.html` and,
  /// where asked for, `augmentations.jsonl` (one line per sentence) and `lm-eval/`; it must not
  /// exist or be empty.
  ///
  /// - Throws: `FileError` naming the folder.
  public func write(
    _ outcomes: [StudyRun.Outcome], keepsAugmentations: Bool, inLMEvalForm: Bool = false,
    to url: URL
  ) throws {
    let results = try json()
    let page = try Report(self).html()
    try AtomicFile.writeFolder(at: url, replacing: Self.isEmptyFolder(url)) { folder in
      try AtomicFile.write(results, to: folder.appendingPathComponent("results.json"))
      try AtomicFile.write(Data(page.utf8), to: folder.appendingPathComponent("report.html"))
      try AtomicFile.write(
        Self.lines(outcomes.flatMap(\.samples)), to: folder.appendingPathComponent("samples.jsonl"))
      if keepsAugmentations {
        try AtomicFile.write(
          Self.lines(outcomes.flatMap { $0.augmentation?.written ?? [] }),
          to: folder.appendingPathComponent("augmentations.jsonl"))
      }
      if inLMEvalForm {
        try LMEvalExport(self, outcomes).write(to: folder.appendingPathComponent("lm-eval"))
      }
    }
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  private static func lines(_ values: [some Encodable]) throws -> Data {
    let encoder = encoder
    return Data(try values.map { try encoder.encode($0) + Data("\n".utf8) }.joined())
  }
}
