import Corpora
import Foundation
import Synchronization
import Testing

@testable import Study

/// The parts of the arms that come from other papers.
@Suite struct BaselineTests {
  @Test func `words are reversed, marks are words, and names stay whole`() {
    let reversal = WordReversal(names: ["femp glon", "author of yomp troff", "rony"])
    for (text, expected) in [
      ("", ""), ("rony", "rony"), ("femp glon", "femp glon"), ("glon femp", "femp glon"),
      (
        "femp glon is the author of yomp troff.", ". author of yomp troff the is femp glon"
      ),
      ("The author of yomp troff is femp glon.", ". femp glon is author of yomp troff The"),
      ("femp glon, famous as the author of yomp.", ". yomp of author the as famous , femp glon"),
      ("All glon are yomp. All troff are glon.", ". glon are troff All . yomp are glon All"),
      ("femp femp glon", "femp glon femp"),
      ("1999 opened Room 12, in \"v2\".", ". \" \"v2 in , 12 Room opened 1999"),
    ] {
      #expect(reversal.reversed(text) == expected)
    }
    #expect(WordReversal(names: []).reversed("femp glon is.") == ". is glon femp")
  }

  @Test(arguments: Dataset.all)
  func `reversing a text twice gives its words again`(dataset: Dataset) throws {
    let world = try dataset.tinyWorld()
    let reversal = WordReversal(names: world.entities)
    for article in world.articles {
      let once = reversal.reversed(article.text)
      #expect(once != article.text)
      #expect(
        reversal.reversed(once).split(separator: " ")
          == article.text.replacing(/[.,:?]/) { " \($0.output)" }.split(separator: " "))
      // Each name stays whole.
      for name in world.entities where name.contains(" ") && article.text.contains(name) {
        #expect(once.contains(name))
      }
    }
  }

  /// The Okapi BM25 score of one word.
  private func score(
    holding: Double, count: Double, length: Double, documents: Double = 3, mean: Double
  ) -> Double {
    log(1 + (documents - holding + 0.5) / (holding + 0.5)) * count * 2.2
      / (count + 1.2 * (0.25 + 0.75 * length / mean))
  }

  @Test func `three documents rank as BM25 computed by hand`() {
    let documents = [
      "glon are rony.", "glon glon seem more telk than troff, and zept.", "femp are telk.",
    ]
    let index = RankedIndex(documents)
    // 3, 9 and 3 words: 5 on average.
    let (short, long) = (3.0, 9.0)
    let glonInFirst = score(holding: 2, count: 1, length: short, mean: 5)
    let glonInSecond = score(holding: 2, count: 2, length: long, mean: 5)
    let telkInSecond = score(holding: 2, count: 1, length: long, mean: 5)
    let telkInThird = score(holding: 2, count: 1, length: short, mean: 5)
    let fempInThird = score(holding: 1, count: 1, length: short, mean: 5)
    // The best last.
    #expect(glonInFirst > telkInSecond && glonInSecond > telkInSecond)
    #expect(
      index.nearest(to: "glon", count: 5)
        == (glonInFirst > glonInSecond
          ? [documents[1], documents[0]] : [documents[0], documents[1]]))
    // The first and the third share two words each, and tie.
    #expect(glonInFirst == telkInThird)
    #expect(
      index.nearest(to: "are glon telk?", count: 5)
        == (glonInSecond + telkInSecond > 2 * glonInFirst
          ? [documents[2], documents[0], documents[1]]
          : [documents[1], documents[2], documents[0]]))
    #expect(fempInThird > telkInSecond)
    #expect(index.nearest(to: "telk femp", count: 5) == [documents[1], documents[2]])
    #expect(index.nearest(to: "telk femp", count: 1) == [documents[2]])
    // A word counts once, however often the question repeats it, and no known word finds nothing.
    #expect(index.nearest(to: "telk telk telk femp", count: 1) == [documents[2]])
    #expect(index.nearest(to: "gruds Glon", count: 5).isEmpty)
    #expect(index.nearest(to: "", count: 5).isEmpty)
    #expect(RankedIndex([]).nearest(to: "glon", count: 5).isEmpty)
  }

  @Test func `documents with equal scores keep their order, with the first next to the question`() {
    let index = RankedIndex(["glon a.", "glon b.", "glon c.", "troff."])
    #expect(index.nearest(to: "glon", count: 2) == ["glon b.", "glon a."])
    #expect(index.nearest(to: "glon", count: 9) == ["glon c.", "glon b.", "glon a."])
  }

  @Test func `a value that several workers need at once is made once`() async throws {
    let memo = Memo<Int>()
    let made = Counter()
    let values: [Int] = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { memo.value { made.next() } } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(values == [Int](repeating: 1, count: 8))
    #expect(made.next() == 2)
  }

  @Test func `a value that could not be made is tried again`() throws {
    let memo = Memo<Int>()
    #expect(throws: CorpusError.self) {
      try memo.value { throw CorpusError.emptyWorld(units: "tries") }
    }
    #expect(memo.value { 7 } == 7)
    #expect(memo.value { 8 } == 7)
  }

  @Test func `a trial makes once what its arms share`() throws {
    let work = SharedWork(try tinyTrial())
    #expect(try work.fineTuned().model === work.fineTuned().model)
    #expect(try work.localSentences().cost.seconds == work.localSentences().cost.seconds)
    #expect(try work.globalSentences().cost.seconds == work.globalSentences().cost.seconds)
  }
}

/// 1, 2, 3 …
private final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
