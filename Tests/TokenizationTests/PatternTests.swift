import Foundation
import Testing

@testable import Tokenization

/// Tokenizers with the patterns of well-known models, compared with the `tokenizers` library on
/// 10,000 strings of difficult Unicode; `Golden/make_patterns.py` makes the files.
struct PatternTests {
  private static let names = ["gpt2", "smollm", "llama3", "qwen2"]
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  private struct Golden: Decodable {
    let first, last, templated: [[Int32]]
    let checksums: [UInt32]
  }

  private func load(_ name: String) throws -> (golden: Golden, tokenizer: Data) {
    let data = try Data(contentsOf: Self.folder.appending(path: "patterns/\(name).json"))
    let file = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let tokenizer = try JSONSerialization.data(
      withJSONObject: try #require(file?["tokenizer"]), options: .sortedKeys)
    return (try JSONDecoder().decode(Golden.self, from: data), tokenizer)
  }

  /// The strings of the script, drawn with the same random numbers.
  private func strings() throws -> [String] {
    let snippets = try JSONDecoder().decode(
      [String].self, from: Data(contentsOf: Self.folder.appending(path: "troubles.json")))
    var state: UInt64 = 20
    func draw(below limit: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ (z >> 31)) % UInt64(limit))
    }
    return (0..<10_000).map { _ in
      let count = 1 + draw(below: 12)
      return (0..<count).map { _ in snippets[draw(below: snippets.count)] }.joined()
    }
  }

  private func checksum(_ lists: ArraySlice<[Int32]>) -> UInt32 {
    lists.reduce(into: 2_166_136_261) { hash, ids in
      for number in [Int32(ids.count)] + ids {
        hash = (hash ^ UInt32(bitPattern: number)) &* 16_777_619
      }
    }
  }

  @Test(arguments: names) func `ids are those of the library`(name: String) throws {
    let (golden, file) = try load(name)
    let texts = try strings()
    let read = try Tokenizer(json: file)
    // The tokenizer that is written and read again gives the same ids.
    for tokenizer in [read, try Tokenizer(json: read.json())] {
      let ids = texts.map { tokenizer.encodeWhole($0, addsTemplate: false) }
      for (index, expected) in golden.first.enumerated() {
        #expect(ids[index] == expected, "\(texts[index].debugDescription)")
      }
      let sums = stride(from: 0, to: ids.count, by: 100).map { checksum(ids[$0..<$0 + 100]) }
      let wrong = zip(sums, golden.checksums).enumerated().filter { $0.element.0 != $0.element.1 }
      #expect(wrong.isEmpty, "hundreds \(wrong.map(\.offset))")
      let extra = ["no merge", " no merge", "abcdefghijklmnopqrstuvwxyz", "camelCase"]
      for (text, expected) in zip(extra, golden.last) {
        #expect(tokenizer.encodeWhole(text, addsTemplate: false) == expected)
      }
      for (text, expected) in zip(texts, golden.templated) {
        #expect(tokenizer.encodeWhole(text) == expected)
      }
    }
  }

  @Test(arguments: names) func `ordinary text comes back`(name: String) throws {
    let tokenizer = try Tokenizer(json: load(name).tokenizer)
    for text in try strings().prefix(2_000) {
      let decoded = tokenizer.decode(tokenizer.encode(text)).utf8
      let expected = name == "qwen2" ? text.precomposedStringWithCanonicalMapping : text
      #expect(decoded.elementsEqual(expected.utf8), "\(text.debugDescription)")
      #expect(!tokenizer.encode(text).contains(tokenizer.endOfText))
    }
  }

  @Test func `refuses patterns and templates it does not know`() throws {
    let text = String(decoding: try load("llama3").tokenizer, as: UTF8.self)
    func message(_ old: String, _ new: String) throws -> String {
      try #require(text.contains(old), "the file has no \(old)")
      let data = Data(text.replacingOccurrences(of: old, with: new).utf8)
      return (#expect(throws: TokenizerError.self) { try Tokenizer(json: data) })?.description ?? ""
    }
    #expect(try message("{1,3}", "{1,2}").contains("pattern"))
    #expect(try message("\"Isolated\"", "\"Removed\"").contains("pattern"))
    #expect(try message("\"Split\"", "\"Punctuation\"").contains("Punctuation"))
    #expect(try message("\"use_regex\":false", "\"use_regex\":true").contains("use_regex"))
    #expect(try message("\"TemplateProcessing\"", "\"RobertaProcessing\"").contains("Roberta"))
    #expect(
      try message("\"Sequence\":{\"id\":\"A\"", "\"X\":{\"id\":\"A\"").contains("exactly once"))
    #expect(try message("\"special_tokens\":{", "\"x\":{").contains("no ids"))
  }
}
