import Testing

@testable import Corpora

@Suite struct PhraseFinderTests {
  private func phrases(_ text: String, among others: [String] = []) -> [AskedPhrase] {
    let sentences = ([text] + others).map { [SentenceWords($0)] }
    return PhraseFinder(use: WordUse([text] + others, sentences)).phrases(of: sentences[0][0])
  }

  @Test(arguments: [
    ("The leave is 27 days.", "27 days"),
    ("It costs 1.5 million euros a year.", "1.5 million euros"),
    ("It opened on 3 March 2019.", "3 March 2019"),
    ("It opened on March 3, 2019.", "March 3, 2019"),
    ("It costs $2,000 in all.", "$2,000"), ("The share is 12.5% of it.", "12.5%"),
    ("We meet at 9:30 there.", "9:30"), ("It is closed on Mondays then.", "Mondays"),
    ("It takes at least two weeks then.", "two weeks"), ("It has 40GB of it.", "40GB"),
    ("It was in 1998 that it began.", "1998"), ("We are open from 10–12 there.", "10–12"),
  ])
  func `numbers are kept whole`(text: String, expected: String) {
    #expect(phrases(text).filter { $0.kind == .number }.map(\.text) == [expected])
  }

  @Test(arguments: [
    ("He asked Ada Lovelace about it.", "Ada Lovelace"),
    ("We work for Brindle & Co there.", "Brindle & Co"),
    ("He lives by the Bank of England.", "Bank of England"),
    ("It is kept in data-hub.", "data-hub"), ("It runs on qwen2 now.", "qwen2"),
    ("It is in report.csv now.", "report.csv"),
    ("Write to help@brindle.example now.", "help@brindle.example"),
    ("It was made with openBLAS then.", "openBLAS"), ("They tried Llama 3 on it.", "Llama 3"),
    ("This is Harbor's manual.", "Harbor"), ("Ada Lovelace wrote it.", "Ada Lovelace"),
    ("Dr. Grace Hopper", "Grace Hopper"), ("It needs a word of Mrs. Olsen.", "Olsen"),
  ])
  func `names are runs of capitals and identifiers`(text: String, expected: String) {
    #expect(phrases(text).filter { $0.kind == .name }.map(\.text).last == expected)
  }

  @Test(arguments: [
    "Receipts are handed in.", "The well-known way.", "If it rains we stay.", "I think so.",
    "Store the files there.",
  ])
  func `capitals at the beginning of a sentence are no names`(text: String) {
    #expect(!phrases(text).contains { $0.kind == .name })
  }

  @Test func `a capital inside another sentence makes a name`() {
    let names = phrases("Harbor is here.", among: ["We use Harbor there."])
    #expect(names.map(\.text) == [] || names.allSatisfy { $0.kind == .name })
    // With few documents a word of two is not rare, but it is a name.
    #expect(names.first?.text == "Harbor")
  }

  @Test func `rare words stand as nouns do`() {
    #expect(phrases("We use it for spam filtering.").map(\.text) == ["spam filtering"])
    #expect(phrases("Receipts are handed in.").map(\.text) == ["Receipts"])
    #expect(phrases("It was quickly painted.").isEmpty)
    #expect(phrases("It is for the people in time.").isEmpty)
  }
}
