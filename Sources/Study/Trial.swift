import Corpora
import Foundation
import Tokenization
import Transformer

/// What the arms work with: one world and the model as it was pretrained, and what several of them
/// need of it, made once.
final class Trial: Sendable {
  let world: any World
  /// The number of the world; arms draw their random numbers from it.
  let seed: UInt64
  /// Shared by all arms: whoever trains it trains a copy.
  let model: Model
  let tokenizer: Tokenizer
  let fineTuning: FineTuning
  let augmentation: Augmentation
  /// The most groups of facts that stand in a prompt; as many as fit where nil.
  let groupsPerPrompt: Int?
  /// All questions, split after split.
  let questions: [Question]

  private let tunedMemo = Memo<FineTuner>()
  private let localMemo = Memo<GeneratedSentences>()
  private let globalMemo = Memo<GeneratedSentences>()
  private let priorMemo = Memo<[[Double]]>()
  private let blocksMemo = Memo<[[Int]]>()
  private let digestMemo = Memo<String>()

  init(
    world: any World, seed: UInt64, model: Model, tokenizer: Tokenizer, fineTuning: FineTuning,
    augmentation: Augmentation, groupsPerPrompt: Int? = nil
  ) {
    self.world = world
    self.seed = seed
    self.model = model
    self.tokenizer = tokenizer
    self.fineTuning = fineTuning
    self.augmentation = augmentation
    self.groupsPerPrompt = groupsPerPrompt
    questions = world.splits.flatMap { world.questions($0) }
  }

  var documents: [String] { world.articles.map(\.text) }
  /// The documents as fine-tuning takes them.
  var lessons: [Lesson] { [Lesson](fineTuning.splitting.documents(documents)) }

  /// The model fine-tuned on the documents, with its accuracies along the way.
  func fineTuned() throws -> PreparedModel { try fineTuner().prepared }

  /// The model fine-tuned on the documents until it has learned so many tokens; no fewer than
  /// ``fineTuned()`` has.
  func fineTuned(dose: Int) throws -> PreparedModel {
    var tuner = try fineTuner().copy()
    try tuner.train(self, on: lessons, until: dose)
    return tuner.prepared
  }

  private func fineTuner() throws -> FineTuner {
    try tunedMemo.value {
      var tuner = FineTuner(fineTuning, self)
      try tuner.train(self, on: lessons, watches: true)
      return tuner
    }
  }

  /// What the model writes after each document alone.
  func localSentences() throws -> GeneratedSentences {
    localMemo.value { augmentation.local(self) }
  }

  /// What it writes after each document when all the others stand before it.
  func globalSentences() throws -> GeneratedSentences {
    try globalMemo.value { try augmentation.global(self) }
  }

  /// Both.
  func bothSentences() throws -> GeneratedSentences {
    try localSentences() + globalSentences()
  }

  /// The log-likelihood of each choice of each question for the model that knows no fact.
  func priors() throws -> [[Double]] {
    try priorMemo.value {
      try Scoring(arm: "pretrained", trial: self).logLikelihoods(PreparedModel(model: model))
    }
  }

  /// Tells trials apart whose arms come to other outcomes.
  func digest() throws -> String { try digestMemo.value { try makeDigest() } }

  /// Gives back what was made for the arms, after the last of them.
  func forget() {
    tunedMemo.forget()
    localMemo.forget()
    globalMemo.forget()
    priorMemo.forget()
    blocksMemo.forget()
  }

  /// The groups of facts that share a prompt: as many as fit the context together.
  func blocks() throws -> [[Int]] { try blocksMemo.value { try PromptPlan(self).blocks } }
}

/// A value that is made when it is first asked for; who asks meanwhile waits for it.
///
/// A `Mutex` would do but for ThreadSanitizer: where one waits for it, Linux's hands the lock over
/// in the kernel, which the sanitizer does not see, so that it reports a race of everything made
/// under it.
final class Memo<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  /// Guarded by the lock.
  private var stored: Value?

  func value(_ make: () throws -> Value) rethrows -> Value {
    try lock.withLock {
      if let stored { return stored }
      let value = try make()
      stored = value
      return value
    }
  }

  func forget() { lock.withLock { stored = nil } }
}
