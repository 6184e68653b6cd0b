import Corpora

/// A generated sentence, judged against its world: a line of `augmentations.jsonl`.
public struct JudgedSentence: Codable, Sendable, Equatable {
  public var dataset: String
  public var arm: String
  public var seed: UInt64
  public var sentence: String
  /// How often it was sampled.
  public var count: Int
  public var judgement: Judgement
}

/// The generated sentences of an arm, each with its judgement, and the questions that they answer.
public struct AugmentationReport: Codable, Sendable, Equatable {
  public var written: [JudgedSentence]
  /// The share of each split's questions whose answer is among the true sentences.
  public var coverage: [Split: Double]
  /// The number of samples that did not end within the limit.
  public var unfinished: Int

  init(_ generated: GeneratedSentences, arm: String, trial: Trial) {
    var answered: Set<QuestionKey> = []
    let sentences = generated.sentences
    unfinished = generated.samples - sentences.reduce(0) { $0 + $1.count }
    written = sentences.map { sentence in
      var judgement = trial.world.judgement(of: sentence.text)
      if case .isTrue(let key) = judgement {
        if let key { answered.insert(key) }
        judgement = .isTrue(answers: nil)
      }
      return JudgedSentence(
        dataset: trial.world.dataset, arm: arm, seed: trial.seed, sentence: sentence.text,
        count: sentence.count, judgement: judgement)
    }
    coverage = [:]
    if written.contains(where: { $0.judgement == .isUnjudged }) { return }
    // What the documents say themselves is not an inference.
    for split in trial.world.splits where split != .trained && split != .rephrased {
      let asked = trial.questions.filter { $0.split == split }
      let covered = asked.filter { answered.contains(QuestionKey(split: split, fact: $0.fact)) }
      coverage[split] = Double(covered.count) / Double(max(1, asked.count))
    }
  }

  /// The share of the different sentences with a judgement; 0 where nothing was generated.
  public func share(_ judgement: Judgement) -> Double {
    Double(written.count { $0.judgement == judgement }) / Double(max(1, written.count))
  }

  /// The number of samples that ended within the limit.
  public var samples: Int { written.reduce(0) { $0 + $1.count } }

  /// The share of ``samples`` with a judgement.
  public func shareOfSamples(_ judgement: Judgement) -> Double {
    let own = written.reduce(0) { $0 + ($1.judgement == judgement ? $1.count : 0) }
    return Double(own) / Double(max(1, samples))
  }
}
