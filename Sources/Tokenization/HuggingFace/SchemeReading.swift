extension TokenizerFile {
  /// What the tokenizer does before and after BPE itself.
  ///
  /// - Parameter isQwen2: whether only vocabulary, merges and template are the file's.
  /// - Throws: `TokenizerError` naming what would give other ids than the file intends.
  func scheme(vocabularySize: Int, isQwen2: Bool, _ notes: inout [String]) throws -> Scheme {
    var scheme = Scheme()
    if isQwen2 {
      let own = try? (pattern().0, composes(), model.ignoreMerges ?? false)
      scheme.pattern = .numbers(atMost: 1)
      scheme.composes = true
      if own?.0 != scheme.pattern || own?.1 != true || own?.2 != false {
        notes.append(
          "text is split and normalised as Qwen2 does, which transformers does for every model of "
            + "this type, whatever tokenizer.json says")
      }
    } else {
      (scheme.pattern, scheme.addsSpace) = try pattern()
      scheme.composes = try composes()
      scheme.ignoresMerges = model.ignoreMerges ?? false
      scheme.unknown = model.unknownToken.flatMap { model.vocab[$0] }.map(Int32.init)
      scheme.fusesUnknown = model.fusesUnknown ?? false
    }
    try checkDecoder()
    for processor in postProcessor?.parts(postProcessor?.processors) ?? [] {
      switch processor.type {
      case "ByteLevel": break
      case "TemplateProcessing":
        (scheme.prefix, scheme.suffix) = try template(processor, vocabularySize)
      default: throw Self.unsupported("post_processor", processor.type)
      }
    }
    return scheme
  }

  private static func unsupported(_ key: String, _ type: String) -> TokenizerError {
    TokenizerError(
      "\(key) is \(type), which is not supported; use a byte-level BPE tokenizer such as GPT-2's, "
        + "SmolLM's, Llama 3's or Qwen2's")
  }

  /// The pattern, and whether a text gets a space before it.
  private func pattern() throws -> (PreTokenizer.Pattern, addsSpace: Bool) {
    guard let preTokenizer else { throw Self.unsupported("pre_tokenizer", "null") }
    let parts = preTokenizer.parts(preTokenizer.preTokenizers)
    guard let byteLevel = parts.last, byteLevel.type == "ByteLevel", parts.count <= 2 else {
      throw Self.unsupported("pre_tokenizer", parts.map(\.type).joined(separator: ", "))
    }
    let first = parts.count == 2 ? parts[0] : nil
    if let first, !["Digits", "Split"].contains(first.type) {
      throw Self.unsupported("pre_tokenizer", first.type)
    }
    // After a split by another pattern, the library's own is not applied.
    let usesRegex = first?.type != "Split"
    let addsSpace = byteLevel.addPrefixSpace ?? true
    guard !addsSpace || first == nil, byteLevel.useRegex ?? true == usesRegex else {
      throw TokenizerError(
        "pre_tokenizer must have add_prefix_space false and use_regex \(usesRegex); use a tokenizer "
          + "that has")
    }
    guard let first else { return (.gpt2, addsSpace) }
    if first.type == "Digits" {
      guard first.individualDigits == true else {
        throw TokenizerError("pre_tokenizer must have individual_digits true; use one that has")
      }
      return (.digitsApart, false)
    }
    let named = PreTokenizer.Pattern.named(first.pattern?.expression ?? "")
    // The patterns match every character, so that keeping the matches or what lies between those of
    // the inverted pattern is the same.
    let splits = [first.behavior ?? "", first.invert ?? false ? "inverted" : ""]
    guard let named, splits == ["Isolated", ""] || splits == ["Removed", "inverted"] else {
      throw TokenizerError(
        "pre_tokenizer splits by a pattern that is not supported; use GPT-2's, Llama 3's or "
          + "Qwen2's, with the behavior Isolated")
    }
    return (named, false)
  }

  private func composes() throws -> Bool {
    let parts = normalizer.map { $0.parts($0.normalizers) } ?? []
    for part in parts where part.type != "NFC" {
      throw Self.unsupported("normalizer", part.type)
    }
    return !parts.isEmpty
  }

  /// A tokenizer without a decoder is read, since ids do not depend on it; what decodes otherwise
  /// is refused.
  private func checkDecoder() throws {
    guard let decoder else { return }
    let types = decoder.parts(decoder.decoders).map(\.type)
    guard types.contains("ByteLevel"), Set(types).isSubset(of: ["ByteLevel", "Fuse"]) else {
      throw Self.unsupported("decoder", types.joined(separator: ", "))
    }
  }

  private func template(
    _ processor: Component, _ vocabularySize: Int
  ) throws -> (prefix: [Int32], suffix: [Int32]) {
    let parts = processor.single ?? []
    guard let place = parts.firstIndex(where: { $0.sequence != nil }),
      parts.filter({ $0.sequence != nil }).count == 1
    else {
      throw TokenizerError(
        "post_processor.single must contain the text exactly once; correct the template")
    }
    func tokens(_ parts: some Sequence<TemplatePart>) throws -> [Int32] {
      try parts.flatMap { part in
        let name = part.specialToken?.id ?? ""
        guard let ids = processor.specialTokens?[name]?.ids,
          ids.allSatisfy((0..<vocabularySize).contains)
        else {
          throw TokenizerError(
            "post_processor.single names \"\(name)\", but post_processor.special_tokens has no ids "
              + "of the vocabulary for it; add them")
        }
        return ids.map(Int32.init)
      }
    }
    return (try tokens(parts[..<place]), try tokens(parts[(place + 1)...]))
  }
}

extension PreTokenizer.Pattern {
  /// The patterns that a `Split` may have, as most files write them.
  static let named: [(expression: String, pattern: PreTokenizer.Pattern)] = [
    (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
    (expression(numbers: #"\p{N}{1,3}"#), .numbers(atMost: 3)),
    (expression(numbers: #"\p{N}"#), .numbers(atMost: 1)),
  ]

  /// The pattern of an expression in any of its usual spellings; nil where it is another.
  static func named(_ expression: String) -> PreTokenizer.Pattern? {
    let plain = canonical(expression)
    return named.first { canonical($0.expression) == plain }?.pattern
  }

  /// One spelling for expressions that match the same.
  ///
  /// Possessive quantifiers change nothing in these patterns, since what follows never begins with
  /// what they could give back. tiktoken's `\s++$` and final `\s` cut white space as `\s+(?!\S)`
  /// and
  /// `\s+` do, and `\s*` of `\s*[\r\n]` reaches the last of several line ends.
  private static func canonical(_ expression: String) -> String {
    var text = expression
    for (spelling, plain) in [
      (#"\s++$|"#, ""), ("++", "+"), ("?+", "?"),
      (#"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#, "'(?i:[sdmt]|ll|ve|re)"),
      (#"'(?i:s|t|re|ve|m|ll|d)"#, "'(?i:[sdmt]|ll|ve|re)"),
      (#"'s|'t|'re|'ve|'m|'ll|'d|"#, "'(?:[sdmt]|ll|ve|re)|"),
      (#"'(?:s|t|re|ve|m|ll|d)|"#, "'(?:[sdmt]|ll|ve|re)|"),
    ] {
      text = text.replacing(spelling, with: plain)
    }
    text = text.replacing(#"\s*[\r\n]|"#, with: #"\s*[\r\n]+|"#)
    return text.hasSuffix(#"|\s"#) ? text + "+" : text
  }

  private static func expression(numbers: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
