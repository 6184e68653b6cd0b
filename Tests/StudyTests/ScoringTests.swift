import Corpora
import Testing
import Transformer

@testable import Study

@Suite struct ScoringTests {
  @Test(arguments: [
    ([-1.0, -2.0], 0, 1.0), ([-1.0, -2.0], 1, 0.0), ([-2.0, -2.0], 0, 0.5), ([-2.0, -2.0], 1, 0.5),
    ([-3.0, -1.0, -1.0, -1.0], 2, 1.0 / 3), ([-3.0, -1.0, -1.0, -1.0], 0, 0.0),
    ([-7.0], 0, 1.0),
  ])
  func `the likeliest choice is the answer, and a tie is a fraction`(
    logLikelihoods: [Double], answer: Int, expected: Double
  ) {
    #expect(Scoring.score(logLikelihoods, answer: answer) == expected)
  }

  @Test func `every question is asked once and scored by its own choices`() throws {
    let bench = try tinyBench()
    let result = try Scoring(arm: "mine", bench: bench).run(Prepared(model: bench.model))
    #expect(result.samples.count == 3 * 4)
    for (sample, question) in zip(
      result.samples, ReversalWorld.splits.flatMap { bench.world.questions($0) })
    {
      #expect(sample.arm == "mine")
      #expect(sample.dataset == "reversal")
      #expect(sample.seed == 3)
      #expect(sample.split == question.split)
      #expect(sample.prompt == question.prompt)
      #expect(sample.choices == question.choices)
      #expect(
        sample.score
          == (sample.logLikelihoods[question.answer]
            == sample.logLikelihoods.max() ? 1 : 0))
      // The same choices scored one by one, in a session of their own.
      for (choice, logLikelihood) in zip(question.choices, sample.logLikelihoods) {
        let session = InferenceSession(bench.model)
        session.read([tinyTokenizer.endOfText])
        let alone = session.logLikelihoods([
          .init(
            prompt: tinyTokenizer.encode(" " + question.prompt),
            choice: tinyTokenizer.encode(choice))
        ])
        #expect(abs(alone[0] - logLikelihood) < 1e-3)
      }
    }
  }

  @Test func `the prompt is read, and its tokens are counted`() throws {
    let bench = try tinyBench()
    let scoring = Scoring(arm: "mine", bench: bench)
    let closed = try scoring.run(Prepared(model: bench.model))
    let prompt = bench.world.prompt(seed: 1)
    let open = try scoring.run(Prepared(model: bench.model, prompt: prompt))
    let length = prompt.reduce(0) { $0 + tinyTokenizer.encode(" " + $1).count }
    #expect(open.tokensPerQuery == closed.tokensPerQuery + Double(length))
    #expect(open.samples[0].logLikelihoods != closed.samples[0].logLikelihoods)
  }

  @Test func `a model that was not trained is near chance`() throws {
    var scores: [Double] = []
    for seed in 1...3 as ClosedRange<UInt64> {
      let bench = Bench(
        world: try ReversalWorld(seed: seed), seed: seed, model: try tinyModel(seed: seed),
        tokenizer: tinyTokenizer, fineTuning: FineTuning())
      scores += try Scoring(arm: "pretrained", bench: bench).run(Arm.pretrained.prepare(bench))
        .samples.map(\.score)
    }
    #expect(scores.count == 900)
    // Three splits ask about the same 300 facts: five standard errors of 300 guesses.
    #expect(abs(scores.reduce(0, +) / 900 - 0.5) < 0.145)
    #expect(scores.contains(0) && scores.contains(1))
  }

  @Test func `too long a prompt says how many facts fit, and that many do`() throws {
    let bench = try tinyBench(factCount: 20, contextLength: 200)
    let scoring = Scoring(arm: "in-context", bench: bench)
    let prompt = bench.world.prompt(seed: 1)
    let error = #expect(throws: PromptTooLong.self) {
      try scoring.run(Prepared(model: bench.model, prompt: prompt))
    }
    let text = try #require(error?.description)
    #expect(text.contains("in-context: the 20 facts"))
    #expect(text.contains("the model's context is 200"))
    #expect(text.contains("--facts"))
    let count = try #require(
      text.firstMatch(of: #/about (\d+) facts fit/#).flatMap { Int($0.output.1) })
    #expect((1..<20).contains(count))
    for first in 0...(20 - count) {
      _ = try scoring.run(
        Prepared(model: bench.model, prompt: Array(prompt[first..<first + count])))
    }
  }
}
