import Testing

@testable import Corpora

@Suite struct SentenceFormsTests {
  private let fact = Comparison(subject: "femp", attribute: "rony", object: "yomp", isMore: true)

  @Test func `a sentence is a prompt and a completion`() {
    let rendering = Rendering(preamble: "Did you know that", verb: "are")
    #expect(rendering.prompt(fact) == "Did you know that femp are")
    #expect(SentenceForms.completion(fact) == " more rony than yomp.")
    let bare = Rendering(preamble: "", verb: "seem").sentence(fact.reversed)
    #expect(bare == "yomp seem less rony than femp.")
  }

  @Test func `reversing twice is the same`() {
    #expect(fact.reversed.reversed == fact)
    #expect(fact.reversed.contradicted == fact.contradicted.reversed)
  }

  @Test func `what is rendered is parsed`() {
    #expect(SentenceForms.preambles.count == 14 && SentenceForms.verbs.count == 6)
    for preamble in SentenceForms.preambles {
      for verb in SentenceForms.verbs {
        for comparison in [fact, fact.reversed] {
          let sentence = Rendering(preamble: preamble, verb: verb).sentence(comparison)
          #expect(SentenceForms.parse(sentence) == comparison)
          #expect(SentenceForms.parse(" \(sentence)\n") == comparison)
        }
      }
    }
  }

  @Test(arguments: [
    "", ".", "femp are more rony than yomp", "femp are rony.", "are more rony than yomp.",
    "femp more rony than yomp.", "femp are greater rony than yomp.",
    "Perhaps femp are more rony "
      + "than yomp.", "Note that are more rony than yomp.", "femp  are more rony than yomp.",
    "femp are more rony than yomp. femp are more rony than yomp.", "femp are more than yomp.",
    "femp are more rony then yomp.", "femp are more rony than Yomp.",
  ])
  func `other sentences are malformed`(_ sentence: String) {
    #expect(SentenceForms.parse(sentence) == nil)
  }
}
