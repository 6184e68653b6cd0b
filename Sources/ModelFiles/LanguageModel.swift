import Foundation
import Support
import Tokenization
import Transformer

/// Reading and writing a model together with its tokenizer.
public enum LanguageModel {
  /// Reads a model folder.
  ///
  /// - Parameter adapter: the folder of a low-rank adapter, written by Recto or by PEFT, that is
  ///   merged into the model.
  /// - Throws: `FileError`, `TokenizerError` or `ConfigurationError`, naming the file.
  public static func read(
    _ url: URL, adapter: URL? = nil
  ) throws -> (model: Model, tokenizer: Tokenizer) {
    let checkpoints = url.appendingPathComponent("checkpoints")
    if FileManager.default.fileExists(atPath: checkpoints.path) {
      throw FileError(
        url,
        "is a run's folder; its model is in model/ once the run has ended, and in "
          + "checkpoints/STEP/model/ before")
    }
    let configuration = try ModelFolder.readConfiguration(at: url)
    let tokenizer = try Tokenizer(
      contentsOf: url.appendingPathComponent("tokenizer.json"),
      endOfText: Int32(configuration.endOfTextToken))
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw ConfigurationError(
        "\(url.path): tokenizer.json has \(tokenizer.vocabularySize) tokens, but config.json's "
          + "vocab_size is \(configuration.vocabularySize); the two files are of different models")
    }
    let model = try Model(configuration)
    try ModelFolder.readParameters(
      at: url, configuration: configuration, into: model.parameters)
    if let adapter {
      try AdapterFolder.read(adapter, on: configuration).merge(into: model)
      guard model.parameters.isFinite else {
        throw FileError(
          adapter, "makes the model's parameters infinite; its alpha or its numbers are too large")
      }
    }
    return (model, tokenizer)
  }

  /// Writes a model folder; a model folder that is already at `url` is replaced.
  ///
  /// - Parameter card: the text of `README.md`.
  /// - Throws: `FileError` as `ModelFolder.write` does.
  public static func write(
    _ model: Model, tokenizer: Tokenizer, card: String, to url: URL
  ) throws {
    try ModelFolder.write(
      model.parameters, configuration: model.configuration, tokenizer: tokenizer.json(),
      endOfText: tokenizer.decode([tokenizer.endOfText]), card: card, to: url)
  }
}
