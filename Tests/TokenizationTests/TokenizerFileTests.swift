import Foundation
import Testing

@testable import Tokenization

struct TokenizerFileTests {
  private let text: String

  init() throws {
    text = try String(contentsOf: Golden.tokenizerFile, encoding: .utf8)
  }

  /// The message for the golden file with `old` replaced by `new`.
  private func message(_ old: String, _ new: String) -> String? {
    let found = text.contains(old)
    #expect(found, "the golden file has no \(old)")
    return message(Data(text.replacingOccurrences(of: old, with: new).utf8))
  }

  private func message(_ data: Data) -> String? {
    #expect(throws: TokenizerError.self) { _ = try Tokenizer(json: data) }?.description
  }

  @Test func `writes what it reads`() throws {
    #expect(try String(decoding: Tokenizer(json: Data(text.utf8)).json(), as: UTF8.self) == text)
  }

  @Test func `reads merges spelt as one string`() throws {
    let expression = /\[\n        ("[^\n]*),\n        "([^\n]*")\n      \]/
    let lines = text.replacing(expression) { "\($0.output.1.dropLast()) \($0.output.2)" }
    #expect(lines.contains("\"Ġ a"))
    #expect(try String(decoding: Tokenizer(json: Data(lines.utf8)).json(), as: UTF8.self) == text)
  }

  @Test func `keeps tokens added after training`() throws {
    let added = text.replacingOccurrences(
      of: "\"special\": true\n    }",
      with: "\"special\": true\n    },\n    {\"id\": 380, \"content\": \"<é \\n\\u0001>\"}")
    let tokenizer = try Tokenizer(json: Data(added.utf8))
    #expect(tokenizer.vocabularySize == 381)
    #expect(tokenizer.decode([380]) == "<é \n\u{1}>")
    let copy = try Tokenizer(json: tokenizer.json())
    #expect(copy.addedTokens == tokenizer.addedTokens)
    #expect(copy.spellings == tokenizer.spellings)
  }

  @Test func `refuses what is no tokenizer`() {
    for text in [
      "", "{", "[]", "null", "{}", "{\"model\": 3}", "\u{0}",
      String(repeating: "[", count: 100_000),
    ] {
      #expect(message(Data(text.utf8)) != nil)
    }
    #expect(message(Data([0xFF, 0xFE, 0x00]))?.isEmpty == false)
    for length in stride(from: 0, to: text.utf8.count, by: 997) {
      #expect(message(Data(text.utf8.prefix(length))) != nil)
    }
  }

  @Test func `names missing keys and wrong types`() {
    #expect(message("\"vocab\"", "\"vocabulary\"")?.contains("model.vocab is missing") == true)
    #expect(message("\"merges\"", "\"merge\"")?.contains("model.merges is missing") == true)
    #expect(message("\"added_tokens\"", "\"x\"")?.contains("added_tokens is missing") == true)
    #expect(message("\"special\": true", "\"special\": 1")?.contains("special") == true)
  }

  @Test func `refuses other kinds of tokenizer`() {
    let pieces = text.replacing("\"byte_fallback\": false", with: "\"byte_fallback\": true")
      .replacing("\"!\": 1,", with: "\"<0x41>\": 1,").replacing("ByteLevel", with: "Metaspace")
    #expect(message(Data(pieces.utf8))?.contains("SentencePiece") == true)
    #expect(
      message("\"decoder\": {", "\"decoder\": {\"type\": \"Metaspace\"}, \"x\": {")?
        .contains("decoder is Metaspace") == true)
    #expect(message("\"BPE\"", "\"WordPiece\"")?.contains("model.type is WordPiece") == true)
    #expect(
      message("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFKC\"}")?
        .contains("normalizer is NFKC") == true)
    #expect(
      message("\"pre_tokenizer\": {", "\"pre_tokenizer\": null, \"x\": {")?
        .contains("pre_tokenizer is null") == true)
    #expect(message("\"ByteLevel\"", "\"Metaspace\"")?.contains("pre_tokenizer is Meta") == true)
    #expect(message("\"dropout\": null", "\"dropout\": 0.1")?.contains("model.dropout") == true)
    #expect(
      message("\"post_processor\": null", "\"post_processor\": {\"type\": \"BertProcessing\"}")?
        .contains("post_processor is Bert") == true)
  }

  @Test func `refuses broken ids`() {
    #expect(message("\"!\": 1,", "\"!\": 2,")?.contains("both have id 2") == true)
    #expect(message("\"!\": 1,", "\"!\": -1,")?.contains("has id -1") == true)
    #expect(message("\"!\": 1,", "\"!\": 1048576,")?.contains("the id 1048576") == true)
    #expect(message("\"!\": 1,", "\"!\": 1e30,")?.contains("model.vocab.\"!\" is 1e30") == true)
    #expect(message("\"!\": 1,", "\"!\": 99999999999999999999,") != nil)
    #expect(message("\"!\": 1,", "\"!\": \"1\",")?.contains("vocab.\"!\" must be a whole") == true)
    #expect(message("\"!\": 1,", "\"!\": 1.5,")?.contains("model.vocab.\"!\" is 1.5") == true)
    #expect(message("\"id\": 0", "\"id\": -5")?.contains("added_tokens[0].id") == true)
    #expect(message("\"id\": 0", "\"id\": 4294967296")?.contains("added_tokens[0].id") == true)
  }

  /// As in the tokenizers library: the vocabulary has the last word, then the order of the file.
  @Test func `ids that added tokens only declare are reported`() throws {
    let tokenizer = try Tokenizer(
      json: Data(text.replacing("\"id\": 0", with: "\"id\": 5").utf8))
    #expect(tokenizer.endOfText == 0)
    #expect(tokenizer.notes.count == 1 && tokenizer.notes[0].contains("the id 5, but it is 0"))
    #expect(try Tokenizer(json: Data(text.utf8)).notes.isEmpty)
  }

  @Test func `a last token of no letters is kept, since it tells the number of ids`() throws {
    let odd = text.replacing(
      /\n    "vocab": \{/, with: "\n    \"vocab\": {\n      \"\": 400,", maxReplacements: 1)
    let tokenizer = try Tokenizer(json: Data(odd.utf8))
    #expect(tokenizer.vocabularySize == 401)
    #expect(try Tokenizer(json: tokenizer.json()).vocabularySize == 401)
  }

  @Test func `ids without a token decode to nothing`() throws {
    let tokenizer = try Tokenizer(json: Data(text.replacing("\"!\": 1,", with: "").utf8))
    #expect(tokenizer.vocabularySize == 380)
    #expect(tokenizer.decode([1]).isEmpty && tokenizer.missingBytes == [33])
    #expect(try Tokenizer(json: tokenizer.json()).spellings == tokenizer.spellings)
  }

  @Test func `refuses what readers read differently`() {
    #expect(message("\"!\": 1,", "\"!\": 1, \"!\": 1,")?.contains("\"!\" comes twice") == true)
    let deep = String(repeating: "[", count: 100_000)
    #expect(message("\"version\"", "\"x\": \(deep), \"version\"")?.contains("deeper") == true)
    let sequence = String(repeating: "{\"type\": \"Sequence\", \"normalizers\": [", count: 50_000)
    #expect(
      message("\"normalizer\": null", "\"normalizer\": \(sequence)")?.contains("deeper") == true)
    var bytes = Array(text.utf8)
    bytes[bytes.count / 2] = 0xFF
    #expect(message(Data(bytes))?.contains("UTF-8") == true)
  }

  @Test func `reads no endless file`() throws {
    for path in ["/dev/zero", "/dev", "/none/tokenizer.json"] {
      let error = #expect(throws: TokenizerError.self) {
        try Tokenizer(contentsOf: URL(fileURLWithPath: path))
      }
      #expect(error?.description.hasPrefix(path + ": ") == true)
    }
  }

  /// The ids are those of the tokenizers library.
  @Test func `a byte that the vocabulary lacks is dropped`() throws {
    let tokenizer = try Tokenizer(
      json: Data(text.replacing("\"!\": 1,", with: "\"!!\": 1,").utf8))
    #expect(tokenizer.missingBytes == [33])
    for (text, ids) in [
      ("femp! are", [70, 69, 261, 317]), ("on!e", [257, 69]), ("! ! o!n", [221, 221, 79, 78]),
      ("!!!", []), ("th!e the", [84, 72, 69, 325, 69]),
    ] as [(String, [Int32])] {
      #expect(tokenizer.encodeWhole(text, addsTemplate: false) == ids, "\(text)")
    }
    let long = String(repeating: "!", count: 200) + "on"
    #expect(tokenizer.encode(long) == tokenizer.encode("on"))
    #expect(try Tokenizer(json: Data(text.utf8)).missingBytes.isEmpty)
  }

  @Test func `refuses missing tokens`() {
    #expect(message("<|endoftext|>", "<|end|>")?.contains("<|endoftext|>") == true)
  }

  @Test func `refuses broken merges`() {
    let first = "\"merges\": ["
    #expect(message(first, first + "[\"q\", \"zz\"],")?.contains("the token \"zz\"") == true)
    #expect(message(first, first + "[\"q\", \"q\"],")?.contains("the token \"qq\"") == true)
    #expect(message(first, first + "[\"q\"],")?.contains("model.merges[0]") == true)
    #expect(message(first, first + "[\"\", \"q\"],")?.contains("model.merges[0]") == true)
    #expect(message(first, first + "[\"q\", \"q\", \"q\"],")?.contains("model.merges[0]") == true)
    #expect(message(first, first + "7,")?.contains("model.merges") == true)
    #expect(message(first, "\"merges\": [\"a b c\"], \"x\": [")?.contains("merges[0]") == true)
    #expect(message(first, "\"merges\": [\"ab\"], \"x\": [")?.contains("merges[0]") == true)
    #expect(message(first, "\"merges\": 3, \"x\": [")?.contains("model.merges") == true)
  }

  @Test func `names the file`() {
    let missing = URL(filePath: "/nowhere/tokenizer.json")
    #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: missing) }
    let error = #expect(throws: TokenizerError.self) {
      try Tokenizer(contentsOf: Golden.tokenizerFile.deletingLastPathComponent())
    }
    #expect(error?.description.contains("Golden") == true)
  }
}
