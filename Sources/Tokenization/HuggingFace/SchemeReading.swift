extension TokenizerFile {
  /// What the tokenizer does before and after BPE itself.
  ///
  /// - Throws: `TokenizerError` naming what would give other ids than the file intends.
  func scheme(vocabularySize: Int) throws -> Scheme {
    var scheme = Scheme()
    scheme.pattern = try pattern()
    scheme.composes = try composes()
    try require(decoder?.type, is: "ByteLevel", "decoder")
    scheme.ignoresMerges = model.ignoreMerges ?? false
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

  private func pattern() throws -> PreTokenizer.Pattern {
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
    guard byteLevel.addPrefixSpace == false, byteLevel.useRegex ?? true == usesRegex else {
      throw TokenizerError(
        "pre_tokenizer must have add_prefix_space false and use_regex \(usesRegex); use a tokenizer "
          + "that has")
    }
    guard let first else { return .gpt2 }
    if first.type == "Digits" {
      guard first.individualDigits == true else {
        throw TokenizerError("pre_tokenizer must have individual_digits true; use one that has")
      }
      return .digitsApart
    }
    let named = PreTokenizer.Pattern.named.first { $0.expression == first.pattern?.expression }
    guard let named, first.behavior == "Isolated", first.invert ?? false == false else {
      throw TokenizerError(
        "pre_tokenizer splits by a pattern that is not supported; use GPT-2's, Llama 3's or "
          + "Qwen2's, with the behavior Isolated")
    }
    return named.pattern
  }

  private func composes() throws -> Bool {
    let parts = normalizer.map { $0.parts($0.normalizers) } ?? []
    for part in parts where part.type != "NFC" {
      throw Self.unsupported("normalizer", part.type)
    }
    return !parts.isEmpty
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
  /// The patterns that a `Split` may have, as files write them.
  static let named: [(expression: String, pattern: PreTokenizer.Pattern)] = [
    (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
    (expression(numbers: #"\p{N}{1,3}"#), .numbers(atMost: 3)),
    (expression(numbers: #"\p{N}"#), .numbers(atMost: 1)),
  ]

  private static func expression(numbers: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
