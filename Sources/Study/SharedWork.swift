import Corpora
import Foundation
import Transformer

/// What several arms need for one trial, made once, when the first of them needs it.
final class SharedWork: Sendable {
  let trial: Trial

  private let tunedMemo = Memo<FineTuner>()
  private let localMemo = Memo<GeneratedSentences>()
  private let globalMemo = Memo<GeneratedSentences>()
  private let pretrainedMemo: Memo<Scoring.Answers>
  private let blocksMemo = Memo<[[Int]]>()
  private let digestMemo = Memo<String>()

  /// - Parameter pretrained: where the answers of the pretrained model are kept, if several trials
  ///   ask the same questions.
  init(_ trial: Trial, pretrained: Memo<Scoring.Answers> = Memo()) {
    self.trial = trial
    pretrainedMemo = pretrained
  }

  /// The model fine-tuned on the documents, with its learning curve.
  func fineTuned() throws -> PreparedModel { try fineTuner().prepared }

  /// The model fine-tuned on the documents until it has learned `dose` tokens, but no fewer than
  /// ``fineTuned()`` has.
  func fineTuned(dose: Int) throws -> PreparedModel {
    var tuner = try fineTuner().copy()
    try tuner.train(on: trial.lessons, until: dose)
    return tuner.prepared
  }

  private func fineTuner() throws -> FineTuner {
    try tunedMemo.value {
      let scoring = trial.scoring()
      let few = trial.watchedQuestions
      var tuner = try FineTuner(trial)
      // A curve without questions has no points.
      let watch: ((Model) throws -> [String: Double])? =
        few.isEmpty ? nil : { try scoring.accuracies(PreparedModel(model: $0), few) }
      try tuner.train(on: trial.lessons, accuracies: watch)
      return tuner
    }
  }

  /// The model fine-tuned on some lessons, from the pretrained one.
  ///
  /// - Throws: `TrainingError` where the loss stops being a number.
  func fineTuned(on lessons: [Lesson]) throws -> PreparedModel {
    var tuner = try FineTuner(trial)
    try tuner.train(on: lessons)
    return tuner.prepared
  }

  /// What the model generates after each document alone.
  func localSentences() throws -> GeneratedSentences {
    try localMemo.value { try trial.augmentation.local(trial) }
  }

  /// What it generates after each document when all the others stand before it.
  func globalSentences() throws -> GeneratedSentences {
    try globalMemo.value { try trial.augmentation.global(trial) }
  }

  /// Both kinds of sentences.
  func bothSentences() throws -> GeneratedSentences {
    try localSentences() + globalSentences()
  }

  /// The answers of the model that knows no fact.
  func pretrainedAnswers() throws -> Scoring.Answers {
    try pretrainedMemo.value {
      try trial.scoring().answers(PreparedModel(model: trial.model), trial.questions)
    }
  }

  /// The groups of facts that share a prompt: as many as fit the context together.
  func blocks() throws -> [[Int]] { try blocksMemo.value { try PromptPlan(trial).blocks } }

  /// ``Trial/digest()``, computed once.
  func digest() throws -> String { try digestMemo.value { try trial.digest() } }

  /// Frees the fine-tuned model, which takes the memory of three models.
  func forgetFineTuned() { tunedMemo.forget() }

  /// Frees what was made for the arms, after the last of them.
  func forget() {
    tunedMemo.forget()
    localMemo.forget()
    globalMemo.forget()
    blocksMemo.forget()
  }
}

/// A value that is made when it is first needed; other threads that need it meanwhile wait for it.
///
/// It does not use `Mutex` because of ThreadSanitizer: on Linux a waiting `Mutex` hands the lock
/// over in the kernel, which the sanitizer does not see, so that it reports a race on everything
/// made under the lock.
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
