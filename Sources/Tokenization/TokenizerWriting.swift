import Foundation

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

/// JSON whose objects keep their order, written as `serde_json` prints it: two spaces of indentation.
private indirect enum JSONValue {
  case null
  case boolean(Bool)
  case integer(Int)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  var text: String {
    var text = ""
    write(to: &text, indentation: "")
    return text
  }

  private func write(to text: inout String, indentation: String) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      let inner = indentation + "  "
      text += "["
      for (index, value) in values.enumerated() {
        text += (index == 0 ? "\n" : ",\n") + inner
        value.write(to: &text, indentation: inner)
      }
      text += values.isEmpty ? "]" : "\n" + indentation + "]"
    case .object(let members):
      let inner = indentation + "  "
      text += "{"
      for (index, member) in members.enumerated() {
        text += (index == 0 ? "\n" : ",\n") + inner
        Self.write(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, indentation: inner)
      }
      text += members.isEmpty ? "}" : "\n" + indentation + "}"
    }
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case "\u{00}"..."\u{1F}":
        text += scalar.value < 0x10 ? "\\u000" : "\\u00"
        text += String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
