import Corpora
import Foundation
import Support
import Tokenization
import Training
import Transformer

/// The user's own documents and questions, ready for a model.
public struct UserDocuments: Sendable {
  public let world: DocumentWorld
  public let summary: Summary

  /// What was read, for results and reports.
  public struct Summary: Codable, Sendable {
    public var dataset: String
    /// The paths of the files.
    public var documents: [String]
    public var questions: [String]
    /// The number of documents; one that is too long counts as its passages.
    public var documentCount: Int
    public var questionCount: Int
    /// The number of different things that the questions are about.
    public var factCount: Int
    public var tokens: Int
    public var languageFit: LanguageFit
    /// What a reader must know to understand the numbers.
    public var notes: [String]

    /// A short description.
    package var about: String {
      "\(documentCount) documents of the user's own, and questions about \(factCount) facts"
    }
  }

  /// Documents that leave no room in the model's context are split into passages.
  ///
  /// - Parameter maxCandidates: the maximum number of choices of a question whose choices are other
  ///   questions' completions.
  /// - Throws: `CorpusError` where questions and documents together make no world, `PromptTooLong`
  ///   for a question that the context cannot hold.
  public init(
    _ files: UserFiles, model: Model, tokenizer: Tokenizer, chat: Chat? = nil,
    maxCandidates: Int = DocumentWorld.standardCandidates, threadCount: Int = 1
  ) throws {
    let prompting = Prompting(tokenizer, chat: chat)
    let texts = files.documents.map(\.text)
    let asked = files.questions
    let context = model.configuration.contextLength
    let longest = try Self.maxQuestionLength(asked, prompting, context: context)
    // Half of what a question leaves, so that there is room to generate, and for a second passage.
    let limit = max(1, (context - longest - prompting.prompt([]).count) / 2)
    let passages = texts.map { Self.passages(of: $0, limit: limit, tokenizer) }
    let all = passages.flatMap { $0 }
    world = try DocumentWorld(documents: all, questions: asked, maxCandidates: maxCandidates)
    let fit = LanguageFit(
      of: all, model: model, tokenizer: tokenizer, threadCount: threadCount)
    var notes: [String] = []
    if let warning = fit.warning { notes.append(warning) }
    if let note = Self.noteOnNestedChoices(asked) { notes.append(note) }
    let splitCount = passages.count { $0.count > 1 }
    if splitCount > 0 {
      notes.append(
        "\(splitCount) of the \(texts.count) documents are longer than \(limit) tokens, half of the "
          + "room that the model's context of \(context) leaves beside a question; they were split into "
          + "\(passages.filter { $0.count > 1 }.reduce(0) { $0 + $1.count }) passages.")
    }
    summary = Summary(
      dataset: world.dataset, documents: files.documentPaths,
      questions: files.questionPaths, documentCount: all.count,
      questionCount: asked.count, factCount: world.subjectCount,
      tokens: all.reduce(0) { $0 + tokenizer.continuation($1).count }, languageFit: fit,
      notes: notes)
  }

  /// What to know of choices that begin with another choice of their question: "Paris", "Paris, of
  /// course".
  private static func noteOnNestedChoices(_ questions: [UserQuestion]) -> String? {
    let nested = questions.compactMap { question -> (String, String)? in
      guard let choices = question.choices else { return nil }
      for short in choices {
        if let long = choices.first(where: { $0 != short && $0.hasPrefix(short) }) {
          return (short, long)
        }
      }
      return nil
    }
    guard let (short, long) = nested.first else { return nil }
    func shown(_ text: String) -> String { String(text.drop(while: \.isWhitespace)) }
    return
      "\(nested.count) of the questions have a choice that begins with another, such as "
      + "\(quoted(shown(long))) and \(quoted(shown(short))): the longer one is never likelier than the "
      + "shorter one, and is not chosen; end both with a full stop, or remove one."
  }

  /// The tokens of the longest question with its longest choice.
  private static func maxQuestionLength(
    _ questions: [UserQuestion], _ prompting: Prompting, context: Int
  ) throws -> Int {
    // Completions are also other questions' choices.
    let completion =
      questions.filter { $0.choices == nil }
      .map { prompting.choice($0.completion).count }.max() ?? 0
    var longest = 0
    for question in questions {
      let choice = question.choices?.map { prompting.choice($0).count }.max() ?? completion
      let count = prompting.length(question.prompt, choices: []) + choice
      guard count + 1 < context else {
        throw PromptTooLong(
          description:
            "the question \"\(question.prompt.prefix(60))\" is \(count) tokens long with its "
            + "longest choice, but the model's context is \(context); shorten it, or use a model "
            + "with a longer context")
      }
      longest = max(longest, count)
    }
    return longest
  }

  /// A text in parts of at most `limit` tokens, split between sentences where possible, otherwise
  /// between words.
  static func passages(of text: String, limit: Int, _ tokenizer: Tokenizer) -> [String] {
    func length(_ text: String) -> Int { tokenizer.continuation(text).count }
    if length(text) <= limit { return [text] }
    func joined(_ parts: [String], splitting split: (String) -> [String]) -> [String] {
      var passages: [String] = []
      var passage = ""
      for one in parts {
        let longer = passage.isEmpty ? one : passage + " " + one
        if length(longer) <= limit {
          passage = longer
          continue
        }
        if !passage.isEmpty { passages.append(passage) }
        passage = one
        if length(one) > limit {
          passages += split(one)
          passage = ""
        }
      }
      return passage.isEmpty ? passages : passages + [passage]
    }
    return joined(SentenceSplitting.independent.documents([text])) { sentence in
      joined(sentence.split(whereSeparator: \.isWhitespace).map(String.init)) { word in
        // A token is at least one byte.
        var rest = Array(word.utf8)[...]
        var parts: [String] = []
        while !rest.isEmpty {
          var part = rest.prefix(max(4, limit - 1))
          // The bytes of a character stay together.
          while part.count < rest.count, rest[part.endIndex] & 0xC0 == 0x80 { part.removeLast() }
          parts.append(String(decoding: part, as: UTF8.self))
          rest = rest[part.endIndex...]
        }
        return parts
      }
    }
  }
}
