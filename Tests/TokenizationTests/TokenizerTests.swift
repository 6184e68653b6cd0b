import Foundation
import Testing

@testable import Tokenization

struct TokenizerTests {
  private let golden: Golden
  private let tokenizer: Tokenizer

  init() throws {
    golden = try Golden.load()
    tokenizer = try Tokenizer(contentsOf: Golden.tokenizerFile)
  }

  @Test func `encodes as hugging face does`() {
    for golden in golden.cases {
      #expect(tokenizer.encode(golden.text) == golden.ids, "\(golden.text.debugDescription)")
    }
  }

  @Test func `decodes what it encodes`() {
    for golden in golden.cases {
      #expect(Array(tokenizer.decode(golden.ids).utf8) == Array(golden.text.utf8))
    }
  }

  @Test func `round trips any bytes`() {
    var generator = SystemRandomNumberGenerator()
    for length in [1, 2, 3, 15, 16, 64, 65, 1000] {
      for _ in 0..<20 {
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(tokenizer.decodeBytes(tokenizer.encode(bytes: bytes)) == bytes)
      }
    }
    #expect(tokenizer.encode(bytes: []).isEmpty)
  }

  @Test func `repairs invalid text and skips unknown tokens`() {
    let tokens = tokenizer.encode(bytes: [0x61, 0xFF, 0x62])
    #expect(tokenizer.decode(tokens) == "a\u{FFFD}b")
    #expect(tokenizer.decode([-1, Int32.max, Int32.min] + tokenizer.encode("femp")) == "femp")
  }

  @Test func `keeps special tokens out of text`() {
    #expect(tokenizer.endOfText == 0)
    #expect(tokenizer.decode([0]) == "<|endoftext|>")
    let tokens = tokenizer.encode("<|endoftext|>")
    #expect(!tokens.contains(tokenizer.endOfText))
    #expect(tokenizer.decode(tokens) == "<|endoftext|>")
  }

  @Test func `merges long pieces as it merges short ones`() {
    var generator = SystemRandomNumberGenerator()
    let bytes = tokenizer.encode("abn")
    for length in 0..<60 {
      let tokens = (0..<length).map { _ in bytes[Int.random(in: 0..<3, using: &generator)] }
      var short = tokens
      tokenizer.merges.merge(&short)
      #expect(tokenizer.merges.mergedWithQueue(tokens) == short)
    }
    // Fast only if time does not grow with the square of the length.
    #expect(
      tokenizer.decode(tokenizer.encode(String(repeating: "an", count: 200_000))).count == 400_000)
  }

  @Test func `packs words without loss`() {
    for length in 1...15 {
      let bytes = (0..<length).map { UInt8($0 * 17) }
      #expect(PackedWord(bytes, from: 0, to: length)?.bytes == bytes)
    }
    #expect(PackedWord([0], from: 0, to: 1) != PackedWord([0, 0], from: 0, to: 2))
    #expect(PackedWord([UInt8](repeating: 1, count: 16), from: 0, to: 16) == nil)
  }
}
