import Corpora
import Testing

@testable import Study

@Suite struct BreakEvenTests {
  /// In-context costs 0.1 s per query, of which 0.09 s are for reading, and 1,000 operations.
  private func breakEven(
    once: Double, operationsOnce: Double = 0, perQuery: Double = 0.02, kept: Double = 0.005,
    operations: Double = 0, arm: String = "augmented"
  ) -> Results.BreakEven? {
    let results = HandMade.results([
      HandMade.outcome(
        "in-context", right: [.trained: 2], secondsPerQuery: 0.1, secondsPerQueryKept: 0.01,
        operationsPerQuery: 1000),
      HandMade.outcome(
        arm, right: [.trained: 2], tokensTrained: 5, secondsTrain: once,
        operationsTrain: operationsOnce, secondsPerQuery: perQuery, secondsPerQueryKept: kept,
        operationsPerQuery: operations),
    ])
    return results.breakEvens.first { $0.arm == arm }
  }

  @Test func `an arm that trains breaks even where its costs have been saved`() throws {
    let even = try #require(breakEven(once: 8, operationsOnce: 9e6, operations: 100))
    // 8 s at 0.08 s per query; 9e6 operations at 900.
    #expect(isClose(even.queries, 100))
    #expect(isClose(even.queriesByOperations, 10_000))
    // With the prompts kept 7.91 s, since reading once is saved too, at 0.005 s.
    #expect(isClose(even.queriesKept, 7.91 / 0.005))
  }

  @Test func `an arm that saves nothing never breaks even, and a cheaper one does at once`() throws
  {
    let dear = try #require(breakEven(once: 8, perQuery: 0.1, kept: 0.01, operations: 1000))
    #expect(dear.queries == nil && dear.queriesByOperations == nil && dear.queriesKept == nil)
    let cheap = try #require(breakEven(once: 0.05))
    #expect(cheap.queriesKept == 0)
    #expect(isClose(cheap.queries, 0.625))
    #expect(cheap.queriesByOperations == 0)
    // Facts in both places save no reading.
    #expect(breakEven(once: 8, arm: "in-context-after-fine-tuning") == nil)
    // There is nothing to compare with.
    let alone = HandMade.outcome("fine-tuned", right: [.trained: 2], tokensTrained: 5)
    #expect(HandMade.results([alone]).breakEvens.isEmpty)
  }
}
