import Randomness

/// The documents and questions of the user as a world.
///
/// Each document is a group of its own. Nobody says which documents answer a question, so its group
/// is the document that shares most words with it: if not all documents fit a prompt, the question
/// is asked with that document and its neighbours.
///
/// There is only one such world: seeds change only the order of documents and the random draws.
public struct DocumentWorld: World {
  public let dataset = "documents"
  public let splits: [Split]
  public let articles: [Article]
  public let entities: [String]
  public let index: RankedIndex
  /// The number of different facts that the questions are about.
  public let subjectCount: Int

  private let questions: [Question]
  private let shuffle: AnswerShuffle

  /// The maximum number of choices of a question whose choices are other questions' completions,
  /// unless another is given.
  public static let standardCandidates = 256
  /// The maximum number of words of an answer that counts as a name.
  static let maxNameLength = 4

  /// - Parameter maxCandidates: the maximum number of choices of a question whose choices are other
  ///   questions' completions; at least 2.
  /// - Throws: `CorpusError` if there is no document or no question, or if a question without
  ///   choices has no other completion in its split to choose from.
  public init(
    documents: [String], questions own: [UserQuestion], maxCandidates: Int = standardCandidates
  ) throws(CorpusError) {
    guard !documents.isEmpty else { throw .emptyWorld(units: "documents") }
    guard !own.isEmpty else { throw .emptyWorld(units: "questions") }
    let index = RankedIndex(documents, foldsCase: true)
    let candidates = try Candidates(own)
    var facts: [String: Int] = [:]
    var nearest: [String: Int] = [:]
    questions = own.enumerated().map { number, question in
      let fact = facts[question.fact] ?? facts.count
      facts[question.fact] = fact
      let group =
        nearest[question.prompt]
        ?? index.numbers(nearestTo: question.prompt, count: 1).first ?? 0
      nearest[question.prompt] = group
      let choices =
        question.choices
        ?? candidates.choices(of: question, number: number, most: maxCandidates)
      return Question(
        dataset: "documents", split: question.split, prompt: question.prompt, choices: choices,
        answer: choices.firstIndex(of: question.completion) ?? 0, fact: fact, group: group,
        isCompletion: question.choices == nil)
    }
    splits = Split.ordered(own.map(\.split))
    articles = documents.enumerated().map { Article(group: $0, text: $1) }
    self.index = index
    subjectCount = facts.count
    shuffle = AnswerShuffle(
      documents, classes: own.compactMap(\.choices) + candidates.ofSplits.values.map { $0 })
    entities = shuffle.answers.filter { $0.split(separator: " ").count <= Self.maxNameLength }
  }

  public var groupCount: Int { articles.count }
  /// Each document counts as one fact.
  public var factCount: Int { articles.count }

  /// The documents of the groups in random order.
  public func prompt(groups: [Int], seed: UInt64) -> [Article] {
    var random = RandomGenerator(seed: seed, keys: 0xD0C0)
    return random.shuffled(groups.map { articles[$0] })
  }

  /// The same documents with the answers of questions shuffled.
  public func shuffledPrompt(groups: [Int], seed: UInt64) -> [Article] {
    let texts = shuffle.texts(of: groups, seed: seed)
    var random = RandomGenerator(seed: seed, keys: 0xD0C0)
    return random.shuffled(zip(groups, texts).map { Article(group: $0, text: $1) })
  }

  public func questions(_ split: Split) -> [Question] { questions.filter { $0.split == split } }

  /// What is true beyond the documents is not known.
  public func judgement(of sentence: String) -> Judgement { .isUnjudged }
}

/// The choices of questions that have none of their own: the completions of all such questions of
/// their split, without those of questions with the same prompt, which are right as well.
private struct Candidates {
  private(set) var ofSplits: [Split: [String]] = [:]
  private var ofPrompts: [Split: [String: Set<String>]] = [:]

  init(_ questions: [UserQuestion]) throws(CorpusError) {
    var seen: [Split: Set<String>] = [:]
    for question in questions where question.choices == nil {
      if seen[question.split, default: []].insert(question.completion).inserted {
        ofSplits[question.split, default: []].append(question.completion)
      }
      ofPrompts[question.split, default: [:]][question.prompt, default: []].insert(
        question.completion)
    }
    for question in questions where question.choices == nil {
      let others = seen[question.split]?.count ?? 0
      let right = ofPrompts[question.split]?[question.prompt]?.count ?? 0
      guard others > right else {
        throw .nothingToChoose(split: question.split.rawValue, prompt: question.prompt)
      }
    }
  }

  /// The right completion and others, in the order of the file; if there are too many, the others
  /// are drawn at random.
  func choices(of question: UserQuestion, number: Int, most: Int) -> [String] {
    let right = ofPrompts[question.split]?[question.prompt] ?? []
    var choices = (ofSplits[question.split] ?? []).filter {
      $0 == question.completion || !right.contains($0)
    }
    if choices.count > most {
      var random = RandomGenerator(seed: 0xCA9D, keys: UInt64(number))
      let others = choices.indices.filter { choices[$0] != question.completion }
      let kept = Set(random.sample(most - 1, of: others))
      choices = choices.indices.filter {
        kept.contains($0) || choices[$0] == question.completion
      }.map { choices[$0] }
    }
    return choices
  }
}
