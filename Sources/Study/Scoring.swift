import Corpora
import Tokenization
import Transformer

/// One question with the log-likelihood of every choice: a line of `samples.jsonl`.
public struct Sample: Codable, Sendable {
  public var dataset: String
  public var arm: String
  public var seed: UInt64
  public var split: Split
  public var fact: Int
  public var prompt: String
  public var choices: [String]
  public var answer: Int
  /// Σ log-likelihood of each choice's tokens after everything before it, in nats.
  public var logLikelihoods: [Double]
  /// The arm's answer is right; a tie counts as a fraction.
  public var score: Double
}

/// A prompt that does not fit the model.
public struct PromptTooLong: Error, CustomStringConvertible {
  public let description: String
}

/// Asks a prepared arm all questions of a world.
struct Scoring {
  let arm: String
  let bench: Bench

  struct Result: Sendable {
    var samples: [Sample]
    var tokensPerQuery: Double
    var secondsPerQuery: Double
  }

  /// Scores every question of every split.
  ///
  /// The shared prompt is read once; a query's cost is given as if it had been asked alone:
  /// the time of reading the prompt and of scoring one question's choices.
  ///
  /// - Throws: `PromptTooLong` saying how many texts would fit.
  func run(_ prepared: Prepared) throws -> Result {
    let tokenizer = bench.tokenizer
    let questions = type(of: bench.world).splits.flatMap { bench.world.questions($0) }
    let encoded = questions.map { question in
      (
        prompt: tokenizer.encode(" " + question.prompt),
        choices: question.choices.map(tokenizer.encode)
      )
    }
    let longest = encoded.map { $0.prompt.count + ($0.choices.map(\.count).max() ?? 0) }.max() ?? 0
    let prompt = tokenizer.prompt(prepared.prompt)
    try check(prepared, prompt.count, longest)

    let session = InferenceSession(prepared.model, capacity: prompt.count + longest)
    var clock = ContinuousClock.now
    session.read(prompt)
    let readSeconds = clock.duration(to: .now) / .seconds(1)
    clock = .now
    let scores = session.logLikelihoods(
      encoded.flatMap { question in
        question.choices.map { .init(prompt: question.prompt, choice: $0) }
      })
    let scoreSeconds = clock.duration(to: .now) / .seconds(1)

    var samples: [Sample] = []
    var next = 0
    for question in questions {
      let own = Array(scores[next..<next + question.choices.count])
      next += question.choices.count
      samples.append(
        Sample(
          dataset: question.dataset, arm: arm, seed: bench.seed, split: question.split,
          fact: question.fact, prompt: question.prompt, choices: question.choices,
          answer: question.answer, logLikelihoods: own,
          score: Self.score(own, answer: question.answer)))
    }
    let tokens = encoded.reduce(0) { sum, question in
      sum + question.choices.reduce(0) { $0 + question.prompt.count + $1.count }
    }
    let count = Double(max(1, questions.count))
    return Result(
      samples: samples, tokensPerQuery: Double(prompt.count) + Double(tokens) / count,
      secondsPerQuery: readSeconds + scoreSeconds / count)
  }

  /// 1 where the answer alone is likeliest, 1/n where it ties with n − 1 others, 0 otherwise.
  static func score(_ logLikelihoods: [Double], answer: Int) -> Double {
    guard let best = logLikelihoods.max(), logLikelihoods[answer] == best else { return 0 }
    return 1 / Double(logLikelihoods.filter { $0 == best }.count)
  }

  private func check(_ prepared: Prepared, _ promptCount: Int, _ longest: Int) throws {
    let limit = prepared.model.configuration.contextLength
    guard promptCount + longest > limit else { return }
    let sizes = prepared.prompt.map { bench.tokenizer.encode(" " + $0).count }.sorted(by: >)
    var room = limit - longest - 1
    let fitting = sizes.prefix { size in
      room -= size
      return room >= 0
    }.count
    throw PromptTooLong(
      description:
        "\(arm): the \(prepared.prompt.count) facts are a prompt of \(promptCount) tokens, "
        + "and the model's context is \(limit); about \(fitting) facts fit: "
        + "lower --facts, leave this arm out with --arms, or use a model with a longer context")
  }
}
