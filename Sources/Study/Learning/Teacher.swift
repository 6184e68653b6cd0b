import Corpora
import Foundation
import Kernels
import Randomness
import Transformer

/// Soft targets: what the model would write with the documents in its prompt, for a model that is
/// to write the same without them (prompt distillation, Kujanpää et al. 2024, arXiv 2412.14964).
///
/// The teacher reads a few groups of facts, in several orders, then a sentence that the model
/// wrote, and the probabilities of each next token are averaged over the orders. It never sees a
/// question, a choice, or what is true.
struct Teacher {
  let orders: Int
  /// Whether the documents that it reads tell wrong facts.
  var isMisled = false

  /// Tokens kept of a distribution; what the others have together goes to the token that was
  /// sampled.
  static let width = 16
  private static let minProbability: Float = 1e-3
  /// The most tokens of a prompt of several groups. Each group answers all questions about itself;
  /// more of them beside it cost more and are read no better.
  private static let tokensPerPrompt = 512
  /// The weight of a sentence's first token. What it will be about is chance, and several nats of
  /// noise drown what can be learned; as in pretraining.
  private static let openingWeight: Float = 0.1

  private typealias Distribution = [(token: Int32, probability: Float)]

  /// The lessons of sentences, and what making them took.
  ///
  /// - Throws: `PromptTooLong`.
  func lessons(
    _ generated: GeneratedSentences, _ trial: Trial
  ) throws -> (lessons: [Lesson], cost: PreparationCost) {
    let start = ContinuousClock.now
    let sentences = generated.sentences
    // A text may have many more tokens when it is read than it was written with. What is so long is
    // no sentence, and learned as it was sampled.
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
    cost.seconds = start.duration(to: .now) / .seconds(1)
    return (lessons, cost)
  }

  /// For each text and each of its tokens, what is predicted there after the tokens before it: the
  /// mean over the orders. Nothing is predicted of the first.
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
    for block in try Augmentation.blocks(trial, room: longest, tokens: Self.tokensPerPrompt) {
      let numbers = block.flatMap { byGroup[$0] ?? [] }
      if numbers.isEmpty { continue }
      let articles = PromptPlan.articles(trial, block, isShuffled: isMisled)
      for order in 0..<orders {
        var random = RandomGenerator(seed: trial.seed, keys: 0x7EAC, UInt64(order))
        let prompt = trial.tokenizer.prompt(
          (order == 0 ? articles : random.shuffled(articles)).map(\.text))
        guard prompt.count + longest <= configuration.contextLength else { continue }
        let session = InferenceSession(trial.model, capacity: prompt.count + longest)
        session.read(prompt)
        session.readAhead(numbers.map { texts[$0] }) { number, count, logits in
          // After the last token nothing is predicted that counts.
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

  /// The tokens that are not out of the question, with their probabilities.
  private static func likeliest(_ logits: Floats) -> Distribution {
    // log Σ e^logit
    let normaliser = logits[0] - Float(logProbability(logits, target: 0))
    let least = normaliser + log(minProbability)
    var result: Distribution = []
    for token in 0..<logits.count where logits[token] >= least {
      result.append((Int32(token), exp(logits[token] - normaliser)))
    }
    return result
  }

  /// What a row is to predict, token by token: the first of the text as it was sampled and with
  /// little weight, the others as the teacher does.
  private static func targets(
    row: [Int32], read: [Int32], predictions: [Distribution]
  ) -> TargetDistributions {
    // The text may begin with other tokens where it stands alone; from its end they are the same.
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

  /// The likeliest tokens; what is left of the probability goes to the token that was sampled.
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
