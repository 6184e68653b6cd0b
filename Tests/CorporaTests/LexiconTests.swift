import Randomness
import Testing

@testable import Corpora

@Suite struct LexiconTests {
  @Test func `there are thousands of short and tens of thousands of long words`() {
    #expect(Lexicon.short.pretraining.count > 5_000)
    #expect(Lexicon.short.heldOut.count > 800)
    #expect(Lexicon.long.pretraining.count > 20_000)
    #expect(!Lexicon.long.heldOut.isEmpty)
    #expect(Lexicon.short.pretraining.allSatisfy { (4...5).contains($0.utf8.count) })
    #expect(Lexicon.long.pretraining.allSatisfy { (6...8).contains($0.utf8.count) })
  }

  @Test func `an eighth of the words is held out`() {
    let words = Lexicon.short
    let share =
      Double(words.heldOut.count) / Double(words.heldOut.count + words.pretraining.count)
    #expect(abs(share - 0.125) < 0.01)
  }

  @Test func `no word is in two places`() {
    let all =
      Lexicon.short.pretraining + Lexicon.short.heldOut + Lexicon.long.pretraining
      + Lexicon.long.heldOut
    #expect(Set(all).count == all.count)
    #expect(Lexicon.short.heldOut.allSatisfy(Lexicon.isHeldOut))
    #expect(Lexicon.long.heldOut.allSatisfy(Lexicon.isHeldOut))
    #expect(!Lexicon.short.pretraining.contains(where: Lexicon.isHeldOut))
    #expect(!Lexicon.long.pretraining.contains(where: Lexicon.isHeldOut))
  }

  @Test func `the lists are sorted`() {
    for words in [Lexicon.short, Lexicon.long] {
      #expect(words.pretraining == words.pretraining.sorted())
      #expect(words.heldOut == words.heldOut.sorted())
    }
  }

  @Test func `no word is english or of the templates`() {
    let all = Set(
      Lexicon.short.pretraining + Lexicon.short.heldOut + Lexicon.long.pretraining
        + Lexicon.long.heldOut)
    #expect(all.isDisjoint(with: Templates.words))
    #expect(!all.contains(where: EnglishWords.contains))
    for word in ["best", "past", "land", "hand", "book", "note", "bender", "brother"] {
      #expect(!all.contains(word))
    }
    #expect(Templates.words.isSuperset(of: ["doubt", "said", "all", "again", "above", "than"]))
  }

  /// A change here changes every world ever published: the split must not move.
  @Test func `the split is stable`() {
    #expect(FNV1a.hash(of: "") == 0xCBF2_9CE4_8422_2325)
    #expect(FNV1a.hash(of: "a") == 0xAF63_DC4C_8601_EC8C)
    #expect(FNV1a.hash(of: "foobar") == 0x8594_4171_F739_67E8)
    for word in ["femp", "yomp", "rony", "zept", "troff"] {
      #expect(Lexicon.short.pretraining.contains(word))
    }
    for word in ["bapt", "stewk", "pewk", "lixt"] {
      #expect(Lexicon.short.heldOut.contains(word))
    }
  }
}
