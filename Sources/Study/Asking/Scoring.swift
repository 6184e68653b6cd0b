import Corpora
import Kernels
import Tokenization
import Transformer

/// Asks a prepared model questions: the log-likelihood of every choice.
struct Scoring: Sendable {
  let tokenizer: Tokenizer
  /// The arm's name, for errors.
  var name = pretrainedName
  /// The chat format that questions are asked in; nil for plain text.
  var chat: Chat?
  /// The threads that share the work.
  var threadCount = 1

  static let pretrainedName = "the pretrained model"

  /// A model's answers, one entry per question.
  struct Answers: Sendable {
    /// The score of each choice.
    var choices: [[InferenceSession.Score]]
    /// The number of tokens of each choice.
    var lengths: [[Int]]
    /// The mean cost of one query.
    var cost: QueryCost

    var logLikelihoods: [[Double]] { choices.map { $0.map(\.logLikelihood) } }
  }

  private struct Encoded {
    var prompt: [Int32]
    var choices: [[Int32]]
    var longest: Int { prompt.count + (choices.map(\.count).max() ?? 0) }
    /// The number of tokens that are run: the prompt once, and each choice without its last token,
    /// after which nothing is predicted.
    var tokens: Int { choices.reduce(prompt.count) { $0 + $1.dropLast().count } }
  }

  /// The log-likelihood of every choice of every question.
  func logLikelihoods(
    _ prepared: PreparedModel, _ questions: [Question]
  ) throws -> [[Double]] {
    try answers(prepared, questions).logLikelihoods
  }

  /// Scores all questions; those with the same prompt share one reading of it, but the cost of a
  /// query is that of asking it alone.
  ///
  /// - Throws: `PromptTooLong`.
  func answers(_ prepared: PreparedModel, _ questions: [Question]) throws -> Answers {
    let prompting = Prompting(tokenizer, chat: chat)
    let encoded = questions.map { question in
      Encoded(
        prompt: prompting.question(question.prompt, isFirst: prepared.prompt(question).isEmpty),
        choices: question.choices.map(prompting.choice))
    }
    let lengths = encoded.map { $0.choices.map(\.count) }
    var scores = [[InferenceSession.Score]](repeating: [], count: questions.count)
    var cost = QueryCost()
    let byPrompt = Dictionary(grouping: questions.indices) { prepared.prompt(questions[$0]) }
    let configuration = prepared.model.configuration
    var session: InferenceSession?
    var answered = 0
    for (texts, members) in byPrompt.sorted(by: { $0.value[0] < $1.value[0] }) {
      let prompt = prompting.prompt(texts)
      let longest = members.map { encoded[$0].longest }.max() ?? 0
      guard prompt.count + longest <= configuration.contextLength else {
        throw PromptTooLong(
          description: "\(name): a prompt of \(prompt.count) tokens and a question of \(longest) "
            + "do not fit the model's context of \(configuration.contextLength); "
            + "leave this arm out with --arms, or use a model with a longer context")
      }
      if (session?.capacity ?? 0) < prompt.count + longest {
        session = InferenceSession(
          prepared.model,
          capacity: min(configuration.contextLength, 2 * (prompt.count + longest)),
          threadCount: threadCount)
      }
      guard let session else { continue }
      session.rewind(to: 0)
      let start = ProcessorTime.seconds
      session.read(prompt)
      let middle = ProcessorTime.seconds
      let own = session.scores(
        members.flatMap { index in
          encoded[index].choices.map { .init(prompt: encoded[index].prompt, choice: $0) }
        })
      let readSeconds = middle - start
      let scoreSeconds = ProcessorTime.seconds - middle
      answered += members.count
      ArmProgress.report(.answering, answered, of: questions.count)
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
    return Answers(choices: scores, lengths: lengths, cost: cost)
  }

  /// The accuracy on each split that has questions.
  func accuracies(_ prepared: PreparedModel, _ questions: [Question]) throws -> [String: Double] {
    var sums: [String: (sum: Double, count: Double)] = [:]
    for (question, own) in zip(questions, try logLikelihoods(prepared, questions)) {
      sums[question.split.rawValue, default: (0, 0)].sum += Self.score(own, answer: question.answer)
      sums[question.split.rawValue, default: (0, 0)].count += 1
    }
    return sums.mapValues { $0.sum / $0.count }
  }

  /// 1 where only the answer is likeliest, 1/n where it ties with n − 1 others, 0 otherwise.
  static func score(_ logLikelihoods: [Double], answer: Int) -> Double {
    guard let best = logLikelihoods.max(), logLikelihoods[answer] == best else { return 0 }
    return 1 / Double(logLikelihoods.filter { $0 == best }.count)
  }

  /// 1, plus 1 for each likelier choice and 1/2 for each other choice that is as likely.
  static func rank(_ logLikelihoods: [Double], answer: Int) -> Double {
    let own = logLikelihoods[answer]
    return logLikelihoods.reduce(0.5) { $0 + ($1 > own ? 1 : $1 == own ? 0.5 : 0) }
  }
}
