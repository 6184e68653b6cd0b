import Foundation
import Support

extension Tokenizer {
  /// The most bytes that are read of a file; one with a quarter of a million tokens has half as
  /// many.
  static let maxFileSize = 64 << 20

  /// Reads a `tokenizer.json`.
  ///
  /// - Parameters:
  ///   - settings: what the files beside it say.
  ///   - endOfText: the token that ends a document; if nil, the added token ``endOfTextToken``.
  /// - Throws: `TokenizerError` that begins with the path of the file.
  public init(
    contentsOf url: URL, settings: TokenizerSettings = TokenizerSettings(), endOfText: Int32? = nil
  ) throws {
    guard url.isFileURL else {
      throw TokenizerError("\(url.absoluteString): not a local file; download it first")
    }
    let data: Data
    do {
      data = Data(try InputFile.contents(of: url, limit: Self.maxFileSize))
    } catch let error as FileError {
      throw TokenizerError("\(error); give the path of a tokenizer.json")
    }
    do {
      try self.init(json: data, settings: settings, endOfText: endOfText)
    } catch let error as TokenizerError {
      throw TokenizerError("\(url.path): \(error.description)")
    }
  }

  /// Reads the text of a `tokenizer.json`: a byte-level BPE model with the pre-tokenizer of GPT-2,
  /// SmolLM, Llama 3 or Qwen2.
  ///
  /// `truncation`, `padding` and a `post_processor` of type `ByteLevel` are ignored: they do not
  /// change the ids of a text.
  ///
  /// - Parameters:
  ///   - settings: what the files beside it say.
  ///   - endOfText: the token that ends a document; if nil, the added token ``endOfTextToken``,
  ///     which the file must then have.
  /// - Throws: `TokenizerError` that names what is wrong: not JSON; a key that is missing or has
  ///   the wrong type; another model, normalizer, pre-tokenizer, post-processor or decoder; two
  ///   tokens of one id; a missing end-of-text token; merges of unknown tokens.
  public init(
    json: Data, settings: TokenizerSettings = TokenizerSettings(), endOfText: Int32? = nil
  ) throws {
    let file: TokenizerFile
    do {
      file = try StrictJSON.decode(TokenizerFile.self, from: [UInt8](json))
    } catch let failure as StrictJSON.Failure {
      throw TokenizerError(
        "\(failure.problem); is it a whole tokenizer.json, as the Hugging Face tokenizers library "
          + "writes it?")
    }
    try file.checkSupport()
    var notes: [String] = []
    let added = try file.checkedAddedTokens(settings, &notes)
    let spellings = try file.spellings(added)
    let scheme = try file.scheme(
      vocabularySize: spellings.count, isQwen2: settings.isQwen2, &notes)
    try self.init(
      spellings: spellings, addedTokens: added, merges: try file.mergeTable(), scheme: scheme,
      endOfText: endOfText.flatMap { spellings.indices.contains(Int($0)) ? $0 : nil })
    self.notes = notes
    namedTokens = settings.namedTokens
    chatTemplate = settings.chatTemplate
    beginsTextsWithSpace = settings.beginsTextsWithSpace && !templatePrefix.isEmpty
    if settings.splitsSpecialTokens { splitSpecialTokens() }
  }
}

/// The checks of a file, in the order of these methods.
extension TokenizerFile {
  /// Refuses what would give other ids than the file intends.
  fileprivate func checkSupport() throws {
    guard !isSentencePiece else {
      throw TokenizerError(
        "is a SentencePiece tokenizer with byte_fallback, as Gemma, Llama 2, Mistral and TinyLlama "
          + "have it; only byte-level BPE is supported: use a model such as SmolLM2, Qwen2.5, "
          + "Qwen3 or Llama 3.2")
    }
    // Older files, such as GPT-2's own, have no type.
    try require(model.type ?? "BPE", is: "BPE", "model.type")
    guard (model.dropout ?? 0) == 0 else {
      throw TokenizerError("model.dropout makes ids random, which is not supported; set it to null")
    }
    guard (model.continuingSubwordPrefix ?? "").isEmpty, (model.endOfWordSuffix ?? "").isEmpty
    else {
      throw TokenizerError(
        "model.continuing_subword_prefix and model.end_of_word_suffix are not supported; a "
          + "byte-level tokenizer has null for both")
    }
  }

  /// Whether spaces are U+2581 and single bytes are tokens like `<0x41>`.
  private var isSentencePiece: Bool {
    model.byteFallback == true && model.vocab["<0x41>"] != nil
      && !(preTokenizer?.parts(preTokenizer?.preTokenizers) ?? []).contains {
        $0.type == "ByteLevel"
      }
  }

  func require(_ type: String?, is supported: String?, _ key: String) throws {
    guard type != supported else { return }
    throw TokenizerError(
      "\(key) is \(type ?? "null"), but only \(supported ?? "null") is supported; use a byte-level "
        + "BPE tokenizer such as GPT-2's")
  }

