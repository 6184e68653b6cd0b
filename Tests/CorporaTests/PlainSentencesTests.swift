import Testing

@testable import Corpora

@Suite struct PlainSentencesTests {
  @Test func `marks, headings, tables and code are left out`() {
    let text = """
      # Leave

      Employees of **Brindle** get 27 days
      a year. See [the page](https://x.example/a) of `Harbor`!

      - Unused days expire on 31 March.
      - a fragment
      1. Requests go to the lead.

      | a | b. |
      ```
      let x = 1.
      ```
      Title
      -----
      > Quoted words are here.
      """
    #expect(
      PlainSentences.sentences(of: text) == [
        "Employees of Brindle get 27 days a year.", "See the page of Harbor!",
        "Unused days expire on 31 March.", "Requests go to the lead.", "Quoted words are here.",
      ])
  }

  @Test(arguments: [
    ("Dr. Smith met J. Doe. They talked.", ["Dr. Smith met J. Doe.", "They talked."]),
    ("Use tools, e.g. Harbor. It is 2.5 m.", ["Use tools, e.g. Harbor.", "It is 2.5 m."]),
    ("He said \"no.\" Then he left.", ["He said \"no.\"", "Then he left."]),
    ("How many? 27 days. Good.", ["How many? 27 days.", "Good."]),
    ("Where do I book?\n\nThrough Wayfinder", ["Where do I book? Through Wayfinder"]),
    ("glimmer is a tool", ["glimmer is a tool"]), ("", []), (" \n\n", []),
  ])
  func `sentences end where they should`(text: String, expected: [String]) {
    #expect(PlainSentences.sentences(of: text) == expected)
  }
}
