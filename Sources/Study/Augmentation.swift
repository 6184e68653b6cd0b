import Corpora
import Tokenization
import Transformer

/// Lets the model read one document and go on writing: what it infers from it, in its own words.
///
/// Nothing is prescribed: the prompt is the document alone, and each sentence is sampled from the model
/// anew. A sentence is kept whether it is true or not; only one that does not end within the limit, or
/// repeats another, is dropped. After the *local* augmentation of Lampinen et al. 2025.
public struct LocalAugmentation: Codable, Sendable, Equatable {
  /// Sentences sampled after each document.
  public var sentencesPerDocument = 8
  /// 1 samples from the model's own distribution; less prefers the likelier words.
  public var temperature = 0.7

  private static let tokensPerSentence = 40

  public init() {}

  /// The different sentences that the model writes after each document.
  func sentences(about documents: [String], _ bench: Bench) -> [String] {
    let tokenizer = bench.tokenizer
    let session = InferenceSession(bench.model, capacity: 512)
    var sampler = Sampler(temperature: temperature, seed: bench.seed)
    var seen = Set(documents)
    var result: [String] = []
    for document in documents {
      let prompt = tokenizer.prompt([document])
      // Nothing can be written after a document that fills the context.
      guard prompt.count < session.capacity else { continue }
      session.rewind(to: 0)
      session.read(prompt.dropLast())
      for _ in 0..<sentencesPerDocument {
        session.rewind(to: prompt.count - 1)
        session.read(prompt.suffix(1))
        let tokens = session.generate(&sampler, limit: Self.tokensPerSentence) {
          $0 == tokenizer.endOfText || tokenizer.decode([$0]).hasSuffix(".")
        }
        let sentence = String(tokenizer.decode(tokens).drop { $0 == " " })
        if sentence.hasSuffix("."), seen.insert(sentence).inserted { result.append(sentence) }
      }
    }
    return result
  }
}

/// A sentence that a model wrote, judged against the world: a line of `augmentations.jsonl`.
public struct WrittenSentence: Codable, Sendable, Equatable {
  public enum Judgement: String, Codable, Sendable {
    case isTrue = "true"
    case isFalse = "false"
    case isMalformed = "malformed"
  }

  public var arm: String
  public var seed: UInt64
  public var sentence: String
  public var judgement: Judgement
}

/// What the sentences that a model wrote are worth together.
public struct AugmentationReport: Sendable, Equatable {
  public var written: [WrittenSentence]
  /// The share of each split's questions whose answer is among the true sentences.
  public var coverage: [Split: Double]

  init(_ sentences: [String], arm: String, bench: Bench) {
    var answered: Set<QuestionKey> = []
    written = sentences.map { sentence in
      let judgement: WrittenSentence.Judgement
      switch bench.world.verdict(on: sentence) {
      case .isTrue(let key):
        judgement = .isTrue
        if let key { answered.insert(key) }
      case .isFalse: judgement = .isFalse
      case .isMalformed: judgement = .isMalformed
      }
      return WrittenSentence(
        arm: arm, seed: bench.seed, sentence: sentence, judgement: judgement)
    }
    coverage = [:]
    for split in Set(answered.map(\.split)) {
      let questions = bench.world.questions(split).count
      coverage[split] =
        Double(answered.filter { $0.split == split }.count) / Double(max(1, questions))
    }
  }

  /// The share of the sentences that were judged so; 0 where nothing was written.
  public func share(_ judgement: WrittenSentence.Judgement) -> Double {
    Double(written.filter { $0.judgement == judgement }.count) / Double(max(1, written.count))
  }
}
