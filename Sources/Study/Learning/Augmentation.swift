import Corpora
import Kernels
import Randomness
import Tokenization
import Transformer

/// The settings with which a model reads documents and generates what it infers, in its own words.
///
/// Nothing is prescribed: the prompt holds only documents, and sentences are sampled from the
/// model. Every sample is used, true or false, unless it does not end within the limit. A sentence
/// that was sampled several times is one sentence with more weight. After Lampinen et al. 2025,
/// whose *local* augmentation shows the model one document and whose *global* augmentation shows it
/// all the other documents first.
public struct Augmentation: Codable, Sendable, Equatable {
  /// The number of sentences sampled per fact of the world, distributed evenly over the documents.
  public var sentencesPerFact = 48
  /// 1 samples from the model's own distribution; lower values prefer likelier words.
  public var temperature = 1.0
  /// Only tokens with at least this fraction of the likeliest token's probability are sampled.
  public var minP = 0.1
  /// The temperature and min-p of a sentence's first ``openingLength`` tokens, which decide what it
  /// is about.
  public var openingTemperature = 1.0
  public var openingMinP = 0.1
  public var openingLength = 0
  /// The number of orders of a prompt over which the teacher of soft targets averages; 0 for hard
  /// targets, the sampled words.
  public var teacherOrders = 4
  /// How a chat model is asked for sentences; nil for models that continue documents.
  public var chat: ChatAugmentation?

  /// The maximum number of tokens of a sentence.
  static let tokensPerSentence = 48

  /// Documents to read first, and the documents that are then continued, one at a time.
  struct Prompt: Sendable {
    var before: [Article] = []
    var documents: [Article]
  }

  public init() {}

  /// The sentences that the model generates after each document.
  ///
  /// - Parameter isShuffled: whether it reads wrong facts.
  /// - Throws: `PromptTooLong`, `TokenizerError`; the second only of a chat model.
  func local(_ trial: Trial, isShuffled: Bool = false) throws -> GeneratedSentences {
    if let chat { return try chat.local(trial, self, isShuffled: isShuffled) }
    return continued(trial, purpose: 1, localPrompts(trial, isShuffled: isShuffled))
  }

  /// The sentences that it generates after each document with a whole prompt of documents before
  /// it.
  ///
  /// - Throws: `PromptTooLong`.
  func global(_ trial: Trial, isShuffled: Bool = false) throws -> GeneratedSentences {
    if let chat { return try chat.global(trial, self, isShuffled: isShuffled) }
    return continued(trial, purpose: 2, try globalPrompts(trial, isShuffled: isShuffled))
  }

  /// Both kinds.
  ///
  /// - Parameter sentencesPerFact: nil for the settings' own number.
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

  /// The groups of facts that share a prompt: fewer than for questions where those prompts would
  /// leave no room to generate.
  static func blocks(_ trial: Trial, room: Int, tokens: Int? = nil) throws -> [[Int]] {
    do {
      return try PromptPlan(trial, room: room, tokens: tokens).blocks
    } catch is PromptTooLong {
      // Even a single group leaves too little room. There may still be room after some of its
      // documents, unless there is none even for a question.
      _ = try PromptPlan(trial)
      return PromptPlan.blocks(of: trial.world.groupCount, size: 1)
    }
  }

  /// What the model reads first, and the texts that it then continues, one at a time.
  struct Reading {
    var prefix: [Int32]
    /// None of them empty.
    var texts: [(group: Int, tokens: [Int32])]
  }

  private func readings(_ prompts: [Prompt], _ tokenizer: Tokenizer) -> [Reading] {
    prompts.map { prompt in
      Reading(
        prefix: tokenizer.prompt(prompt.before.map(\.text)),
        texts: prompt.documents.map {
          ($0.group, tokenizer.continuation($0.text, isFirst: prompt.before.isEmpty))
        }.filter { !$0.1.isEmpty })
    }
  }

  /// Samples what follows each text.
  ///
  /// - Parameters:
  ///   - purpose: tells apart the random numbers of several calls.
  ///   - count: samples of each text.
  ///   - sentences: the sentences of sampled tokens; none where they did not end within the limit.
  func generate(
    _ trial: Trial, purpose: UInt64, _ read: [Reading], count each: Int,
    _ settings: ContinuationSettings, sentences: ([Int32]) -> [String]
  ) -> GeneratedSentences {
    let start = ProcessorTime.seconds
    let configuration = trial.model.configuration
    // Memory is reserved for the keys and values of what is read, not of the whole context, which
    // may be a thousand times as long.
    let longest =
      read.map { $0.prefix.count + ($0.texts.map(\.tokens.count).max() ?? 0) }.max() ?? 0
    let session = InferenceSession(
      trial.model, capacity: longest + settings.limit, threadCount: trial.threadCount)
    let total = each * read.reduce(0) { $0 + $1.texts.count }
    var answers = 0
    var generated = GeneratedSentences()
    for (number, reading) in read.enumerated() {
      let (prefix, texts) = (reading.prefix, reading.texts)
      guard prefix.count < session.capacity else { continue }
      session.rewind(to: 0)
      session.read(prefix)
      generated.cost.operations += configuration.operations(
        tokens: Double(prefix.count), context: Double(prefix.count) / 2)
      var random = RandomGenerator(seed: trial.seed, keys: 0xA06, purpose, UInt64(number))
      let (continuations, tokensRun) = session.sampleContinuations(
        of: texts.map(\.tokens), count: each, seed: random.next(), settings
      ) { ended in
        ArmProgress.report(.generating, answers + ended, of: total)
      }
      answers += each * texts.count
      let length = texts.reduce(0) { $0 + $1.tokens.count } / max(1, texts.count)
      generated.cost.operations += configuration.operations(
        tokens: Double(tokensRun), context: Double(prefix.count + length))
      for continuation in continuations {
        generated.add(
          sentences(continuation.tokens), count: continuation.count,
          tokens: continuation.tokens.count, group: texts[continuation.text].group)
      }
    }
    generated.cost.seconds = ProcessorTime.seconds - start
    return generated
  }

  /// Samples sentences that continue documents.
  private func continued(_ trial: Trial, purpose: UInt64, _ prompts: [Prompt]) -> GeneratedSentences
  {
    let read = readings(prompts, trial.tokenizer)
    let documentCount = read.reduce(0) { $0 + $1.texts.count }
    // Rounded up, so that no document goes without samples.
    let each =
      (sentencesPerFact * trial.world.factCount + documentCount - 1) / max(1, documentCount)
    return generate(
      trial, purpose: purpose, read, count: each, sentenceSettings(trial.tokenizer)
    ) { tokens in
      let sentence = trial.tokenizer.decode(tokens).drop { $0 == " " }
      return sentence.hasSuffix(".") ? [String(sentence)] : []
    }
  }

  private func sentenceSettings(_ tokenizer: Tokenizer) -> ContinuationSettings {
    // A sentence ends with a full stop or with its document.
    let ends = Set(
      (0..<Int32(tokenizer.vocabularySize)).filter {
        tokenizer.stopTokens.contains($0) || tokenizer.decode([$0]).hasSuffix(".")
      })
    // The seed here has no effect: each document has its own generator.
    var settings = ContinuationSettings(
      Sampler(temperature: temperature, minP: minP, seed: 0), limit: Self.tokensPerSentence,
      ends: ends)
    settings.openingSampler = Sampler(
      temperature: openingTemperature, minP: openingMinP, seed: 0)
    settings.openingLength = openingLength
    return settings
  }
}
