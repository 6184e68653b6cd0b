import Testing

@testable import Study

@Suite struct ConclusionTests {
  @Test func `a curse`() {
    let results = HandMade.results(reversed: ["in-context": 0.96, "fine-tuned": 0.51])
    #expect(
      results.conclusion
        == "Reading the facts in its prompt, the model answers 96 % of the reversed questions; "
        + "fine-tuned on them, it repeats 99 % as they were told and reverses 51 % (chance is "
        + "50 %). What it can do with facts in its context, it cannot do with facts in its "
        + "weights: the reversal curse.")
  }

  @Test func `augmentation is told where it was run`() throws {
    let results = HandMade.results(
      reversed: ["in-context": 0.96, "fine-tuned": 0.51, "augmented-local": 0.88])
    let text = try #require(results.conclusion)
    #expect(text.contains("what it inferred itself from each document, it reverses 88 %."))
  }

  @Test func `weights that help, but less than context, are no curse`() throws {
    let text = try #require(
      HandMade.results(reversed: ["in-context": 0.96, "fine-tuned": 0.8]).conclusion)
    #expect(text.contains("Facts in its context serve it better than facts in its weights."))
    #expect(!text.contains("curse"))
  }

  @Test func `weights as good as context are no curse`() throws {
    let text = try #require(
      HandMade.results(reversed: ["in-context": 0.9, "fine-tuned": 0.9]).conclusion)
    #expect(text.contains("No reversal curse shows here."))
  }

  @Test func `a difference within its error is no curse`() throws {
    let text = try #require(
      HandMade.results(reversed: ["in-context": 0.6, "fine-tuned": 0.5], stderr: 0.1).conclusion)
    #expect(text.contains("No reversal curse shows here."))
  }

  @Test(arguments: ["pretrained", "in-context-shuffled"])
  func `a control that is not at chance is pointed out`(control: String) throws {
    let text = try #require(
      HandMade.results(reversed: ["in-context": 0.96, "fine-tuned": 0.5, control: 0.625])
        .conclusion)
    #expect(text.hasSuffix(" Beware: the control \(control) is at 0.625, not at chance."))
    let fine = try #require(
      HandMade.results(reversed: ["in-context": 0.96, "fine-tuned": 0.5, control: 0.54])
        .conclusion)
    #expect(!fine.contains("Beware"))
  }

  @Test func `without the arms that it compares there is none`() {
    #expect(HandMade.results(reversed: ["in-context": 0.96]).conclusion == nil)
    #expect(HandMade.results(reversed: ["fine-tuned": 0.5]).conclusion == nil)
  }
}
