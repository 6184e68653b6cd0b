import Foundation
import Support
import Tokenization

extension GGUF {
  /// The tokenizer in the metadata.
  ///
  /// It is written as a `tokenizer.json` and read as such, so that the same checks hold.
  ///
  /// - Throws: `GGUFError` or `TokenizerError`: another kind of tokenizer, or one that is broken.
  func tokenizer(endOfText: Int32) throws -> Tokenizer {
    let model = try string("tokenizer.ggml.model") ?? "missing"
    guard model == "gpt2" else {
      throw TokenizerError(
        "tokenizer.ggml.model is \(quoted(model)); only \"gpt2\", a byte-level BPE, is supported")
    }
    guard let tokens = try strings("tokenizer.ggml.tokens"),
      let merges = try strings("tokenizer.ggml.merges")
    else { throw GGUFError.missingKey("tokenizer.ggml.tokens and tokenizer.ggml.merges") }
    let types = try integers("tokenizer.ggml.token_type") ?? tokens.map { _ in 1 }
    guard types.count == tokens.count, tokens.count <= Tokenizer.maxVocabularySize else {
      throw GGUFError.wrongValue(
        key: "tokenizer.ggml.token_type", expected: "a list as long as the tokens")
    }
    // Tokens at the end that fill up the embedding's rows are none of the tokenizer.
    let count = (types.lastIndex { $0 != TokenKind.unused }).map { $0 + 1 } ?? 0
    let added = (0..<count).filter {
      [TokenKind.control, TokenKind.userDefined].contains(types[$0])
    }
    let addedValues = added.map { id -> JSONValue in
      [
        "id": .integer(id), "content": .string(tokens[id]), "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": .boolean(types[id] == TokenKind.control),
      ]
    }
    let addedIDs = Set(added)
    let vocabulary = (0..<count).filter { !addedIDs.contains($0) }.map {
      (key: tokens[$0], value: JSONValue.integer($0))
    }
    let name = try string("tokenizer.ggml.pre") ?? "missing"
    guard let scheme = Self.scheme(named: name) else {
      throw TokenizerError(
        "tokenizer.ggml.pre is \(quoted(name)); gpt-2, smollm, llama-bpe and qwen2 are supported")
    }
    let document: JSONValue = [
      "version": "1.0", "added_tokens": .array(addedValues),
      "normalizer": scheme.composes ? ["type": "NFC"] : nil, "pre_tokenizer": scheme.value,
      "post_processor": try template(tokens, addsByDefault: scheme.addsBeginning),
      "decoder": ["type": "ByteLevel"],
      "model": [
        "type": "BPE", "ignore_merges": .boolean(scheme.ignoresMerges),
        "vocab": .object(vocabulary), "merges": .array(merges.map(JSONValue.string)),
      ],
    ]
    return try Tokenizer(json: Data(document.compact.utf8), endOfText: endOfText)
  }

  /// Kinds of tokens, as llama.cpp numbers them.
  enum TokenKind {
    static let normal = 1
    static let control = 3
    static let userDefined = 4
    static let unused = 5
  }

  private struct PreTokenizerScheme {
    var value: JSONValue
    var composes = false
    var ignoresMerges = false
    /// Whether the beginning-of-text token is put before a text where no key says so.
    var addsBeginning = false
  }

  /// The names by which llama.cpp knows pre-tokenizers that are read; of several for the same one,
  /// the first is written.
  private static let schemeNames = [
    "gpt-2", "smollm", "llama-bpe", "llama3", "llama-v3", "qwen2", "deepseek-r1-qwen",
  ]

  /// The name by which llama.cpp knows what a `tokenizer.json` does to a text before BPE.
  ///
  /// - Parameter json: as `Tokenizer.json()` writes it.
  /// - Throws: `TokenizerError` where it has none.
  static func schemeName(of json: Data) throws -> String {
    let own = try schemeParts(of: json)
    for name in schemeNames {
      guard let scheme = scheme(named: name) else { continue }
      // Every tokenizer of this kind has the 256 bytes at least; their spelling does not matter
      // here.
      let document: JSONValue = [
        "added_tokens": [], "normalizer": scheme.composes ? ["type": "NFC"] : nil,
        "pre_tokenizer": scheme.value, "decoder": ["type": "ByteLevel"],
        "model": [
          "type": "BPE", "ignore_merges": .boolean(scheme.ignoresMerges), "vocab": ["a": 0],
          "merges": [],
        ],
      ]
      let tokenizer = try Tokenizer(json: Data(document.compact.utf8), endOfText: 0)
      if try schemeParts(of: tokenizer.json()) == own { return name }
    }
    throw TokenizerError(
      "the tokenizer splits or normalises texts in a way that llama.cpp has no name for; export to a "
        + "folder with --output")
  }

  /// What a `tokenizer.json` says of splitting, normalising and merging.
  private static func schemeParts(of json: Data) throws -> [String] {
    let value = try JSONValue(parsing: [UInt8](json))
    return [value["normalizer"], value["pre_tokenizer"], value["model"]?["ignore_merges"]]
      .map { $0?.compact ?? "null" }
  }

  /// The pre-tokenizer by the name that llama.cpp gives it; nil for a name that is not known.
  private static func scheme(named name: String) -> PreTokenizerScheme? {
    func split(_ numbers: String) -> JSONValue {
      let expression =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
      return [
        "type": "Sequence",
        "pretokenizers": [
          [
            "type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated",
            "invert": false,
          ],
          ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
        ],
      ]
    }
    let byteLevel: JSONValue = ["type": "ByteLevel", "add_prefix_space": false]
    switch name {
    case "gpt-2": return PreTokenizerScheme(value: byteLevel)
    case "smollm":
      return PreTokenizerScheme(
        value: [
          "type": "Sequence",
          "pretokenizers": [["type": "Digits", "individual_digits": true], byteLevel],
        ])
    case "llama-bpe", "llama3", "llama-v3":
      return PreTokenizerScheme(
        value: split(#"\p{N}{1,3}"#), ignoresMerges: true, addsBeginning: true)
    case "qwen2", "deepseek-r1-qwen":
      return PreTokenizerScheme(value: split(#"\p{N}"#), composes: true)
    default: return nil
    }
  }

  private func template(_ tokens: [String], addsByDefault: Bool) throws -> JSONValue {
    guard try boolean("tokenizer.ggml.add_bos_token") ?? addsByDefault else { return nil }
    guard let id = try integer("tokenizer.ggml.bos_token_id"), tokens.indices.contains(id) else {
      throw GGUFError.missingKey("tokenizer.ggml.bos_token_id")
    }
    let name = JSONValue.string(tokens[id])
    let beginning: JSONValue = ["SpecialToken": ["id": name, "type_id": 0]]
    let text: JSONValue = ["Sequence": ["id": "A", "type_id": 0]]
    let token: JSONValue = ["id": name, "ids": [.integer(id)], "tokens": [name]]
    return [
      "type": "TemplateProcessing", "single": [beginning, text],
      "special_tokens": .object([(key: tokens[id], value: token)]),
    ]
  }
}
