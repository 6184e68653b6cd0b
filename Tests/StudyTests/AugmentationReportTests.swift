import Corpora
import Testing

@testable import Study

@Suite struct AugmentationReportTests {
  private func sentence(_ fact: Comparison, verb: String = "are") -> String {
    Rendering(preamble: "", verb: verb).sentence(fact)
  }

  @Test func `comparisons are counted as true, false or malformed`() throws {
    let trial = try tinyTrial()
    let facts = try #require(trial.world as? ReversalWorld).facts
    let report = AugmentationReport(
      [
        sentence(facts[0]), sentence(facts[1].reversed), sentence(facts[1].reversed, verb: "seem"),
        sentence(facts[2].reversed), sentence(facts[3].contradicted), "femp femp.",
        sentence(facts[0].reversed.contradicted), "",
      ], arm: "mine", trial: trial)
    #expect(report.written.count == 8)
    #expect(report.share(.isTrue(answers: nil)) == 0.5)
    #expect(report.share(.isFalse) == 0.25)
    #expect(report.share(.isMalformed) == 0.25)
    // Two of the four facts were reversed.
    #expect(report.coverage == [.reversed: 0.5])
    #expect(
      report.written[4]
        == JudgedSentence(
          dataset: "reversal", arm: "mine", seed: 3, sentence: sentence(facts[3].contradicted),
          count: 1, judgement: .isFalse))
  }

  @Test func `conclusions of syllogisms answer their questions, and premises answer none`() throws {
    let trial = try tinyTrial(.syllogism)
    let examples = try #require(trial.world as? SyllogismWorld).examples
    func said(_ fact: Fact) -> String { Syllogism.sentence(fact) }
    let other = Fact(examples[0].conclusion.relation, examples[0].minor, examples[1].major)
    let report = AugmentationReport(
      [
        said(examples[0].conclusion),
        Syllogism.header([examples[1].major, examples[1].minor]) + " "
          + said(examples[1].conclusion),
        said(examples[2].minorPremise), said(other), "All are.",
      ], arm: "mine", trial: trial)
    #expect(report.share(.isTrue(answers: nil)) == 0.6)
    #expect(report.share(.isFalse) == 0.2)
    #expect(report.share(.isMalformed) == 0.2)
    #expect(isClose(report.coverage[.deduced], 2.0 / 3))
    #expect(Set(report.coverage.keys) == [.deduced])
  }

  /// A question's prompt and its right choice make a true sentence, and each wrong choice a false
  /// one.
  @Test(arguments: [Dataset.hierarchy, .family, .celebrities])
  func `the questions that are answered are covered, and no others`(dataset: Dataset) throws {
    let trial = try tinyTrial(dataset)
    func report(_ splits: [Split], isRight: Bool) -> AugmentationReport {
      AugmentationReport(
        trial.questions.filter { splits.contains($0.split) }.map { question in
          question.prompt
            + question.choices[isRight ? question.answer : (question.answer + 1) % 4]
        }, arm: "mine", trial: trial)
    }
    let inferred = trial.world.splits.filter { $0 != .trained && $0 != .rephrased }
    let stated = report([.trained, .rephrased], isRight: true)
    #expect(stated.share(.isTrue(answers: nil)) == 1)
    #expect(stated.coverage == Dictionary(uniqueKeysWithValues: inferred.map { ($0, 0) }))
    for split in inferred {
      let right = report([split], isRight: true)
      #expect(right.share(.isTrue(answers: nil)) == 1)
      #expect(
        right.coverage
          == Dictionary(uniqueKeysWithValues: inferred.map { ($0, $0 == split ? 1 : 0) }))
      let wrong = report([split], isRight: false)
      #expect(wrong.share(.isFalse) == 1)
      #expect(wrong.coverage.values.allSatisfy { $0 == 0 })
    }
  }

  @Test func `shares of samples count a sentence as often as it was sampled`() throws {
    let trial = try tinyTrial()
    let facts = try #require(trial.world as? ReversalWorld).facts
    var generated = GeneratedSentences()
    generated.add([sentence(facts[0])], count: 6, tokens: 10, group: 0)
    generated.add(["femp."], count: 1, tokens: 2, group: 0)
    generated.add([sentence(facts[0])], count: 1, tokens: 10, group: 1)
    generated.add([], count: 3, tokens: 48, group: 0)
    let report = AugmentationReport(generated, arm: "mine", trial: trial)
    #expect(report.written.map(\.count) == [7, 1] && report.samples == 8 && report.unfinished == 3)
    #expect(
      report.share(.isTrue(answers: nil)) == 0.5
        && report.shareOfSamples(.isTrue(answers: nil)) == 0.875)
    #expect(report.shareOfSamples(.isMalformed) == 0.125)
    #expect(generated.cost.tokensWritten == 6 * 10 + 2 + 10 + 3 * 48 && generated.samples == 11)
  }

  @Test func `without sentences all shares are zero`() throws {
    let report = AugmentationReport([], arm: "mine", trial: try tinyTrial())
    #expect(report.written.isEmpty)
    #expect(
      report.share(.isTrue(answers: nil)) + report.share(.isFalse) + report.share(.isMalformed) == 0
    )
    #expect(report.coverage == [.reversed: 0])
  }
}