  /// The added tokens with their ids: those of the file, then those that only `settings` names.
  fileprivate func checkedAddedTokens(
    _ settings: TokenizerSettings, _ notes: inout [String]
  ) throws -> [AddedToken] {
    for (index, token) in addedTokens.enumerated() where !(0...Int(UInt32.max) ~= token.id) {
      throw TokenizerError(
        "added_tokens[\(index)].id is \(token.id); it must be a whole number from 0")
    }
    let declares = declaredIDsFillTheVocabulary
    var result = AddedTokens(model.vocab)
    for token in addedTokens {
      try result.add(AddedToken(token), id: declares ? token.id : nil)
    }
    let declared = Dictionary(
      addedTokens.map { ($0.content, $0.id) }, uniquingKeysWith: { first, _ in first })
    for token in result.tokens {
      guard let other = declared[token.content], other != Int(token.id) else { continue }
      notes.append(
        "added_tokens gives \"\(token.content)\" the id \(other), but it is \(token.id) here, as "
          + "the tokenizers library makes it")
    }
    try settings.add(to: &result, of: addedTokens)
    return result.tokens
  }

  /// Whether the declared ids of the added tokens that the vocabulary does not have are those that
  /// its own leave free.
  private var declaredIDsFillTheVocabulary: Bool {
    let only = Dictionary(
      addedTokens.filter { model.vocab[$0.content] == nil }.map { ($0.content, $0.id) },
      uniquingKeysWith: { first, _ in first })
    // Where the vocabulary has no gap, the library counts on from it in the order of the file.
    guard let largest = model.vocab.values.max(), largest >= model.vocab.count else { return false }
    let ids = Set(model.vocab.values).union(only.values)
    return ids.count == model.vocab.count + only.count && ids.min() == 0
      && ids.max() == ids.count - 1
  }

  /// Every token by id; empty for ids that no token has.
  fileprivate func spellings(_ addedTokens: [AddedToken]) throws -> [String] {
    let onlyAdded = addedTokens.filter { !$0.isInModel }
    let largest = max(
      model.vocab.values.max() ?? -1, onlyAdded.map { Int($0.id) }.max() ?? -1,
      model.vocab.count + onlyAdded.count - 1)
    guard largest < Tokenizer.maxVocabularySize else {
      throw TokenizerError(
        "the vocabulary has \(model.vocab.count + onlyAdded.count) tokens and the id \(largest); at "
          + "most \(Tokenizer.maxVocabularySize) are supported")
    }
    var spellings = [String?](repeating: nil, count: largest + 1)
    func place(_ spelling: String, _ id: Int) throws {
      guard id >= 0 else {
        throw TokenizerError("\"\(spelling)\" has id \(id); ids begin with 0")
      }
      if let other = spellings[id] {
        throw TokenizerError("\"\(other)\" and \"\(spelling)\" both have id \(id); renumber one")
      }
      spellings[id] = spelling
    }
    // In a fixed order, so that a broken file always gives the same message.
    for (spelling, id) in model.vocab.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      try place(spelling, id)
    }
    for token in onlyAdded { try place(token.content, Int(token.id)) }
    return spellings.map { $0 ?? "" }
  }

  /// - Precondition: the ids of `model.vocab` have been checked by `spellings`.
  /// Of a merge that is there several times the last counts, as in the `tokenizers` library.
  fileprivate func mergeTable() throws -> MergeTable {
    var merges: [(pair: TokenPair, result: Int32)] = []
    merges.reserveCapacity(mergeCount)
    for index in 0..<mergeCount {
      let parts = try mergeParts(index)
      merges.append(
        (
          TokenPair(try id(parts.left, index), try id(parts.right, index)),
          try id(parts.left + parts.right, index)
        ))
    }
    var last: [TokenPair: Int] = [:]
    last.reserveCapacity(mergeCount)
    for (index, merge) in merges.enumerated() { last[merge.pair] = index }
    var table = MergeTable()
    for (index, merge) in merges.enumerated() where last[merge.pair] == index {
      table.append(merge.pair, result: merge.result)
    }
    return table
  }

  private var mergeCount: Int {
    switch model.merges {
    case .pairs(let pairs): pairs.count
    case .lines(let lines): lines.count
    }
  }

  private func mergeParts(_ index: Int) throws -> (left: String, right: String) {
    let parts: [String]
    switch model.merges {
    case .pairs(let pairs):
      parts = pairs[index]
    case .lines(let lines):
      parts = lines[index].unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
        .map(String.init)
    }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw TokenizerError(
        "model.merges[\(index)] does not name two tokens; write [\"a\", \"b\"] or \"a b\"")
    }
    return (parts[0], parts[1])
  }

  private func id(_ spelling: String, _ index: Int) throws -> Int32 {
    guard let id = model.vocab[spelling] else {
      throw TokenizerError(
        "model.merges[\(index)] needs the token \"\(spelling)\", which model.vocab lacks; add it "
          + "or remove the merge")
    }
    return Int32(id)
  }
}

extension AddedToken {
  /// Without its id.
  fileprivate init(_ token: TokenizerFile.Added) {
    self.init(
      id: 0, content: token.content, singleWord: token.singleWord ?? false,
      lstrip: token.lstrip ?? false, rstrip: token.rstrip ?? false,
      normalized: token.normalized ?? false, special: token.special ?? false, isInModel: false)
  }
}
