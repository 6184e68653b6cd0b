import Corpora
import Tokenization
import Transformer

/// Augmentation by a chat model, which is asked in its chat format to state what documents say in
/// its own words, as in Lampinen et al. 2025.
///
/// A base model only continues documents; what a chat model writes after a document is no inference
/// from it but whatever its training has made likely.
public struct ChatAugmentation: Codable, Sendable, Equatable {
  /// The name of the chat format; nil for that of the model's own template.
  public var format: String?
  public var requests = ChatRequest.standard
  /// Answers sampled for each request and document.
  public var answers = 3
  public var temperature = 0.7
  public var minP = 0.1

  /// The maximum number of tokens of an answer.
  static let tokensPerAnswer = 160

  public init() {}

  /// What the model answers where it sees one document at a time.
  ///
  /// - Throws: `TokenizerError` where the chat format does not fit the model.
  func local(
    _ trial: Trial, _ settings: Augmentation, isShuffled: Bool
  ) throws -> GeneratedSentences {
    let articles = PromptPlan.articles(
      trial, Array(0..<trial.world.groupCount), isShuffled: isShuffled)
    return try ask(
      requests.filter { !$0.showsAllDocuments }, about: [articles], trial, settings, purpose: 3)
  }

  /// What it answers where it sees as many documents as fit its context.
  ///
  /// - Throws: `PromptTooLong`, `TokenizerError`.
  func global(
    _ trial: Trial, _ settings: Augmentation, isShuffled: Bool
  ) throws -> GeneratedSentences {
    let requests = requests.filter(\.showsAllDocuments)
    guard !requests.isEmpty else { return GeneratedSentences() }
    return try ask(
      requests, about: blocks(requests, trial, isShuffled: isShuffled), trial, settings, purpose: 4)
  }

  /// The documents that are shown together: as many as leave room for an answer about the longest
  /// of them.
  private func blocks(
    _ requests: [ChatRequest], _ trial: Trial, isShuffled: Bool
  ) throws -> [[Article]] {
    let chat = try Chat(trial.tokenizer, format: format)
    var size = trial.world.groupCount
    while true {
      let blocks = PromptPlan.blocks(of: trial.world.groupCount, size: size).map {
        PromptPlan.articles(trial, $0, isShuffled: isShuffled)
      }
      let longest =
        try requests.flatMap { request in
          try blocks.map { articles in
            let texts = articles.map(\.text)
            let longest = texts.max { $0.utf8.count < $1.utf8.count } ?? ""
            return try tokens(request, about: longest, among: texts, chat, trial.tokenizer).count
          }
        }.max() ?? 0
      let room = trial.model.configuration.contextLength - Self.tokensPerAnswer
      if longest <= room || size <= 1 { return blocks }
      size = max(1, min(size - 1, size * room / longest))
    }
  }

  /// Asks each request about each document, among the documents of its block.
  private func ask(
    _ requests: [ChatRequest], about blocks: [[Article]], _ trial: Trial,
    _ settings: Augmentation, purpose: UInt64
  ) throws -> GeneratedSentences {
    let tokenizer = trial.tokenizer
    let chat = try Chat(tokenizer, format: format)
    let read = try requests.flatMap { request in
      try blocks.map { articles in
        let others = articles.map(\.text)
        return Self.reading(
          try articles.map { article in
            (
              group: article.group,
              tokens: try tokens(request, about: article.text, among: others, chat, tokenizer)
            )
          }.filter {
            $0.tokens.count + Self.tokensPerAnswer <= trial.model.configuration.contextLength
          })
      }
    }
    let ends = tokenizer.stopTokens.union([chat.stopToken])
    return settings.generate(
      trial, purpose: purpose, read, count: answers,
      ContinuationSettings(
        Sampler(temperature: temperature, minP: minP, seed: 0), limit: Self.tokensPerAnswer,
        ends: ends)
    ) { tokens in
      // An answer that was cut off still has whole lines.
      AnswerSentences.of(tokenizer.decode(tokens.filter { !ends.contains($0) }))
    }
  }

  private func tokens(
    _ request: ChatRequest, about document: String, among others: [String], _ chat: Chat,
    _ tokenizer: Tokenizer
  ) throws -> [Int32] {
    let messages = Self.messages(request.messages(about: document, among: others), chat)
    return tokenizer.encodeWhole(
      try chat.text(messages) + chat.answersWithoutThinking, addsTemplate: false)
  }

  /// Messages as a format takes them: where it has no system message, that is a part of the first
  /// message of the user.
  private static func messages(_ messages: [ChatMessage], _ chat: Chat) -> [ChatMessage] {
    guard chat.refusesSystem, messages.count > 1, let system = messages.first,
      system.role == .system
    else { return messages }
    var rest = Array(messages.dropFirst())
    rest[0].content = system.content + "\n\n" + rest[0].content
    return rest
  }

  /// What all conversations begin with, which is read once, and the rest of each.
  static func reading(_ conversations: [(group: Int, tokens: [Int32])]) -> Augmentation.Reading {
    guard let first = conversations.first?.tokens else { return .init(prefix: [], texts: []) }
    // At least one token is left of each.
    let shared = conversations.reduce(first.count - 1) { shared, other in
      min(shared, other.tokens.count - 1, zip(first, other.tokens).prefix { $0 == $1 }.count)
    }
    return Augmentation.Reading(
      prefix: Array(first.prefix(shared)),
      texts: conversations.map { ($0.group, Array($0.tokens.dropFirst(shared))) })
  }
}
