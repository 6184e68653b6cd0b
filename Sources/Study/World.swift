import Corpora

/// A small invented world: what is written about it, and questions that tell what was understood.
///
/// A dataset is a type of world; each seed is a fresh one with new words.
public protocol World: Sendable {
  /// The dataset's name, such as `reversal`.
  static var dataset: String { get }
  /// The splits there are questions for.
  static var splits: [Split] { get }

  /// Everything written about the world: the training data of fine-tuning.
  var articles: [String] { get }
  /// As much of it as stands in a prompt: each fact once, in random order.
  func prompt(seed: UInt64) -> [String]
  /// Like `prompt`, with wrong facts: a control that must be at chance.
  func shuffledPrompt(seed: UInt64) -> [String]
  func questions(_ split: Split) -> [Question]
  /// Whether a sentence that a model wrote is true in this world.
  func verdict(on sentence: String) -> Verdict
}

/// What a sentence that a model wrote is worth.
public enum Verdict: Sendable, Equatable {
  /// True; and where it says what a question of some split asks, which.
  case isTrue(answers: QuestionKey?)
  case isFalse
  case isMalformed
}

/// A question, by what it is about.
public struct QuestionKey: Hashable, Sendable {
  public var split: Split
  public var fact: Int
}

extension ReversalWorld: World {
  public var articles: [String] { documents.flatMap { $0 } }
  public func prompt(seed: UInt64) -> [String] { context(seed: seed) }
  public func shuffledPrompt(seed: UInt64) -> [String] { shuffledContext(seed: seed) }

  public func verdict(on sentence: String) -> Verdict {
    switch judge(sentence) {
    case .true(let fact, let side):
      .isTrue(answers: side == .reversed ? QuestionKey(split: .reversed, fact: fact) : nil)
    case .false: .isFalse
    case .malformed: .isMalformed
    }
  }
}
