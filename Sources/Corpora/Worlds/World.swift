/// A small invented world: texts about it, and questions that measure what was understood.
///
/// A dataset is a kind of world; each seed makes a fresh one with new words. The facts fall into
/// *groups*: the facts of one group answer all questions about it, so a prompt need only have the
/// groups that are asked about, and may have others.
public protocol World: Sendable {
  /// The dataset's name, such as `reversal`.
  var dataset: String { get }
  /// The splits there are questions for.
  var splits: [Split] { get }

  /// Everything written about the world: the training data of fine-tuning.
  var articles: [Article] { get }
  var groupCount: Int { get }
  /// The number of facts that are stated, in all groups together.
  var factCount: Int { get }
  /// Every name there is: nouns, adjectives, people.
  var entities: [String] { get }

  /// Articles that state every fact of the groups at least once, in random order.
  func prompt(groups: [Int], seed: UInt64) -> [Article]
  /// Like `prompt`, with wrong facts: a control, after which accuracy must be at chance.
  func shuffledPrompt(groups: [Int], seed: UInt64) -> [Article]
  func questions(_ split: Split) -> [Question]
  /// Whether a sentence that a model generated is true in this world.
  func judgement(of sentence: String) -> Judgement
  /// The articles, to be searched by the words of a question.
  var index: RankedIndex { get }
}

extension World {
  public var index: RankedIndex { RankedIndex(articles.map(\.text)) }
}

/// A text about one group of a world's facts.
public struct Article: Hashable, Sendable {
  public var group: Int
  public var text: String

  public init(group: Int, text: String) {
    self.group = group
    self.text = text
  }
}

/// Whether a generated sentence is true in a world; one word in files.
public enum Judgement: Sendable, Equatable {
  /// True. If it is the answer to a question about something not stated, that question.
  case isTrue(answers: QuestionKey?)
  case isFalse
  case isMalformed
  /// The world cannot say: it is the user's documents.
  case isUnjudged
}

extension Judgement {
  /// The word in files, which leaves out the question that a true sentence answers.
  public var label: String {
    switch self {
    case .isTrue: "true"
    case .isFalse: "false"
    case .isMalformed: "malformed"
    case .isUnjudged: "unjudged"
    }
  }
}

extension Judgement: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let label = try container.decode(String.self)
    let known: [Judgement] = [.isTrue(answers: nil), .isFalse, .isMalformed, .isUnjudged]
    guard let judgement = known.first(where: { $0.label == label }) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "there is no judgement \"\(label)\"; there are "
          + known.map(\.label).joined(separator: ", "))
    }
    self = judgement
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(label)
  }
}

/// A question, by what it is about.
public struct QuestionKey: Hashable, Sendable {
  public var split: Split
  public var fact: Int

  public init(split: Split, fact: Int) {
    self.split = split
    self.fact = fact
  }
}
