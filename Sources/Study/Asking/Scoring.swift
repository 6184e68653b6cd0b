import Corpora
import Tokenization
import Transformer

/// One question with the log-likelihood of every choice: a line of `samples.jsonl`.
public struct Sample: Codable, Sendable {
  public var dataset: String
  public var arm: String
  public var seed: UInt64
  public var split: Split
  /// What is asked for, such as `sibling, 2 steps`; nil in `reversal` and of the user's own questions.
  public var kind: String?
  public var fact: Int
  public var prompt: String
  public var choices: [String]
  public var answer: Int
  /// Σ log-likelihood of each choice's tokens after everything before it, in nats.
  public var logLikelihoods: [Double]
  /// The arm's answer is right; a tie counts as a fraction.
  public var score: Double
  /// The same with log-likelihoods divided by the number of tokens.
  public var scoreNormalized: Double
  /// The same minus the log-likelihoods that the pretrained model gives with no facts at all.
  public var scoreCorrected: Double
  /// Whether greedy decoding gives exactly each choice's tokens.
  public var isGreedy: [Bool] = []
  /// The rank of the right choice, 1 where none is likelier, ties halved; of questions about completions.
  public var rank: Double?
}

/// Asks a prepared arm all questions of a world.
struct Scoring {
  let arm: String
  let trial: Trial

  struct Result: Sendable {
    var samples: [Sample]
    var cost: QueryCost
  }

  /// What one query costs on average, its prompt read for it alone, and with the prompt kept.
  struct QueryCost: Sendable {
    var tokens = 0.0
    var seconds = 0.0
    var operations = 0.0
    var secondsKept = 0.0
  }

  private struct Encoded {
    var prompt: [Int32]
    var choices: [[Int32]]
    var longest: Int { prompt.count + (choices.map(\.count).max() ?? 0) }
    /// Tokens that are run: the prompt once, and of each choice all but the last, which predicts nothing.
    var tokens: Int { choices.reduce(prompt.count) { $0 + $1.dropLast().count } }
  }

  /// Scores every question of every split.
  ///
  /// - Throws: `PromptTooLong`.
  func run(_ prepared: PreparedModel) throws -> Result {
    let (results, lengths, cost) = try scores(prepared, trial.questions)
    let priors = try trial.priors()
    let samples = trial.questions.indices.map { index in
      let question = trial.questions[index]
      let own = results[index].map(\.logLikelihood)
      return Sample(
        dataset: question.dataset, arm: arm, seed: trial.seed, split: question.split,
        kind: question.kind, fact: question.fact, prompt: question.prompt,
        choices: question.choices,
        answer: question.answer, logLikelihoods: own,
        score: Self.score(own, answer: question.answer),
        scoreNormalized: Self.score(
          zip(own, lengths[index]).map { $0 / Double(max(1, $1)) }, answer: question.answer),
        scoreCorrected: Self.score(
          zip(own, priors[index]).map { $0 - $1 }, answer: question.answer),
        isGreedy: results[index].map(\.isGreedy),
        rank: question.isCompletion ? Self.rank(own, answer: question.answer) : nil)
    }
    return Result(samples: samples, cost: cost)
  }

  /// The log-likelihood of every choice of every question.
  func logLikelihoods(_ prepared: PreparedModel, questions: [Question]? = nil) throws -> [[Double]]
  {
    try scores(prepared, questions ?? trial.questions).choices.map { $0.map(\.logLikelihood) }
  }

