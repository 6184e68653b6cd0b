import Foundation
import Testing

@testable import Tokenization

struct TokenizerTrainingTests {
  @Test func `trains the tokenizer that hugging face trains`() throws {
    let tokenizer = try Tokenizer.train(
      on: Golden.load().corpus, vocabularySize: 380, beginsTexts: false)
    #expect(try tokenizer.json() == Data(contentsOf: Golden.tokenizerFile))
  }

  @Test func `trains the same whatever the order`() throws {
    let corpus = try Golden.load().corpus
    let first = try Tokenizer.train(on: corpus, vocabularySize: 350).json()
    #expect(try Tokenizer.train(on: corpus, vocabularySize: 350).json() == first)
    #expect(try Tokenizer.train(on: corpus.reversed(), vocabularySize: 350).json() == first)
  }

  @Test func `merges the most frequent pair first`() throws {
    // "ab" occurs five times, then "ab" + "c" three times; nothing else occurs twice.
    let tokenizer = try Tokenizer.train(on: ["abc", "abc", "abc", "ab", "ab"], vocabularySize: 300)
    #expect(tokenizer.vocabularySize == 259)
    #expect(tokenizer.spellings[257...] == ["ab", "abc"])
    #expect(tokenizer.encode("abcab") == [258, 257])
  }

  @Test func `breaks ties by the smaller ids`() throws {
    let tokenizer = try Tokenizer.train(on: ["xy ab", "xy ab"], vocabularySize: 258)
    // "ab", "xy" and the space before "a" are equally frequent; "a" has the smallest id.
    #expect(tokenizer.spellings[257] == "ab")
  }

  @Test func `makes no token twice`() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let texts = (0..<50).map { _ in
        String(
          decoding: (0..<20).map { _ in UInt8.random(in: 97...99, using: &generator) },
          as: UTF8.self)
      }
      let tokenizer = try Tokenizer.train(on: texts, vocabularySize: 400)
      #expect(Set(tokenizer.spellings).count == tokenizer.vocabularySize)
      #expect(texts.allSatisfy { tokenizer.decode(tokenizer.encode($0)) == $0 })
    }
  }

  @Test func `refuses impossible sizes`() {
    for size in [Int.min, 0, 256, Tokenizer.maxVocabularySize + 1] {
      #expect(throws: TokenizerError.self) { try Tokenizer.train(on: ["a"], vocabularySize: size) }
    }
  }

  @Test func `trains on nothing`() throws {
    let tokenizer = try Tokenizer.train(on: [], vocabularySize: 300)
    #expect(tokenizer.vocabularySize == 257)
    #expect(tokenizer.decode(tokenizer.encode("é")) == "é")
  }
}
