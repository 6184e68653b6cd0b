import Foundation
import Support
import Tokenization
import Transformer

/// Reading and writing a model together with its tokenizer.
public enum LanguageModel {
  /// Reads a model folder or a GGUF file.
  ///
  /// - Parameters:
  ///   - adapter: the folder of a low-rank adapter, written by Recto or by PEFT, that is merged
  ///     into the model.
  ///   - warn: is called with what a user should know of the model; nil for standard error.
  /// - Throws: `FileError`, `TokenizerError` or `ConfigurationError`, naming the file.
  public static func read(
    _ url: URL, adapter: URL? = nil,
    warn: ((String) -> Void)? = nil
  ) throws -> (model: Model, tokenizer: Tokenizer) {
    let (model, tokenizer) =
      GGUF.isGGUF(url) ? try readGGUF(url) : try readFolder(url)
    guard tokenizer.vocabularySize <= model.configuration.vocabularySize else {
      throw ConfigurationError(
        "\(url.path): the tokenizer has \(tokenizer.vocabularySize) tokens, but the model's "
          + "vocab_size is \(model.configuration.vocabularySize); they are of different models")
    }
    if let adapter {
      try AdapterFolder.read(adapter, on: model.configuration).merge(into: model)
      guard model.parameters.isFinite else {
        throw FileError(
          adapter, "makes the model's parameters infinite; its alpha or its numbers are too large")
      }
    }
    if !tokenizer.missingBytes.isEmpty {
      let warn = warn ?? { StandardStreams.report("Warning: \($0)\n") }
      warn(
        "the vocabulary of \(url.relativePath) lacks \(tokenizer.missingBytes.count) of the 256 "
          + "bytes; they are dropped from texts, as the tokenizers library does")
    }
    return (model, tokenizer)
  }

  private static func readFolder(_ url: URL) throws -> (model: Model, tokenizer: Tokenizer) {
    let checkpoints = url.appendingPathComponent("checkpoints")
    if FileManager.default.fileExists(atPath: checkpoints.path) {
      throw FileError(
        url,
        "is a run's folder; its model is in model/ once the run has ended, and in "
          + "checkpoints/STEP/model/ before")
    }
    let configuration = try ModelFolder.readConfiguration(at: url)
    var tokenizer = try Tokenizer(
      contentsOf: url.appendingPathComponent("tokenizer.json"),
      endOfText: Int32(configuration.endOfTextToken))
    tokenizer.stopTokens.formUnion(try ModelFolder.stopTokens(at: url))
    let model = try Model(configuration)
    try ModelFolder.readParameters(
      at: url, configuration: configuration, into: model.parameters)
    return (model, tokenizer)
  }

  private static func readGGUF(_ url: URL) throws -> (model: Model, tokenizer: Tokenizer) {
    let source = try GGUFModel(contentsOf: url)
    // The tokenizer first: it costs nothing beside the parameters.
    let tokenizer = try FileError.naming(url) {
      var tokenizer = try source.file.tokenizer(
        endOfText: Int32(source.configuration.endOfTextToken))
      for key in ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"] {
        if let token = try source.file.integer(key), let id = Int32(exactly: token) {
          tokenizer.stopTokens.insert(id)
        }
      }
      return tokenizer
    }
    try source.check(source.configuration)
    let model = try Model(source.configuration)
    try source.read(ParameterLayout(source.configuration).entries, into: model.parameters)
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
