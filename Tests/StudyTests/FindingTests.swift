import Corpora
import Testing

@testable import Study

@Suite struct FindingTests {
  private func finding(
    _ claim: String, _ outcomes: [StudyRun.Outcome]
  ) throws -> Finding {
    let found = HandMade.results(outcomes).findings.filter { $0.claim == claim }
    try #require(found.count == 1)
    return found[0]
  }

  private func reversals(_ arm: String, _ right: [Double]) -> [StudyRun.Outcome] {
    HandMade.worlds(arm, .reversal, .reversed, right)
  }

  @Test func `every dataset that was run has findings, and the others have none`() {
    for dataset in Dataset.all {
      let findings = HandMade.results(HandMade.worlds("pretrained", dataset, .trained, [1, 1]))
        .findings
      #expect(findings.count >= 4)
      #expect(findings.allSatisfy { $0.dataset == dataset.name && !$0.claim.isEmpty })
      #expect(Set(findings.map(\.claim)).count == findings.count)
      // Nothing that they are about was run.
      #expect(findings.allSatisfy { $0.agrees == nil && $0.evidence == "not run" })
    }
    #expect(HandMade.results([]).findings.isEmpty)
  }

  @Test(arguments: Dataset.all)
  func `every claim is about arms that exist and splits of its dataset`(
    dataset: Dataset
  ) throws {
    let splits = try dataset.tinyWorld().splits
    let outcomes = Arm.all.flatMap { arm in
      (1...2 as ClosedRange<UInt64>).map { seed in
        var outcome = HandMade.outcome(
          arm.name, dataset: dataset, seed: seed,
          right: [.trained: 1, .rephrased: 1, .reversed: 1, .deduced: 1, .holdout: 1])
        outcome.samples.removeAll { !splits.contains($0.split) }
        return outcome
      }
    }
    let findings = HandMade.results(outcomes).findings.prefix(dataset.claims.count)
    #expect(findings.map(\.claim) == dataset.claims.map(\.sentence))
    #expect(findings.allSatisfy { $0.agrees != nil })
    #expect(findings.allSatisfy { $0.isInPaper == dataset.isInPaper })
  }

  @Test func `one arm is above another if it is above in all resamples`() throws {
    let claim = "in-context is above fine-tuned on reversed questions"
    let low = reversals("fine-tuned", [1, 1, 1, 0.5])
    let agrees = try finding(claim, reversals("in-context", [2, 2, 1.5, 2]) + low)
    #expect(agrees.agrees == true)
    #expect(
      agrees.evidence.hasPrefix("in-context reversed 0.938 [")
        && agrees.evidence.contains("] against fine-tuned reversed 0.438 [")
        && agrees.evidence.contains("; difference +0.500 ["))
    #expect(try finding(claim, reversals("in-context", [1, 1, 0.5, 1]) + low).agrees == false)
    #expect(try finding(claim, reversals("in-context", [1, 1, 1, 0.5]) + low).agrees == false)
    // One world, different worlds or one arm decide nothing.
    let single = try finding(
      claim, reversals("in-context", [2]) + reversals("fine-tuned", [1]))
    #expect(single.agrees == nil && single.evidence.contains("difference +0.500"))
    #expect(try finding(claim, reversals("in-context", [2, 2]) + low).agrees == nil)
    #expect(try finding(claim, low).evidence == "not run")
  }

  @Test func `about as good means less than 0.05 below`() throws {
    let claim = "augmented is as good as in-context on reversed questions, or better"
    let reading = reversals("in-context", [2, 2])
    #expect(try finding(claim, reading + reversals("augmented", [1.95, 1.9])).agrees == true)
    #expect(try finding(claim, reading + reversals("augmented", [1.9, 1.85])).agrees == false)
    #expect(
      try finding(claim, reversals("in-context", [1, 1]) + reversals("augmented", [2, 2])).agrees
        == true)
  }

  @Test func `accuracies and intervals decide about ceiling and chance`() throws {
    func celebrities(_ arm: String, _ right: [Double]) -> [StudyRun.Outcome] {
      HandMade.worlds(arm, .celebrities, .reversed, right)
    }
    let ceiling = "in-context answers reversed questions near the ceiling"
    #expect(try finding(ceiling, celebrities("in-context", [2, 1.9])).agrees == true)
    let below = try finding(ceiling, celebrities("in-context", [2, 1.7]))
    #expect(below.agrees == false && below.evidence.hasSuffix(", chance 0.500"))
    let chance = "fine-tuned is at chance or below on reversed questions"
    #expect(try finding(chance, celebrities("fine-tuned", [0.5, 0])).agrees == true)
    #expect(try finding(chance, celebrities("fine-tuned", [1, 1.1])).agrees == true)
    #expect(try finding(chance, celebrities("fine-tuned", [2, 2])).agrees == false)
  }

  @Test func `above chance means an interval above it, and for one world more than luck`() throws {
    let claim = "fine-tuned is above chance"
    func syllogisms(_ right: [Double]) -> [StudyRun.Outcome] {
      HandMade.worlds("fine-tuned", .syllogism, .deduced, right)
    }
    #expect(try finding(claim, syllogisms([2, 2, 2])).agrees == true)
    #expect(try finding(claim, syllogisms([2, 1, 1.5])).agrees == false)
    // Three of four in each world, and yet no more than six questions.
    #expect(try finding(claim, syllogisms([1.5, 1.5, 1.5])).agrees == false)
    #expect(try finding(claim, syllogisms([0, 0, 0])).agrees == false)
    // One more than half of two questions.
    #expect(try finding(claim, syllogisms([1.5])).agrees == false)
  }

  @Test func `splits of one arm are compared`() throws {
    let claim = "category holdout stays harder than deduction for augmented"
    func outcomes(_ holdout: Double) -> [StudyRun.Outcome] {
      (1...3).map {
        HandMade.outcome(
          "augmented", dataset: .hierarchy, seed: $0, right: [.deduced: 1.5, .holdout: holdout])
      }
    }
    #expect(try finding(claim, outcomes(0.5)).agrees == true)
    #expect(try finding(claim, outcomes(2)).agrees == false)
  }

  @Test func `where reading is more expensive, the number of queries is stated`() throws {
    let claim = "over many queries augmented fine-tuning is cheaper than reading every time"
    func outcomes(_ perQuery: Double) -> [StudyRun.Outcome] {
      [
        HandMade.outcome("in-context", right: [.trained: 1], secondsPerQuery: 0.03),
        HandMade.outcome(
          "augmented", right: [.trained: 1], tokensTrained: 1, secondsTrain: 1,
          secondsPerQuery: perQuery),
      ]
    }
    // 1 s at 0.028 s per query.
    let cheap = try finding(claim, outcomes(0.002))
    #expect(cheap.agrees == true && cheap.evidence == "from 36 queries on")
    let dear = try finding(claim, outcomes(0.03))
    #expect(dear.agrees == false && dear.evidence == "reading is never more expensive")
  }

  @Test func `at chance means within the error for the number of questions`() throws {
    func row(_ right: [Double]) throws -> Results.Row {
      try #require(HandMade.results(reversals("pretrained", right)).rows.first)
    }
    #expect(try row([1, 1, 1]).isAtChance)
    // Six questions, all right: 2.6 standard errors of guesses are 0.53.
    #expect(try row([2, 2, 2]).isAtChance)
    // Twenty: 0.29.
    #expect(try !row([Double](repeating: 2, count: 10)).isAtChance)
    #expect(try !row([Double](repeating: 0, count: 10)).isAtChance)
  }
}
