import Foundation
import Support

extension Tokenizer {
  /// The tokenizer as a Hugging Face `tokenizer.json`.
  ///
  /// Keys, order and layout are those of `Tokenizer.save` of the `tokenizers` library (vocabulary by
  /// id, merges as learnt), so equal tokenizers give identical bytes.
  public func json() throws -> Data {
    let model = JSONValue.object([
      ("type", .string("BPE")), ("dropout", .null), ("unk_token", .null),
      ("continuing_subword_prefix", .null), ("end_of_word_suffix", .null),
      ("fuse_unk", .boolean(false)), ("byte_fallback", .boolean(false)),
      ("ignore_merges", .boolean(scheme.ignoresMerges)), ("vocab", vocabularyValue),
      ("merges", mergesValue),
    ])
    let document = JSONValue.object([
      ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
      ("added_tokens", .array(addedTokens.map(\.jsonValue))),
      ("normalizer", scheme.composes ? .object([("type", .string("NFC"))]) : .null),
      ("pre_tokenizer", preTokenizerValue), ("post_processor", templateValue),
      // The decoder has no use for the flag; true is what the library writes.
      ("decoder", byteLevel(addPrefixSpace: true)), ("model", model),
    ])
    return Data(document.text.utf8)
  }

  private var vocabularyValue: JSONValue {
    let outside = Set(addedTokens.lazy.filter { !$0.isInModel }.map { Int($0.id) })
    return .object(
      spellings.enumerated().filter { !outside.contains($0.offset) }
        .map { ($0.element, .integer($0.offset)) })
  }

  private var mergesValue: JSONValue {
    .array(
      merges.pairs.map { pair in
        .array([.string(spellings[Int(pair.left)]), .string(spellings[Int(pair.right)])])
      })
  }

  private func byteLevel(addPrefixSpace: Bool, usesRegex: Bool = true) -> JSONValue {
    .object([
      ("type", .string("ByteLevel")), ("add_prefix_space", .boolean(addPrefixSpace)),
      ("trim_offsets", .boolean(true)), ("use_regex", .boolean(usesRegex)),
    ])
  }

  private var preTokenizerValue: JSONValue {
    let first: JSONValue
    switch scheme.pattern {
    case .gpt2: return byteLevel(addPrefixSpace: false)
    case .digitsApart:
      first = .object([("type", .string("Digits")), ("individual_digits", .boolean(true))])
    case .numbers:
      let expression =
        PreTokenizer.Pattern.named.first { $0.pattern == scheme.pattern }?.expression ?? ""
      first = .object([
        ("type", .string("Split")), ("pattern", .object([("Regex", .string(expression))])),
        ("behavior", .string("Isolated")), ("invert", .boolean(false)),
      ])
    }
    let byteLevel = byteLevel(
      addPrefixSpace: false, usesRegex: scheme.pattern == .digitsApart)
    return .object([
      ("type", .string("Sequence")), ("pretokenizers", .array([first, byteLevel])),
    ])
  }

  private var templateValue: JSONValue {
    guard !(scheme.prefix + scheme.suffix).isEmpty else { return .null }
    func part(_ kind: String, _ id: String, _ type: Int) -> JSONValue {
      .object([(kind, .object([("id", .string(id)), ("type_id", .integer(type))]))])
    }
    func around(_ name: String, _ type: Int) -> [JSONValue] {
      func tokens(_ ids: [Int32]) -> [JSONValue] {
        ids.map { part("SpecialToken", spellings[Int($0)], type) }
      }
      return tokens(scheme.prefix) + [part("Sequence", name, type)] + tokens(scheme.suffix)
    }
    let specials = Set(scheme.prefix + scheme.suffix).sorted().map { id in
      let spelling = spellings[Int(id)]
      let value = JSONValue.object([
        ("id", .string(spelling)), ("ids", .array([.integer(Int(id))])),
        ("tokens", .array([.string(spelling)])),
      ])
      return (key: spelling, value: value)
    }
    return .object([
      ("type", .string("TemplateProcessing")), ("single", .array(around("A", 0))),
      ("pair", .array(around("A", 0) + around("B", 1))), ("special_tokens", .object(specials)),
    ])
  }
}

extension AddedToken {
  fileprivate var jsonValue: JSONValue {
    .object([
      ("id", .integer(Int(id))), ("content", .string(content)),
      ("single_word", .boolean(singleWord)),
      ("lstrip", .boolean(lstrip)), ("rstrip", .boolean(rstrip)),
      ("normalized", .boolean(normalized)), ("special", .boolean(special)),
    ])
  }
}
