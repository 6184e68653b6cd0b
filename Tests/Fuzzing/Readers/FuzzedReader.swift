import Corpora
import Foundation
import ModelFiles
import Support
import Tokenization
import Training
import Transformer

/// A reader of files as the fuzzer and the replay of its corpus see it: whatever the bytes are,
/// they are read or refused with one of the project's errors, and what was read can be used.
public struct FuzzedReader: Sendable {
  /// The name of its folder in `Corpus`.
  public let name: String
  private let read: @Sendable ([UInt8]) throws -> Void

  init(_ name: String, _ read: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.name = name
    self.read = read
  }

  public static let all: [FuzzedReader] = [
    .safetensors, .configuration, .tokenizer, .modelFolder, .recipe, .runFolder, .documents,
    .adapter, .gguf,
  ]

  /// Reads the bytes; stops the process if they are refused with an error that says nothing of use.
  public func take(_ bytes: [UInt8]) {
    Self.attempt(name) { try read(bytes) }
  }

  /// Reads something; stops the process at an error that says nothing of use.
  static func attempt(_ name: String, _ read: () throws -> Void) {
    do {
      try read()
    } catch let error
      where error is FileError || error is SafetensorsError || error is TensorError
      || error is ConfigurationError || error is SettingsError
      || error is TokenizerError || error is LineError || error is GGUFError
    {
      precondition(!"\(error)".isEmpty)
    } catch {
      preconditionFailure("\(name): an error that users should not see: \(error)")
    }
  }

  /// Removes the files of the last input.
  public func clean() {
    try? FileManager.default.removeItem(at: Self.folder(name))
  }

  /// Where a reader of files finds the bytes: in memory where the system has such a place.
  private static func folder(_ name: String) -> URL {
    let shared = URL(fileURLWithPath: "/dev/shm")
    let parent =
      FileManager.default.isWritableFile(atPath: shared.path)
      ? shared : FileManager.default.temporaryDirectory
    let process = ProcessInfo.processInfo.processIdentifier
    return parent.appendingPathComponent("recto-fuzzing-\(process)-\(name)")
  }

  /// An empty folder for the files of one reader; the same each time.
  static func emptyFolder(_ name: String) throws -> URL {
    let url = folder(name)
    try? FileManager.default.removeItem(at: url)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  /// The files that one input holds, separated by lines of `separator` alone.
  static func parts(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let separator = Array("\n=====\n".utf8)
    var parts: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return parts + [rest]
  }
}
