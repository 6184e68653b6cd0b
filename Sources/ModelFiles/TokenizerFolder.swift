import Foundation
import Support
import Tokenization

/// A folder that holds only a tokenizer: `tokenizer.json`, and the `tokenizer_config.json` that
/// transformers' `AutoTokenizer` needs.
public enum TokenizerFolder {
  /// Checks, before long work, that a folder can be made at `url`.
  ///
  /// - Throws: `FileError` if something is there, or the place cannot be written.
  public static func checkDestination(_ url: URL) throws {
    guard AtomicFile.kind(of: url.resolvingSymlinksInPath()) == nil else {
      throw FileError(url, "exists already; name another folder with --output")
    }
    try AtomicFile.checkWritable(url)
  }

  /// Writes the folder atomically.
  ///
  /// - Throws: `FileError` if it exists or cannot be written.
  public static func write(_ tokenizer: Tokenizer, to url: URL) throws {
    try FileError.naming(url) {
      let files = try SideFiles(tokenizer, contextLength: nil)
      try AtomicFile.writeFolder(at: url) { try files.write(to: $0) }
    }
  }
}
