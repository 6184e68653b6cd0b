import Corpora

/// A sentence that a model wrote, judged against the world: a line of `augmentations.jsonl`.
public struct WrittenSentence: Codable, Sendable, Equatable {
  public enum Judgement: String, Codable, Sendable {
    case isTrue = "true"
    case isFalse = "false"
    case isMalformed = "malformed"
    case isUnjudged = "unjudged"
  }

  public var dataset: String
  public var arm: String
  public var seed: UInt64
  public var sentence: String
  /// How often it was sampled.
  public var count: Int
  public var judgement: Judgement
}

/// What the sentences that a model wrote are worth together.
public struct AugmentationReport: Codable, Sendable, Equatable {
  public var written: [WrittenSentence]
  /// The share of each split's questions whose answer is among the true sentences.
  public var coverage: [Split: Double]
  /// Samples that did not end in time, and are no sentence.
  public var unfinished: Int

  init(_ generated: GeneratedSentences, arm: String, bench: Bench) {
    var answered: Set<QuestionKey> = []
    let sentences = generated.sentences
    unfinished = generated.samples - sentences.reduce(0) { $0 + $1.count }
    written = sentences.map { sentence in
      let judgement: WrittenSentence.Judgement
      switch bench.world.verdict(on: sentence.text) {
      case .isTrue(let key):
        judgement = .isTrue
        if let key { answered.insert(key) }
      case .isFalse: judgement = .isFalse
      case .isMalformed: judgement = .isMalformed
      case .isUnjudged: judgement = .isUnjudged
      }
      return WrittenSentence(
        dataset: bench.world.dataset, arm: arm, seed: bench.seed, sentence: sentence.text,
        count: sentence.count, judgement: judgement)
    }
    coverage = [:]
    if written.contains(where: { $0.judgement == .isUnjudged }) { return }
    // What the documents say themselves is not an inference.
    for split in bench.world.splits where split != .trained && split != .rephrased {
      let asked = bench.questions.filter { $0.split == split }
      let covered = asked.filter { answered.contains(QuestionKey(split: split, fact: $0.fact)) }
      coverage[split] = Double(covered.count) / Double(max(1, asked.count))
    }
  }

  /// The share of the different sentences that were judged so; 0 where nothing was written.
  public func share(_ judgement: WrittenSentence.Judgement) -> Double {
    Double(written.count { $0.judgement == judgement }) / Double(max(1, written.count))
  }

  /// Samples that ended in time.
  public var samples: Int { written.reduce(0) { $0 + $1.count } }

  /// The share of the samples that were judged so, those that did not end left out.
  public func shareOfSamples(_ judgement: WrittenSentence.Judgement) -> Double {
    let own = written.reduce(0) { $0 + ($1.judgement == judgement ? $1.count : 0) }
    return Double(own) / Double(max(1, samples))
  }
}
