import Corpora
import TestSupport
import Testing
import Tokenization
import Transformer

@testable import Study

@Suite struct ScoringTests {
  @Test(arguments: [
    ([-1.0, -2.0], 0, 1.0), ([-1.0, -2.0], 1, 0.0), ([-2.0, -2.0], 0, 0.5), ([-2.0, -2.0], 1, 0.5),
    ([-3.0, -1.0, -1.0, -1.0], 2, 1.0 / 3), ([-3.0, -1.0, -1.0, -1.0], 0, 0.0),
    ([-7.0], 0, 1.0),
  ])
  func `the likeliest choice is the answer, and a tie counts as a fraction`(
    logLikelihoods: [Double], answer: Int, expected: Double
  ) {
    #expect(Scoring.score(logLikelihoods, answer: answer) == expected)
  }

  /// The log-likelihood of each choice, one by one, in a session of its own.
  private func alone(_ trial: Trial, _ texts: [String], _ question: Question) -> [Double] {
    question.choices.map { choice in
      let session = InferenceSession(trial.model)
      session.read(trial.tokenizer.prompt(texts))
      return session.logLikelihoods([
        .init(
          prompt: trial.tokenizer.encode(" " + question.prompt),
          choice: trial.tokenizer.encode(choice))
      ])[0]
    }
  }

  private func expectClose(_ a: [Double], _ b: [Double]) {
    #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 }, "\(a) \(b)")
  }

