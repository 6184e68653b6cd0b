import Corpora

/// One question with the log-likelihood of every choice: a line of `samples.jsonl`.
public struct Sample: Codable, Sendable {
  public var dataset: String
  public var arm: String
  public var seed: UInt64
  public var split: Split
  /// The kind of thing asked for, such as `sibling, 2 steps`; nil in `reversal` and for the user's
  /// own questions.
  public var kind: String?
  public var fact: Int
  public var prompt: String
  public var choices: [String]
  public var answer: Int
  /// Σ log-likelihood of each choice's tokens after everything before it, in nats.
  public var logLikelihoods: [Double]
  /// 1 if the arm's answer is right, 0 if it is wrong, 1/n if it ties with n − 1 others.
  public var score: Double
  /// The same with log-likelihoods divided by the number of tokens.
  public var scoreNormalized: Double
  /// The same minus the log-likelihoods that the pretrained model gives with no facts at all.
  public var scoreCorrected: Double
  /// Whether greedy decoding gives exactly each choice's tokens.
  public var isGreedy: [Bool] = []
  /// The rank of the right choice, 1 where none is likelier; a tie counts one half. Only for
  /// questions about completions.
  public var rank: Double?
}

extension Sample {
  /// The samples of all questions.
  ///
  /// - Parameter priors: the log-likelihood of each choice for the model that knows no fact.
  static func all(
    _ questions: [Question], _ answers: Scoring.Answers, priors: [[Double]], arm: String,
    seed: UInt64
  ) -> [Sample] {
    questions.indices.map { index in
      let question = questions[index]
      let own = answers.choices[index].map(\.logLikelihood)
      return Sample(
        dataset: question.dataset, arm: arm, seed: seed, split: question.split,
        kind: question.kind, fact: question.fact, prompt: question.prompt,
        choices: question.choices, answer: question.answer, logLikelihoods: own,
        score: Scoring.score(own, answer: question.answer),
        scoreNormalized: Scoring.score(
          zip(own, answers.lengths[index]).map { $0 / Double(max(1, $1)) },
          answer: question.answer),
        scoreCorrected: Scoring.score(
          zip(own, priors[index]).map { $0 - $1 }, answer: question.answer),
        isGreedy: answers.choices[index].map(\.isGreedy),
        rank: question.isCompletion ? Scoring.rank(own, answer: question.answer) : nil)
    }
  }
}

extension Sample {
  /// Whether greedy decoding gives the right choice.
  package var isExact: Bool { isGreedy.indices.contains(answer) && isGreedy[answer] }

  private static let maxShown = 8

  /// One question as several arms answered it, with no more choices than a table holds: the right
  /// choice, those that an arm picked, and the first of the others.
  static func shortened(_ samples: [Sample]) -> [Sample] {
    guard let first = samples.first, first.choices.count > maxShown else { return samples }
    let picked = samples.compactMap { sample in
      sample.logLikelihoods.indices.max { sample.logLikelihoods[$0] < sample.logLikelihoods[$1] }
    }
    let kept = ([first.answer] + picked + first.choices.indices).uniqued()
      .prefix(max(maxShown, Set(picked + [first.answer]).count)).sorted()
    return samples.map { sample in
      var short = sample
      short.choices = kept.map { sample.choices[$0] }
      short.logLikelihoods = kept.map { sample.logLikelihoods[$0] }
      short.isGreedy = kept.map { sample.isGreedy[$0] }
      short.answer = kept.firstIndex(of: sample.answer) ?? 0
      return short
    }
  }
}
