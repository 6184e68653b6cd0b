import Corpora
import Randomness
import Tokenization
import Training
import Transformer

/// Full-parameter fine-tuning on documents: AdamW, constant rate, loss on whole documents.
///
/// The same settings serve every arm and dataset. Rate, epochs and batch were chosen on validation
/// worlds by the accuracy on `trained` and `rephrased` questions and by the time they take; the
/// amount of inferences by what is reversed and deduced there (docs/recipe.md).
public struct FineTuning: Codable, Sendable, Equatable {
  public var learningRate: Float = 2e-3
  public var epochs = 2
  /// A batch ends with the document that reaches so many tokens, so that datasets of long articles
  /// take as many steps for their tokens as those of short ones.
  public var tokensPerBatch = 160
  /// Whether documents are split into sentences first; not chosen by validation.
  public var splitting = SentenceSplitting.none
  /// Tokens of what the model wrote that are learned for each fact, in all epochs together: so much
  /// training however many different sentences there are.
  public var inferenceTokensPerFact = 1500
  /// The share of the tokens learned that are fresh pretraining documents, about other words: it
  /// keeps the ability to read a prompt.
  public var replay = 0.0

  public init() {}

  /// What an epoch goes through: the documents, and what was inferred from them as often as it
  /// takes for ``inferenceTokensPerFact``; the last time a random part of it.
  func epoch(_ documents: [Lesson], inferences: [Lesson], _ trial: Trial) -> [Lesson] {
    let lengths = inferences.map { $0.tokens(trial).count }
    let all = lengths.reduce(0, +)
    guard all > 0 else { return documents }
    let goal = inferenceTokensPerFact * trial.world.factCount / epochs
    let (passes, rest) = goal.quotientAndRemainder(dividingBy: all)
    var random = RandomGenerator(seed: trial.seed, keys: 0xE90C)
    var lessons = documents + Array(repeating: inferences, count: passes).flatMap { $0 }
    var tokens = 0
    for place in random.shuffled(Array(inferences.indices)) where tokens < rest {
      lessons.append(inferences[place])
      tokens += lengths[place]
    }
    return lessons
  }

  /// The tokens that training on lessons has, each epoch's counted.
  func dose(of lessons: [Lesson], _ trial: Trial) -> Int {
    epochs * lessons.reduce(0) { $0 + $1.tokens(trial).count }
  }

  /// The next rows, up to the one that fills the batch.
  func takeBatch(from rest: inout ArraySlice<TrainingRow>) -> [TrainingRow] {
    precondition(tokensPerBatch > 0)
    var batch: [TrainingRow] = []
    var tokens = 0
    while tokens < tokensPerBatch, let row = rest.popFirst() {
      batch.append(row)
      tokens += row.tokens.count
    }
    return batch
  }
}