  /// The prompts of five groups hold one, two or all groups: the questions of a prompt are asked
  /// after one reading, in the order of the prompts.
  @Test(arguments: [1, 2, 5])
  func `questions with different prompts are scored as if each was asked alone`(
    groupsPerPrompt: Int
  ) throws {
    let trial = try tinyTrial(size: 23, groupsPerPrompt: groupsPerPrompt)
    let prepared = try Arm.inContext.prepare(trial)
    let result = try trial.ask(as: "mine", prepared)
    try #require(result.samples.count == 3 * 23 && trial.questions.count == 3 * 23)
    #expect(
      Set(trial.questions.map(prepared.prompt)).count == (5 + groupsPerPrompt - 1) / groupsPerPrompt
    )
    for (sample, question) in zip(result.samples, trial.questions) {
      #expect(sample.arm == "mine" && sample.dataset == "reversal" && sample.seed == 3)
      #expect(sample.split == question.split && sample.fact == question.fact)
      #expect(sample.prompt == question.prompt && sample.choices == question.choices)
      #expect(sample.answer == question.answer)
    }
    for index in stride(from: 0, to: trial.questions.count, by: 5) {
      let question = trial.questions[index]
      expectClose(
        result.samples[index].logLikelihoods, alone(trial, prepared.prompt(question), question))
    }
  }

  @Test
  func `the three scores are of sums, of means per token, and of differences to the prior`()
    throws
  {
    let trial = try tinyTrial(.celebrities)
    let prior = try SharedWork(trial).pretrainedAnswers().logLikelihoods
    let result = try trial.ask(as: "any", Arm.inContext.prepare(trial))
    func winners(_ values: [Double], _ answer: Int) -> Double {
      let best = values.max()
      return values[answer] == best ? 1 / Double(values.filter { $0 == best }.count) : 0
    }
    for (index, sample) in result.samples.enumerated() {
      let own = sample.logLikelihoods
      let lengths = sample.choices.map { Double(trial.tokenizer.encode($0).count) }
      #expect(sample.score == winners(own, sample.answer))
      #expect(sample.scoreNormalized == winners(zip(own, lengths).map(/), sample.answer))
      #expect(
        sample.scoreCorrected == winners(zip(own, prior[index]).map(-), sample.answer))
    }
    #expect(result.samples.map(\.kind) == trial.questions.map(\.kind))
    #expect(result.samples.allSatisfy { $0.kind != nil })
    // Each score has a different winner.
    #expect(result.samples.contains { $0.score != $0.scoreNormalized })
    #expect(result.samples.contains { $0.score != $0.scoreCorrected })
    #expect(result.samples.contains { $0.scoreNormalized != $0.scoreCorrected })
  }

  @Test(arguments: Dataset.all)
  func `the model that sees nothing equals its prior`(dataset: Dataset) throws {
    let trial = try tinyTrial(dataset)
    let samples = try trial.ask(as: "pretrained", Arm.pretrained.prepare(trial))
      .samples
    #expect(!samples.isEmpty)
    #expect(samples.allSatisfy { $0.scoreCorrected == 1 / Double($0.choices.count) })
  }

  @Test func `a query costs its prompt, its question and each choice without its last token`()
    throws
  {
    let trial = try tinyTrial(size: 8, groupsPerPrompt: 1)
    let prepared = try Arm.inContext.prepare(trial)
    let cost = try trial.ask(as: "mine", prepared).cost
    var tokens = 0.0
    var operations = 0.0
    for question in trial.questions {
      let prompt = Double(1 + prepared.prompt(question).reduce(0) { $0 + trial.length($1) })
      let asked = Double(
        question.choices.reduce(trial.length(question.prompt)) {
          $0 + trial.tokenizer.encode($1).count - 1
        })
      tokens += prompt + asked
      operations +=
        trial.model.configuration.operations(tokens: prompt, context: prompt / 2)
        + trial.model.configuration.operations(tokens: asked, context: prompt)
    }
    let count = Double(trial.questions.count)
    #expect(abs(cost.tokens - tokens / count) < 1e-9)
    #expect(abs(cost.operations / (operations / count) - 1) < 1e-12)
    #expect(0 < cost.secondsKept && cost.secondsKept < cost.seconds)
    // A query without facts is cheaper by the tokens of the articles.
    let closed = try trial.ask(as: "mine", PreparedModel(model: trial.model)).cost
    let read = trial.questions.reduce(0) { sum, question in
      sum + prepared.prompt(question).reduce(0) { $0 + trial.length($1) }
    }
    #expect(abs(cost.tokens - closed.tokens - Double(read) / count) < 1e-9)
    #expect(closed.operations < cost.operations)
  }

  @Test func `operations are two per parameter of every matrix, plus those of attention`() {
    var configuration = Configuration(
      vocabularySize: 10, hiddenSize: 4, intermediateSize: 6, layerCount: 2, headCount: 2,
      keyValueHeadCount: 1, headSize: 2, contextLength: 8)
    // A layer: q and o 4×4, k and v 4×2, gate, up and down 4×6; the head 4×10. Twice.
    let layer = 16 + 16 + 8 + 8 + 24 + 24 + 24
    let matrices = Double(2 * (2 * layer + 40))
    #expect(configuration.operations(tokens: 1, context: 0) == matrices)
    // For each earlier token and layer, two products of 4 numbers with two operations each.
    let attention = Double(2 * 2 * 4 * 2)
    let expected = 3 * (matrices + 5 * attention)
    #expect(configuration.operations(tokens: 3, context: 5) == expected)
    configuration.tiesEmbeddings = true
    #expect(configuration.operations(tokens: 1, context: 0) == matrices)
  }

  @Test func `accuracies are of the first questions of every split`() throws {
    let trial = try tinyTrial(.family)
    let prepared = try Arm.inContext.prepare(trial)
    let scoring = Scoring(tokenizer: trial.tokenizer)
    let samples = try trial.ask(prepared).samples
    for limit in [1, 7, 1000] {
      let accuracies = try scoring.accuracies(
        prepared, trial.questions(perSplit: limit))
      #expect(Set(accuracies.keys) == Set(trial.world.splits.map(\.rawValue)))
      for split in trial.world.splits {
        let own = samples.filter { $0.split == split }.prefix(limit)
        #expect(isClose(accuracies[split.rawValue], own.map(\.score).mean))
      }
    }
  }

  @Test func `a model that was not trained is near chance`() throws {
    var scores: [Double] = []
    for seed in 1...3 as ClosedRange<UInt64> {
      let trial = try tinyTrial(seed: seed, size: 100, model: untrainedModel(seed: seed))
      scores += try trial.ask(as: "pretrained", Arm.pretrained.prepare(trial))
        .samples.map(\.score)
    }
    #expect(scores.count == 900)
    // Three splits ask about the same 300 facts: five standard errors of 300 guesses.
    #expect(abs(scores.mean - 0.5) < 0.145)
    #expect(scores.contains(0) && scores.contains(1))
  }

  @Test func `the error for a prompt that is too long has the arm's name and the numbers`() throws {
    let trial = try tinyTrial(contextLength: 60)
    var prepared = PreparedModel(model: trial.model)
    let text = trial.documents[0]
    prepared.prompt = { _ in [String](repeating: text, count: 20) }
    let error = #expect(throws: PromptTooLong.self) {
      try trial.ask(as: "mine", prepared)
    }
    let message = try #require(error?.description)
    #expect(message.hasPrefix("mine: a prompt of \(1 + 20 * trial.length(text)) tokens"))
    #expect(message.contains("context of 60") && message.contains("--arms"))
  }
}
