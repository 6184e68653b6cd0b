import Corpora
import Randomness
import Tokenization
import Training
import Transformer

/// The settings of full-parameter fine-tuning: AdamW, constant rate, loss on whole documents.
///
/// The same settings serve every arm and dataset. Rate, epochs and batch were chosen on validation
/// worlds by the accuracy on `trained` and `rephrased` questions and by the time they take; the
/// amount of inferences by the accuracy on `reversed` and `deduced` questions (docs/recipe.md).
public struct FineTuning: Codable, Sendable, Equatable {
  public var learningRate: Float = 2e-3
  public var epochs = 2
  /// A batch ends with the document that reaches this number of tokens, so that datasets of long
  /// articles take as many steps per token as those of short ones.
  public var tokensPerBatch = 160
  /// Whether documents are split into sentences first; not chosen by validation.
  public var splitting = SentenceSplitting.none
  /// The number of tokens of generated sentences that are learned per fact, over all epochs,
  /// however many different sentences there are.
  public var inferenceTokensPerFact = 1500
  /// The share of the learned tokens that are fresh pretraining documents, about other words: they
  /// preserve the ability to read a prompt.
  public var replay = 0.0
  /// The rank of a low-rank adapter (LoRA) that is trained in place of all parameters, on every
  /// matrix of the layers, with twice the rank as alpha; nil to train all parameters.
  public var loraRank: Int?

  /// The adapter that is trained; nil where all parameters are.
  public var adapterPlan: AdapterPlan? {
    loraRank.map { AdapterPlan(rank: $0, alpha: 2 * Float($0)) }
  }

  public init() {}

  /// ``inferenceTokensPerFact`` for models made by others, whose every token costs far more:
  /// enough for each of some fifteen sentences once in each of two epochs. Not chosen by validation
  /// but for its time; 400 was tried on a validation set of documents (docs/log/documents.md).
  public static let tokensPerFactOfOthers = 300

  /// The learning rate for a model, if none is chosen.
  ///
  /// That of models pretrained with Recto was chosen on validation worlds. Models made by others
  /// are larger and have learned longer: at 0.002 they forget what they knew. Theirs falls with the
  /// root of the number of parameters from 0.0001 at 135 million, where office examples were tried.
  public static func learningRate(for model: Model, _ tokenizer: Tokenizer) -> Float {
    if tokenizer.beginsTextsWithSpace { return FineTuning().learningRate }
    let rate = 1e-4 * (135e6 / Float(model.parameterCount)).squareRoot()
    return min(FineTuning().learningRate, rate)
  }

  /// The lessons of one epoch: the documents, and the inferences as many times as
  /// ``inferenceTokensPerFact`` requires, the last time only a random part of them.
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

  /// The number of tokens that training on lessons takes, over all epochs.
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
