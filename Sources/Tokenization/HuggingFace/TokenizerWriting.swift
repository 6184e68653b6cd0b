import Foundation
import Support

extension Tokenizer {
  /// The tokenizer as a Hugging Face `tokenizer.json`.
  ///
  /// Keys, order and layout are those of `Tokenizer.save` of the `tokenizers` library (vocabulary
  /// by id, merges as learnt), so equal tokenizers give identical bytes.
  public func json() throws -> Data {
    let document: JSONValue = [
      "version": "1.0", "truncation": nil, "padding": nil,
      "added_tokens": .array(addedTokens.map(\.jsonValue)),
      "normalizer": scheme.composes ? ["type": "NFC"] : nil,
      "pre_tokenizer": preTokenizerValue, "post_processor": templateValue,
      // The decoder does not use the flag; true is what the library writes.
      "decoder": byteLevel(addPrefixSpace: true), "model": modelValue,
    ]
    return Data(document.text.utf8)
  }

  private var modelValue: JSONValue {
    [
      "type": "BPE", "dropout": nil, "unk_token": scheme.unknown.map(spelling) ?? nil,
      "continuing_subword_prefix": nil,
      "end_of_word_suffix": nil, "fuse_unk": .boolean(scheme.fusesUnknown), "byte_fallback": false,
      "ignore_merges": .boolean(scheme.ignoresMerges), "vocab": vocabularyValue,
      "merges": mergesValue,
    ]
  }

  private var vocabularyValue: JSONValue {
    let outside = Set(addedTokens.lazy.filter { !$0.isInModel }.map { Int($0.id) })
    // An id without a token has an empty spelling, and so may one token have; where it is the last,
    // it is written, since it tells how many ids there are.
    let last = spellings.count - 1
    return .object(
      spellings.enumerated().filter {
        (!$0.element.isEmpty || $0.offset == last) && !outside.contains($0.offset)
      }.map { ($0.element, .integer($0.offset)) })
  }

  private var mergesValue: JSONValue {
    .array(merges.pairs.map { [spelling($0.left), spelling($0.right)] })
  }

  private func spelling(_ id: Int32) -> JSONValue { .string(spellings[Int(id)]) }

  private func byteLevel(addPrefixSpace: Bool, usesRegex: Bool = true) -> JSONValue {
    [
      "type": "ByteLevel", "add_prefix_space": .boolean(addPrefixSpace), "trim_offsets": true,
      "use_regex": .boolean(usesRegex),
    ]
  }

  private var preTokenizerValue: JSONValue {
    let first: JSONValue
    switch scheme.pattern {
    case .gpt2: return byteLevel(addPrefixSpace: scheme.addsSpace)
    case .digitsApart: first = ["type": "Digits", "individual_digits": true]
    case .numbers:
      let expression =
        PreTokenizer.Pattern.named.first { $0.pattern == scheme.pattern }?.expression ?? ""
      first = [
        "type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated",
        "invert": false,
      ]
    }
    let byteLevel = byteLevel(addPrefixSpace: false, usesRegex: scheme.pattern == .digitsApart)
    return ["type": "Sequence", "pretokenizers": [first, byteLevel]]
  }

  private var templateValue: JSONValue {
    guard !(scheme.prefix + scheme.suffix).isEmpty else { return nil }
    /// The text of that name between the template's tokens.
    func around(_ name: JSONValue, _ type: JSONValue) -> [JSONValue] {
      func tokens(_ ids: [Int32]) -> [JSONValue] {
        ids.map { ["SpecialToken": ["id": spelling($0), "type_id": type]] }
      }
      return tokens(scheme.prefix) + [["Sequence": ["id": name, "type_id": type]]]
        + tokens(scheme.suffix)
    }
    let specials = Set(scheme.prefix + scheme.suffix).sorted().map { id in
      let value: JSONValue = [
        "id": spelling(id), "ids": [.integer(Int(id))], "tokens": [spelling(id)],
      ]
      return (key: spellings[Int(id)], value: value)
    }
    return [
      "type": "TemplateProcessing", "single": .array(around("A", 0)),
      "pair": .array(around("A", 0) + around("B", 1)), "special_tokens": .object(specials),
    ]
  }
}

extension AddedToken {
  fileprivate var jsonValue: JSONValue {
    [
      "id": .integer(Int(id)), "content": .string(content), "single_word": .boolean(singleWord),
      "lstrip": .boolean(lstrip), "rstrip": .boolean(rstrip), "normalized": .boolean(normalized),
      "special": .boolean(special),
    ]
  }
}
