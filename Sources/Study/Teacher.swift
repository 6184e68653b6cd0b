import Corpora
import Foundation
import Kernels
import Randomness
import Transformer

/// Soft targets: what the model would write with the documents in its prompt, for a model that is to write
/// the same without them (prompt distillation, Kujanpää et al. 2024, arXiv 2412.14964).
///
/// The teacher reads a few groups of facts, in several orders, then a sentence that
/// the model wrote, and the probabilities of each next token are averaged over the orders. It never sees a
/// question, a choice, or what is true.
struct Teacher {
  let orders: Int
  /// Whether the documents that it reads tell wrong facts.
  var isMisled = false

  /// Tokens kept of a distribution; what the others have together goes to the token that was sampled.
  static let width = 16
  private static let leastProbability: Float = 1e-3
  /// The most tokens of a prompt of several groups. Each group answers all questions about itself; more of
  /// them beside it cost more and are read no better.
  private static let tokensPerPrompt = 512
  /// The weight of a sentence's first token. What it will be about is chance, and several nats of noise
  /// drown what can be learned; as in pretraining.
  private static let openingWeight: Float = 0.1

  private typealias Distribution = [(token: Int32, probability: Float)]

  /// The lessons of sentences, and what making them took.
  ///
  /// - Throws: `PromptTooLong`.
  func lessons(
    _ generated: GeneratedSentences, _ bench: Bench
  ) throws -> (lessons: [Lesson], seconds: Double, operations: Double) {
    let start = ContinuousClock.now
    let tokenizer = bench.tokenizer
    let configuration = bench.model.configuration
    let sentences = generated.sentences
    let read = sentences.map { tokenizer.continuation($0.text) }
    let longest = read.map(\.count).max() ?? 0
    var operations = 0.0
    var sums = read.map { [Distribution](repeating: [], count: $0.count) }
    /// How many orders a sentence was read after.
    var readings = [Int](repeating: 0, count: sentences.count)
    let groups = GroupFinder(bench.world.articles)
    let byGroup = Dictionary(grouping: sentences.indices) { number in
      groups.group(of: sentences[number].text) ?? sentences[number].group
    }
    var session: InferenceSession?
    for block in try Augmentation.blocks(
      bench, room: longest, tokens: Self.tokensPerPrompt)
    {
      let numbers = block.flatMap { byGroup[$0] ?? [] }
      if numbers.isEmpty { continue }
      let articles = PromptPlan.articles(bench, block, isShuffled: isMisled)
      for order in 0..<orders {
        var random = RandomGenerator(seed: bench.seed, keys: 0x7EAC, UInt64(order))
        let texts = (order == 0 ? articles : random.shuffled(articles)).map(\.text)
        let prompt = tokenizer.prompt(texts)
        guard prompt.count + longest <= configuration.contextLength else { continue }
        if (session?.capacity ?? 0) < prompt.count + longest {
          session = InferenceSession(
            bench.model, capacity: min(configuration.contextLength, prompt.count + 2 * longest))
        }
        guard let session else { continue }
        session.rewind(to: 0)
        session.read(prompt)
        session.readAhead(numbers.map { read[$0] }) { number, count, logits in
          // After the last token nothing is predicted that counts.
          guard count < read[numbers[number]].count else { return }
          sums[numbers[number]][count].add(Self.likeliest(logits))
        }
        for number in numbers { readings[number] += 1 }
        let tokens = numbers.reduce(0) { $0 + read[$1].count }
        operations +=
          configuration.operations(
            tokens: Double(prompt.count), context: Double(prompt.count) / 2)
          + configuration.operations(tokens: Double(tokens), context: Double(prompt.count))
      }
    }
    let lessons = sentences.indices.map { index in
      let row = Lesson.tokens(sentences[index].text, bench)
      var distributions = TargetDistributions(width: Self.width)
      // The text may begin with other tokens where it stands alone; from its end they are the same.
      let shared = zip(row.reversed(), read[index].reversed()).prefix { $0 == $1 }.count
      for place in 1..<max(1, row.count) {
        let own = read[index].count - (row.count - place)
        let isShared = row.count - place < shared
        distributions.append(
          Self.targets(
            isShared && own > 0 ? sums[index][own] : [], orders: readings[index],
            sampled: row[place]
          ).map { ($0.token, own > 0 ? $0.probability : $0.probability * Self.openingWeight) })
      }
      return Lesson(
        text: sentences[index].text, weight: Lesson.weight(samples: sentences[index].count),
        distributions: distributions)
    }
    return (lessons, start.duration(to: .now) / .seconds(1), operations)
  }

  private static func likeliest(_ logits: Floats) -> Distribution {
    let values = logits.array
    // log Σ e^logit
    let normaliser = values[0] - Float(logProbability(logits, target: 0))
    let least = normaliser + log(leastProbability)
    var result: Distribution = []
    for (token, logit) in values.enumerated() where logit >= least {
      result.append((Int32(token), exp(logit - normaliser)))
    }
    return result
  }

  /// The likeliest tokens by their mean over so many orders; the rest of the probability goes to the token
  /// that was sampled.
  private static func targets(
    _ sum: Distribution, orders: Int, sampled: Int32
  ) -> Distribution {
    guard orders > 0, !sum.isEmpty else { return [(sampled, 1)] }
    var kept: Distribution = sum.sorted {
      ($0.probability, $1.token) > ($1.probability, $0.token)
    }.prefix(width - 1).map { ($0.token, $0.probability / Float(orders)) }
    let rest = max(0, 1 - kept.reduce(0) { $0 + $1.probability })
    if let place = kept.firstIndex(where: { $0.token == sampled }) {
      kept[place].probability += rest
    } else {
      kept.append((sampled, rest))
    }
    return kept
  }
}

extension [(token: Int32, probability: Float)] {
  /// Adds the probabilities of another distribution.
  fileprivate mutating func add(_ other: Self) {
    for (token, probability) in other {
      if let place = firstIndex(where: { $0.token == token }) {
        self[place].probability += probability
      } else {
        append((token, probability))
      }
    }
  }
}

/// Finds the group that a sentence begins to speak of: that of its first word that only one group's articles have.
///
/// That is more telling than the document after which it was written: with others before that, the model may
/// have turned to another one. And it is the beginning that counts, since the rest is to be predicted from it.
struct GroupFinder {
  /// The group of each word; nil of words that several groups have.
  private var groups: [Substring: Int?] = [:]

  init(_ articles: [Article]) {
    for article in articles {
      for word in Self.words(article.text) {
        if let known = groups[word] {
          if known != article.group { groups[word] = .some(nil) }
        } else {
          groups[word] = article.group
        }
      }
    }
  }

  private static func words(_ text: String) -> [Substring] {
    text.split { !$0.isLetter && !$0.isNumber }
  }

  func group(of sentence: String) -> Int? {
    for word in Self.words(sentence) {
      if let known = groups[word], let group = known { return group }
    }
    return nil
  }
}
