import ArgumentParser
import Study
import Tokenization
import Transformer

/// The options of `probe` about fine-tuning and about the sentences that a model generates for it.
struct LearningOptions: ParsableArguments {
  @Option(
    help:
      "The number of passes over the documents in fine-tuning, in every arm. (default: \(FineTuning().epochs))"
  )
  var epochs: Int?

  @Option(
    help: """
      The learning rate of fine-tuning, in every arm. (default: \(FineTuning().learningRate) for models \
      that were pretrained with Recto; for others 0.0001 at 135 M parameters, and less for more)
      """
  )
  var learningRate: Float?

  @Option(
    help: """
      How fine-tuning splits documents: none leaves them whole, independent makes each sentence a \
      document, cumulative makes documents of the first sentence, the first two, and so on.
      """)
  var splitting = SentenceSplitting.none

  @Option(
    help: """
      The number of sentences of each kind, after one document and after all, that are sampled from \
      the model per fact in the augmented arms.
      """)
  var sentences = Augmentation().sentencesPerFact

  @Option(
    help: "The temperature at which these are sampled; 1 is the model's own distribution.")
  var temperature = Augmentation().temperature

  @Option(
    help: """
      Sample only tokens with at least this fraction of the most likely token's probability; 0 \
      allows all.
      """)
  var minP = Augmentation().minP

  @Option(
    help: """
      The number of orders in which the documents are read for the probabilities that the arm \
      "augmented" learns from.
      """)
  var orders = Augmentation().teacherOrders

  @Option(
    help: """
      The number of tokens of generated sentences that are learned per fact, however many sentences \
      there are.
      """)
  var tokensPerFact = FineTuning().inferenceTokensPerFact

  @Option(
    help: """
      The share, up to 0.95, of replayed text in fine-tuning: fresh documents like those that \
      models/recto was pretrained on, about other words. It preserves the ability to read a prompt.
      """)
  var replay = FineTuning().replay

  func validate() throws {
    try check("--epochs", epochs, in: 1...1000)
    guard (learningRate ?? 1) > 0, (learningRate ?? 1) <= 1 else {
      throw ValidationError(
        "--learning-rate is \(learningRate ?? 0); it must be above 0 and at most 1.")
    }
    try check("--sentences", sentences, in: 1...1000)
    try check("--temperature", temperature, in: 0...10)
    try check("--min-p", minP, in: 0...1)
    try check("--orders", orders, in: 1...64)
    try check("--tokens-per-fact", tokensPerFact, in: 1...1_000_000)
    try check("--replay", replay, in: 0...0.95)
  }

  func apply(to study: inout StudyRun, _ model: Model, _ tokenizer: Tokenizer) {
    study.augmentation.sentencesPerFact = sentences
    study.augmentation.temperature = temperature
    study.augmentation.minP = minP
    study.augmentation.teacherOrders = orders
    study.fineTuning.inferenceTokensPerFact = tokensPerFact
    study.fineTuning.replay = replay
    study.fineTuning.splitting = splitting
    if let epochs { study.fineTuning.epochs = epochs }
    study.fineTuning.learningRate =
      learningRate ?? FineTuning.learningRate(for: model, tokenizer)
  }
}

extension SentenceSplitting: ExpressibleByArgument {}
