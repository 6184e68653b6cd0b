import Corpora
import Tokenization
import Transformer

/// Lets the model read one document and go on writing: what it infers from it, in its own words.
///
/// Nothing is prescribed: the prompt is the document alone, and the text is sampled from the model.
/// A sentence is kept whether it is true or not; only one that does not end within the limit, or
/// repeats another, is dropped. After the *local* augmentation of Lampinen et al. 2025.
struct LocalAugmentation {
  /// Sentences written after each document.
  var sentencesPerDocument = 4
  var temperature = 0.7
  private let tokensPerSentence = 40

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
      session.read(prompt)
      for _ in 0..<sentencesPerDocument {
        let tokens = session.generate(&sampler, limit: tokensPerSentence) {
          $0 == tokenizer.endOfText || tokenizer.decode([$0]).hasSuffix(".")
        }
        let sentence = String(tokenizer.decode(tokens).drop { $0 == " " })
        guard let last = tokens.last, sentence.hasSuffix(".") else { break }
        // The next sentence follows this one, as in the documents the model was pretrained on.
        session.read([last])
        if seen.insert(sentence).inserted { result.append(sentence) }
      }
    }
    return result
  }
}

/// What the sentences that a model wrote are worth, judged against the world.
public struct AugmentationReport: Codable, Sendable, Equatable {
  public var sentences: Int
  /// Shares of the sentences.
  public var isTrue: Double
  public var isFalse: Double
  public var isMalformed: Double
  /// The share of each split's questions whose answer is among the true sentences.
  public var coverage: [String: Double]

  init(_ sentences: [String], world: any World) {
    self.sentences = sentences.count
    var counts = (true: 0, false: 0, malformed: 0)
    var answered: Set<QuestionKey> = []
    for sentence in sentences {
      switch world.verdict(on: sentence) {
      case .isTrue(let key):
        counts.true += 1
        if let key { answered.insert(key) }
      case .isFalse: counts.false += 1
      case .isMalformed: counts.malformed += 1
      }
    }
    let total = Double(max(1, sentences.count))
    isTrue = Double(counts.true) / total
    isFalse = Double(counts.false) / total
    isMalformed = Double(counts.malformed) / total
    var coverage: [String: Double] = [:]
    for split in Set(answered.map(\.split)) {
      let questions = world.questions(split).count
      coverage[split.rawValue] =
        Double(answered.filter { $0.split == split }.count) / Double(max(1, questions))
    }
    self.coverage = coverage
  }
}
