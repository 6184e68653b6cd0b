import Corpora
import Randomness
import Tokenization
import Transformer

/// Lets the model read and go on writing: what it infers from documents, in its own words.
///
/// Nothing is prescribed: the prompt is documents alone, and sentences are sampled from the model.
/// Every sample counts, whether it is true or not; only one that does not end within the limit is
/// dropped. What was sampled several times is one sentence of so much weight. After Lampinen et al.
/// 2025, whose *local* augmentation shows the model one document and whose *global* augmentation
/// shows it all the others before.
public struct Augmentation: Codable, Sendable, Equatable {
  /// Sentences sampled for each fact of the world, dealt out evenly to the documents.
  public var sentencesPerFact = 48
  /// 1 samples from the model's own distribution; less prefers the likelier words.
  public var temperature = 1.0
  /// Only tokens that are at least this share as likely as the likeliest are sampled.
  public var minP = 0.1
  /// The temperature and min-p of a sentence's first ``openingLength`` tokens, which decide what it
  /// is about.
  public var openingTemperature = 1.0
  public var openingMinP = 0.1
  public var openingLength = 0
  /// The orders of a prompt whose answers the teacher of soft targets averages.
  public var teacherOrders = 4

  /// The most tokens of a sentence.
  static let tokensPerSentence = 48

  /// Documents to read first, and then one after another to go on from.
  struct Prompt: Sendable {
    var before: [Article] = []
    var documents: [Article]
  }

  public init() {}

  /// What the model writes after each document.
  ///
  /// - Parameter isShuffled: whether it reads wrong facts.
  func local(_ trial: Trial, isShuffled: Bool = false) -> GeneratedSentences {
    generate(trial, purpose: 1, prompts: localPrompts(trial, isShuffled: isShuffled))
  }

  /// What it writes after each document when a whole prompt of documents stands before it.
  ///
  /// - Throws: `PromptTooLong`.
  func global(_ trial: Trial, isShuffled: Bool = false) throws -> GeneratedSentences {
    generate(trial, purpose: 2, prompts: try globalPrompts(trial, isShuffled: isShuffled))
  }

  /// Both kinds.
  ///
  /// - Parameter sentencesPerFact: those of the settings where nil.
  /// - Throws: `PromptTooLong`.
  func both(
    _ trial: Trial, sentencesPerFact: Int? = nil, isShuffled: Bool = false
  ) throws -> GeneratedSentences {
    var settings = self
    settings.sentencesPerFact = sentencesPerFact ?? self.sentencesPerFact
    return try settings.local(trial, isShuffled: isShuffled)
      + settings.global(trial, isShuffled: isShuffled)
  }

  func localPrompts(_ trial: Trial, isShuffled: Bool = false) -> [Prompt] {
    let groups = Array(0..<trial.world.groupCount)
    return [
      Prompt(documents: PromptPlan.articles(trial, groups, isShuffled: isShuffled))
    ]
  }

  func globalPrompts(_ trial: Trial, isShuffled: Bool = false) throws -> [Prompt] {
    let longest = trial.documents.map { trial.tokenizer.continuation($0).count }.max() ?? 0
    return try Self.blocks(trial, room: longest + Self.tokensPerSentence).map { block in
      let articles = PromptPlan.articles(trial, block, isShuffled: isShuffled)
      return Prompt(before: articles, documents: articles)
    }
  }

  /// The groups of facts that share a prompt, fewer than for questions where these would leave no
  /// room to write.
  static func blocks(_ trial: Trial, room: Int, tokens: Int? = nil) throws -> [[Int]] {
    do {
      return try PromptPlan(trial, room: room, tokens: tokens).blocks
    } catch is PromptTooLong {
      // Not even one group leaves so much. There may be room after some of its documents; unless it
      // leaves none for a question either.
      _ = try PromptPlan(trial)
      return PromptPlan.blocks(of: trial.world.groupCount, size: 1)
    }
  }

  private func generate(_ trial: Trial, purpose: UInt64, prompts: [Prompt]) -> GeneratedSentences {
    let start = ContinuousClock.now
    let tokenizer = trial.tokenizer
    let configuration = trial.model.configuration
    let read = prompts.map { prompt in
      (
        prefix: tokenizer.prompt(prompt.before.map(\.text)),
        documents: prompt.documents.map {
          (
            group: $0.group,
            tokens: tokenizer.continuation($0.text, isFirst: prompt.before.isEmpty)
          )
        }.filter { !$0.tokens.isEmpty }
      )
    }
    // Keys and values are kept for what is read, not for a context that may be a thousand times as
    // long.
    let longest =
      read.map { $0.prefix.count + ($0.documents.map(\.tokens.count).max() ?? 0) }.max() ?? 0
    let session = InferenceSession(trial.model, capacity: longest + Self.tokensPerSentence)
    let settings = settings(tokenizer)
    let documentCount = read.reduce(0) { $0 + $1.documents.count }
    // Every document gets its share, and no fact is lost to rounding.
    let each =
      (sentencesPerFact * trial.world.factCount + documentCount - 1) / max(1, documentCount)
    var generated = GeneratedSentences()
    for (number, (prefix, documents)) in read.enumerated() {
      guard prefix.count < session.capacity else { continue }
      session.rewind(to: 0)
      session.read(prefix)
      generated.cost.operations += configuration.operations(
        tokens: Double(prefix.count), context: Double(prefix.count) / 2)
      var random = RandomGenerator(seed: trial.seed, keys: 0xA06, purpose, UInt64(number))
      let (continuations, tokensRun) = session.sampleContinuations(
        of: documents.map(\.tokens), count: each, seed: random.next(), settings)
      let length =
        documents.reduce(0) { $0 + $1.tokens.count } / max(1, documents.count)
      generated.cost.operations += configuration.operations(
        tokens: Double(tokensRun), context: Double(prefix.count + length))
      for continuation in continuations {
        let text = tokenizer.decode(continuation.tokens).drop { $0 == " " }
        generated.add(
          text.hasSuffix(".") ? String(text) : nil, count: continuation.count,
          tokens: continuation.tokens.count, group: documents[continuation.text].group)
      }
    }
    generated.cost.seconds = start.duration(to: .now) / .seconds(1)
    return generated
  }

  private func settings(_ tokenizer: Tokenizer) -> ContinuationSettings {
    // A sentence ends with a full stop, and a document's end ends it too.
    let ends = Set(
      (0..<Int32(tokenizer.vocabularySize)).filter {
        $0 == tokenizer.endOfText || tokenizer.decode([$0]).hasSuffix(".")
      })
    // The generator of each document's draws is its own.
    var settings = ContinuationSettings(
      Sampler(temperature: temperature, minP: minP, seed: 0), limit: Self.tokensPerSentence,
      ends: ends)
    settings.openingSampler = Sampler(
      temperature: openingTemperature, minP: openingMinP, seed: 0)
    settings.openingLength = openingLength
    return settings
  }
}
