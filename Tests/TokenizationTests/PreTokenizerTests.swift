import Testing

@testable import Tokenization

struct PreTokenizerTests {
  private func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    var split = PreTokenizer(bytes, .gpt2)
    var pieces: [[UInt8]] = []
    while let piece = split.next() { pieces.append(Array(bytes[piece])) }
    return pieces
  }

  @Test func `splits as hugging face does`() throws {
    for golden in try Golden.load().cases {
      let spelt = pieces(Array(golden.text.utf8)).map(ByteAlphabet.spelling)
      #expect(spelt == golden.pieces, "\(golden.text.debugDescription)")
    }
  }

  @Test(arguments: [
    ("femp are 12", ["femp", " are", " 12"]),
    ("it's we'll 's 'S", ["it", "'s", " we", "'ll", " '", "s", " '", "S"]),
    ("a  b \n", ["a", " ", " b", " \n"]),
    ("x, y!?", ["x", ",", " y", "!?"]),
  ])
  func `splits words numbers and punctuation`(text: String, expected: [String]) {
    #expect(pieces(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test func `counts invalid bytes as punctuation`() {
    // A cut-off euro sign, an overlong slash, a surrogate, a value beyond Unicode, a lone
    // continuation byte, a byte that UTF-8 never has.
    for invalid: [UInt8] in [
      [0xE2, 0x82], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xFF],
    ] {
      #expect(pieces([0x61] + invalid + [0x62]) == [[0x61], invalid, [0x62]])
      #expect(pieces([0x61] + invalid) == [[0x61], invalid])
    }
  }
}
