import Corpora
import Foundation
import Kernels
import Randomness
import Transformer

/// Makes soft targets: what the model predicts with the documents in its prompt, for a model that
/// is to predict the same without them (prompt distillation, Kujanpää et al. 2024, arXiv
/// 2412.14964).
///
/// The teacher reads a few groups of facts, in several orders, then a sentence that the model
/// generated, and averages the probabilities of each next token over the orders. It never sees a
/// question, a choice, or what is true.
struct Teacher {
  let orders: Int
  /// Whether the documents that it reads state wrong facts.
  var isMisled = false

  /// The number of tokens kept of a distribution; the rest of the probability goes to the sampled
  /// token.
  static let width = 16
  private static let minProbability: Float = 1e-3
  /// The maximum number of tokens of a prompt of several groups. Each group alone answers all
  /// questions about it; more groups in the prompt cost more and improve nothing.
  private static let tokensPerPrompt = 512
  /// The weight of a sentence's first token, small as in pretraining: what the sentence is about is
  /// chance, and several nats of noise would drown what can be learned.
  private static let openingWeight: Float = 0.1

  private typealias Distribution = [(token: Int32, probability: Float)]

  /// The lessons for generated sentences, and the cost of making them.
  ///
  /// - Throws: `PromptTooLong`.
  func lessons(
    _ generated: GeneratedSentences, _ trial: Trial
  ) throws -> (lessons: [Lesson], cost: PreparationCost) {
    let start = ProcessorTime.seconds
    let sentences = generated.sentences
    // A text may have many more tokens when it is read than when it was generated. One that is far
    // too long for a sentence is learned as it was sampled.
    let read = sentences.map { sentence in
      let tokens = trial.tokenizer.continuation(sentence.text)
      return tokens.count <= 4 * Augmentation.tokensPerSentence ? tokens : []
    }
    let finder = GroupFinder(
      isMisled
        ? PromptPlan.articles(trial, Array(0..<trial.world.groupCount), isShuffled: true)
        : trial.world.articles)
    let (predictions, operations) = try predictions(
      of: read, groups: sentences.map { finder.group(of: $0.text) ?? $0.group }, trial)
    let lessons = [Lesson](generated).enumerated().map { index, lesson in
      var lesson = lesson
      lesson.distributions = Self.targets(
        row: lesson.tokens(trial), read: read[index], predictions: predictions[index])
      return lesson
    }
    var cost = PreparationCost()
    cost.operations = operations
    cost.seconds = ProcessorTime.seconds - start
    return (lessons, cost)
  }

  /// The prediction of each token of each text from the tokens before it: the mean over the orders.
  /// The first token has no prediction.
  ///
  /// - Parameter groups: the group that each text is about.
  private func predictions(
    of texts: [[Int32]], groups: [Int], _ trial: Trial
  ) throws -> (predictions: [[Distribution]], operations: Double) {
    let configuration = trial.model.configuration
    let longest = texts.map(\.count).max() ?? 0
    let byGroup = Dictionary(grouping: texts.indices.filter { !texts[$0].isEmpty }) { groups[$0] }
    var predictions = texts.map { [Distribution](repeating: [], count: $0.count) }
    var operations = 0.0
    let blocks = try Augmentation.blocks(trial, room: longest, tokens: Self.tokensPerPrompt)
    for (number, block) in blocks.enumerated() {
      ArmProgress.report(.reading, number, of: blocks.count)
      let numbers = block.flatMap { byGroup[$0] ?? [] }
      if numbers.isEmpty { continue }
      let articles = PromptPlan.articles(trial, block, isShuffled: isMisled)
      for order in 0..<orders {
        var random = RandomGenerator(seed: trial.seed, keys: 0x7EAC, UInt64(order))
        let prompt = trial.tokenizer.prompt(
          (order == 0 ? articles : random.shuffled(articles)).map(\.text))
        guard prompt.count + longest <= configuration.contextLength else { continue }
        let session = InferenceSession(
          trial.model, capacity: prompt.count + longest, threadCount: trial.threadCount)
        session.read(prompt)
        session.readAhead(numbers.map { texts[$0] }) { number, count, logits in
          // The prediction after the last token is not needed.
          guard count < texts[numbers[number]].count else { return }
          predictions[numbers[number]][count].add(Self.likeliest(logits), share: 1 / Float(orders))
        }
        operations +=
          configuration.operations(
            tokens: Double(prompt.count), context: Double(prompt.count) / 2)
          + configuration.operations(
            tokens: Double(numbers.reduce(0) { $0 + texts[$1].count }),
            context: Double(prompt.count))
      }
    }
    return (predictions, operations)
  }

  /// The tokens with a probability of at least ``minProbability``.
  private static func likeliest(_ logits: Floats) -> Distribution {
    // log Σ e^logit
    let normaliser = logits[0] - Float(logProbability(logits, target: 0))
    let threshold = normaliser + log(minProbability)
    var result: Distribution = []
    for token in 0..<logits.count where logits[token] >= threshold {
      result.append((Int32(token), exp(logits[token] - normaliser)))
    }
    return result
  }

  /// The targets of a row, token by token: the first token of the text as it was sampled and with
  /// little weight, the others as the teacher predicts them.
  private static func targets(
    row: [Int32], read: [Int32], predictions: [Distribution]
  ) -> TargetDistributions {
    // A text that stands alone may begin with other tokens; counted from the end they are the same.
    let shared = zip(row.reversed(), read.reversed()).prefix { $0 == $1 }.count
    var targets = TargetDistributions(width: width)
    for place in row.indices.dropFirst() {
      let fromEnd = row.count - place
      let own = read.count - fromEnd
      let prediction = own > 0 && fromEnd < shared ? predictions[own] : []
      let weight = own == 0 ? openingWeight : 1
      targets.append(
        completed(prediction, sampled: row[place]).map { ($0.token, $0.probability * weight) })
    }
    return targets
  }

  /// The likeliest tokens; the rest of the probability goes to the sampled token.
  private static func completed(_ prediction: Distribution, sampled: Int32) -> Distribution {
    var kept = Array(
      prediction.sorted { ($0.probability, $1.token) > ($1.probability, $0.token) }
        .prefix(width - 1))
    kept.add([(sampled, max(0, 1 - kept.reduce(0) { $0 + $1.probability }))])
    return kept
  }
}

extension [(token: Int32, probability: Float)] {
  /// Adds a share of another distribution.
  fileprivate mutating func add(_ other: Self, share: Float = 1) {
    for (token, probability) in other {
      if let place = firstIndex(where: { $0.token == token }) {
        self[place].probability += share * probability
      } else {
        append((token, share * probability))
      }
    }
  }
}
