import Corpora
import Randomness
import Tokenization
import Transformer

/// Lets the model read and go on writing: what it infers from documents, in its own words.
///
/// Nothing is prescribed: the prompt is documents alone, and each sentence is sampled from the model
/// anew. A sentence is kept whether it is true or not; only one that does not end within the limit, or
/// repeats another, is dropped. After Lampinen et al. 2025, whose *local* augmentation shows the model
/// one document and whose *global* augmentation shows it all the others before.
public struct Augmentation: Codable, Sendable, Equatable {
  /// Sentences sampled for each fact of the world, dealt out evenly to the documents.
  public var sentencesPerFact = 8
  /// 1 samples from the model's own distribution; less prefers the likelier words.
  public var temperature = 0.7

  /// The most tokens of a sentence.
  static let tokensPerSentence = 48

  /// Texts to read first, and then one document after another to go on from.
  struct Prompt: Sendable {
    var before: [String] = []
    var documents: [String]
  }

  public init() {}

  /// The different sentences that the model writes after each document.
  func local(_ bench: Bench) -> Written {
    write(bench, purpose: 1, prompts: localPrompts(bench))
  }

  /// What it writes after each document when a whole prompt of documents stands before it.
  ///
  /// - Throws: `PromptTooLong`.
  func global(_ bench: Bench) throws -> Written {
    write(bench, purpose: 2, prompts: try globalPrompts(bench))
  }

  /// What it writes after whole prompts, no document being the last word: samples of all that it
  /// would say, at its own temperature.
  ///
  /// - Throws: `PromptTooLong`.
  func free(_ bench: Bench) throws -> Written {
    var copy = self
    copy.temperature = 1
    return copy.write(bench, purpose: 3, prompts: try freePrompts(bench))
  }

  func localPrompts(_ bench: Bench) -> [Prompt] {
    [Prompt(documents: PromptPlan.texts(bench, Array(0..<bench.world.groupCount)))]
  }

  func globalPrompts(_ bench: Bench) throws -> [Prompt] {
    let longest = bench.documents.map { bench.tokenizer.continuation($0).count }.max() ?? 0
    return try blocks(bench, room: longest + Self.tokensPerSentence).map { block in
      let texts = PromptPlan.texts(bench, block)
      return Prompt(before: texts, documents: texts)
    }
  }

  func freePrompts(_ bench: Bench) throws -> [Prompt] {
    try blocks(bench, room: Self.tokensPerSentence).map {
      Prompt(before: PromptPlan.texts(bench, $0), documents: [""])
    }
  }

  /// The groups of facts that share a prompt, fewer than for questions where these would leave no
  /// room to write.
  private func blocks(_ bench: Bench, room: Int) throws -> [[Int]] {
    do {
      return try PromptPlan(bench, room: room).blocks
    } catch is PromptTooLong {
      // Not even one group leaves so much. There may be room after some of its documents; unless it
      // leaves none for a question either.
      _ = try bench.blocks()
      return PromptPlan.blocks(of: bench.world.groupCount, size: 1)
    }
  }

  private func write(_ bench: Bench, purpose: UInt64, prompts: [Prompt]) -> Written {
    let start = ContinuousClock.now
    let tokenizer = bench.tokenizer
    let configuration = bench.model.configuration
    let read = prompts.map { prompt in
      (
        prefix: tokenizer.prompt(prompt.before),
        documents: prompt.documents.map { document in
          document.isEmpty ? [] : tokenizer.continuation(document, isFirst: prompt.before.isEmpty)
        }
      )
    }
    // Keys and values are kept for what is read, not for a context that may be a thousand times as long.
    let longest = read.map { $0.prefix.count + ($0.documents.map(\.count).max() ?? 0) }.max() ?? 0
    let session = InferenceSession(bench.model, capacity: longest + Self.tokensPerSentence)
    var sampler = Sampler(temperature: temperature, seed: bench.seed)
    sampler.random = RandomGenerator(seed: bench.seed, keys: 0xA06, purpose)
    // A sentence ends with a full stop, and a document's end ends it too.
    let ends = Set(
      (0..<Int32(tokenizer.vocabularySize)).filter {
        $0 == tokenizer.endOfText || tokenizer.decode([$0]).hasSuffix(".")
      })
    var written = Written()
    var seen = Set(bench.documents)
    let documentCount = prompts.reduce(0) { $0 + $1.documents.count }
    // Every document gets its share, and no fact is lost to rounding.
    let each =
      (sentencesPerFact * bench.world.factCount + documentCount - 1) / max(1, documentCount)
    for (prefix, documents) in read {
      guard prefix.count < session.capacity else { continue }
      session.rewind(to: 0)
      session.read(prefix)
      written.operations += configuration.operations(
        tokens: Double(prefix.count), context: Double(prefix.count) / 2)
      for own in documents {
        let end = prefix.count + own.count
        // Nothing can be written after a document that fills the context.
        guard end < session.capacity else { continue }
        // What follows the prefix alone was forgotten when it was rewound, so its last token is read again.
        let last = prefix.suffix(1)
        guard !(last + own).isEmpty else { continue }
        session.rewind(to: prefix.count - last.count)
        session.read(last + own)
        for tokens in sentences(session, &sampler, count: each, ends: ends) {
          written.tokens += tokens.count
          written.operations += configuration.operations(
            tokens: Double(tokens.count), context: Double(end))
          let sentence = String(tokenizer.decode(tokens).drop { $0 == " " })
          if sentence.hasSuffix("."), seen.insert(sentence).inserted {
            written.sentences.append(sentence)
          }
        }
        written.operations += configuration.operations(
          tokens: Double(own.count), context: Double(end))
      }
    }
    written.seconds = start.duration(to: .now) / .seconds(1)
    return written
  }

  /// Samples sentences side by side after what the session has read.
  private func sentences(
    _ session: InferenceSession, _ sampler: inout Sampler, count: Int, ends: Set<Int32>
  ) -> [[Int32]] {
    var result = [[Int32]](repeating: [], count: count)
    for first in stride(from: 0, to: count, by: InferenceSession.mostBranches) {
      session.branch(
        count: min(InferenceSession.mostBranches, count - first), limit: Self.tokensPerSentence
      ) { branch, logits in
        let token = sampler.next(logits)
        result[first + branch].append(token)
        return ends.contains(token) ? nil : token
      }
    }
    return result
  }
}

/// What a model wrote, and what that took.
struct Written: Sendable {
  var sentences: [String] = []
  /// Tokens sampled, those of dropped sentences too.
  var tokens = 0
  var seconds = 0.0
  var operations = 0.0

  static func + (a: Written, b: Written) -> Written {
    Written(
      sentences: (a.sentences + b.sentences).uniqued(), tokens: a.tokens + b.tokens,
      seconds: a.seconds + b.seconds, operations: a.operations + b.operations)
  }
}

extension Arm {
  /// An arm that is trained on documents and on what the model wrote.
  static func trained(
    _ name: String, on documents: [String], and written: Written, _ bench: Bench
  ) throws -> Prepared {
    var prepared = try bench.fineTuning.train(bench, on: documents + written.sentences)
    prepared.tokensWritten = written.tokens
    prepared.secondsTrain += written.seconds
    prepared.operationsTrain += written.operations
    prepared.augmentation = AugmentationReport(written.sentences, arm: name, bench: bench)
    return prepared
  }
}
