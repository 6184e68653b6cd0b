import Foundation
import Randomness
import Tokenization
import Training
import Transformer

/// How well a model predicts documents that it was not trained on.
///
/// A model that needs more bits for a text than the frequencies of its letters alone do has not
/// learned the text's language, so that its answers about the text mean little.
public struct LanguageFit: Codable, Sendable {
  /// The mean negative log-likelihood under the model, in bits for each byte of text.
  public var bitsPerByte: Double
  /// The entropy of the same texts' bytes by their frequencies, in bits per byte: what a model
  /// would need that knows only how often each byte occurs.
  public var bitsPerByteOfLetters: Double
  public var bytesPerToken: Double

  /// The documents are read in random order until this number of tokens is reached.
  static let maxTokens = 16_384

  /// - Precondition: there is a document.
  init(of documents: [String], model: Model, tokenizer: Tokenizer, threadCount: Int = 1) {
    // Without a template the first token is only read.
    let unscored = max(1, tokenizer.prompt([]).count)
    var tokens = 0
    var rows: [InferenceSession.Continuation] = []
    var random = RandomGenerator(seed: 0, keys: 0x8EAD)
    for document in random.shuffled(documents) where tokens < Self.maxTokens {
      let row = tokenizer.prompt([document]).prefix(model.configuration.contextLength)
      guard row.count > unscored else { continue }
      rows.append(.init(prompt: Array(row[..<unscored]), choice: Array(row[unscored...])))
      tokens += row.count - unscored
    }
    let session = InferenceSession(
      model, capacity: rows.map(\.count).max() ?? 1, threadCount: threadCount)
    let nats = -session.logLikelihoods(rows).reduce(0, +)
    let bytes = rows.flatMap { tokenizer.decodeBytes($0.choice) }
    let count = Double(max(1, bytes.count))
    bitsPerByte = nats / log(2) / count
    bytesPerToken = count / Double(max(1, tokens))
    var counts = [Double](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    bitsPerByteOfLetters = counts.reduce(0) { $1 > 0 ? $0 - $1 / count * log2($1 / count) : $0 }
  }

  public var isForeign: Bool { bitsPerByte > bitsPerByteOfLetters }

  /// A note for the reader where the model has not learned the documents' language; otherwise nil.
  var warning: String? {
    guard isForeign else { return nil }
    return String(
      format:
        "Beware: this model cannot read these documents. It needs %.1f bits per byte of them, while "
        + "the frequencies of their letters alone need %.1f: it has not learned their language, "
        + "and its answers say little about them. (The model in models/recto has only ever seen "
        + "invented words.) Name a model that has learned it, in Hugging Face's format, with "
        + "--model FOLDER.",
      bitsPerByte, bitsPerByteOfLetters)
  }
}