  /// The score of every choice of every question, and each choice's number of tokens.
  ///
  /// Questions with the same prompt are scored after one reading of it; a query's cost is given as if
  /// it had been asked alone.
  private func scores(
    _ prepared: PreparedModel, _ questions: [Question]
  ) throws -> (choices: [[InferenceSession.Score]], lengths: [[Int]], cost: QueryCost) {
    let tokenizer = trial.tokenizer
    let encoded = questions.map { question in
      Encoded(
        prompt: tokenizer.continuation(
          question.prompt, isFirst: prepared.prompt(question).isEmpty),
        choices: question.choices.map(tokenizer.choice))
    }
    let lengths = encoded.map { $0.choices.map(\.count) }
    var scores = [[InferenceSession.Score]](repeating: [], count: questions.count)
    var cost = QueryCost()
    let byPrompt = Dictionary(grouping: questions.indices) { prepared.prompt(questions[$0]) }
    let configuration = prepared.model.configuration
    var session: InferenceSession?
    for (texts, members) in byPrompt.sorted(by: { $0.value[0] < $1.value[0] }) {
      let prompt = tokenizer.prompt(texts)
      let longest = members.map { encoded[$0].longest }.max() ?? 0
      guard prompt.count + longest <= configuration.contextLength else {
        throw PromptTooLong(
          description: "\(arm): a prompt of \(prompt.count) tokens and a question of \(longest) "
            + "do not fit the model's context of \(configuration.contextLength); "
            + "leave this arm out with --arms, or use a model with a longer context")
      }
      if (session?.capacity ?? 0) < prompt.count + longest {
        session = InferenceSession(
          prepared.model,
          capacity: min(configuration.contextLength, 2 * (prompt.count + longest)))
      }
      guard let session else { continue }
      session.rewind(to: 0)
      var clock = ContinuousClock.now
      session.read(prompt)
      let readSeconds = clock.duration(to: .now) / .seconds(1)
      clock = .now
      let own = session.scores(
        members.flatMap { index in
          encoded[index].choices.map { .init(prompt: encoded[index].prompt, choice: $0) }
        })
      let scoreSeconds = clock.duration(to: .now) / .seconds(1)
      var next = 0
      for index in members {
        let count = encoded[index].choices.count
        scores[index] = Array(own[next..<next + count])
        next += count
        let tokens = Double(encoded[index].tokens)
        cost.tokens += Double(prompt.count) + tokens
        cost.operations +=
          configuration.operations(tokens: Double(prompt.count), context: Double(prompt.count) / 2)
          + configuration.operations(tokens: tokens, context: Double(prompt.count))
      }
      cost.seconds += readSeconds * Double(members.count) + scoreSeconds
      cost.secondsKept += scoreSeconds
    }
    let count = Double(max(1, questions.count))
    cost.tokens /= count
    cost.operations /= count
    cost.seconds /= count
    cost.secondsKept /= count
    return (scores, lengths, cost)
  }

  /// The accuracy of each split on the first `limit` questions of it.
  func accuracies(_ prepared: PreparedModel, limit: Int) throws -> [String: Double] {
    let questions = trial.world.splits.flatMap { split in
      trial.questions.filter { $0.split == split }.prefix(limit)
    }
    let scores = try logLikelihoods(prepared, questions: questions)
    var sums: [String: (sum: Double, count: Double)] = [:]
    for (question, own) in zip(questions, scores) {
      sums[question.split.rawValue, default: (0, 0)].sum += Self.score(own, answer: question.answer)
      sums[question.split.rawValue, default: (0, 0)].count += 1
    }
    return sums.mapValues { $0.sum / $0.count }
  }

  /// 1 where the answer alone is likeliest, 1/n where it ties with n − 1 others, 0 otherwise.
  static func score(_ logLikelihoods: [Double], answer: Int) -> Double {
    guard let best = logLikelihoods.max(), logLikelihoods[answer] == best else { return 0 }
    return 1 / Double(logLikelihoods.filter { $0 == best }.count)
  }

  /// 1 and one for each likelier choice, and a half for each as likely.
  static func rank(_ logLikelihoods: [Double], answer: Int) -> Double {
    let own = logLikelihoods[answer]
    return logLikelihoods.reduce(0.5) { $0 + ($1 > own ? 1 : $1 == own ? 0.5 : 0) }
  }
}
