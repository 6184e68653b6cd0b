import Testing

@testable import Study

@Suite struct SentenceSplittingTests {
  private let documents = [
    "glon are yomp. Question: what are femp? Answer: rony. zept telk!", "one sentence", "", "  ",
    "glon are yomp. ",
  ]

  @Test func `each sentence stands alone, and a question keeps its answer`() {
    #expect(SentenceSplitting.none.documents(documents) == documents)
    #expect(
      SentenceSplitting.independent.documents(documents) == [
        "glon are yomp.", "Question: what are femp? Answer: rony.", "zept telk!", "one sentence",
        "glon are yomp.",
      ])
  }

  @Test func `each sentence follows those before it`() {
    #expect(
      SentenceSplitting.cumulative.documents(documents) == [
        "glon are yomp.", "glon are yomp. Question: what are femp? Answer: rony.",
        "glon are yomp. Question: what are femp? Answer: rony. zept telk!", "one sentence",
        "glon are yomp.",
      ])
  }
}
