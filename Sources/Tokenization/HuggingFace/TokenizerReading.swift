import Foundation
import Support

extension Tokenizer {
  /// The most bytes that are read of a file; one with a quarter of a million tokens has half as
  /// many.
  static let maxFileSize = 64 << 20

  /// Reads a `tokenizer.json`.
  ///
  /// - Parameter endOfText: the token that ends a document; if nil, the added token
  ///   ``endOfTextToken``.
  /// - Throws: `TokenizerError` that begins with the path of the file.
  public init(contentsOf url: URL, endOfText: Int32? = nil) throws {
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
      try self.init(json: data, endOfText: endOfText)
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
  /// - Parameter endOfText: the token that ends a document; if nil, the added token
  ///   ``endOfTextToken``, which the file must then have.
  /// - Throws: `TokenizerError` that names what is wrong: not JSON; a key that is missing or has
  ///   the wrong type; another model, normalizer, pre-tokenizer, post-processor or decoder; ids
  ///   that are not exactly `0..<count`; a missing byte or end-of-text token; merges of unknown
  ///   tokens.
  public init(json: Data, endOfText: Int32? = nil) throws {
    let file: TokenizerFile
    do {
      file = try StrictJSON.decode(TokenizerFile.self, from: [UInt8](json))
    } catch let failure as StrictJSON.Failure {
      throw TokenizerError(
        "\(failure.problem); is it a whole tokenizer.json, as the Hugging Face tokenizers library "
          + "writes it?")
    }
    try file.checkSupport()
    let addedTokens = try file.checkedAddedTokens()
    let spellings = try file.spellings(addedTokens)
    try self.init(
      spellings: spellings, addedTokens: addedTokens, merges: try file.mergeTable(),
      scheme: try file.scheme(vocabularySize: spellings.count),
      endOfText: endOfText.flatMap { spellings.indices.contains(Int($0)) ? $0 : nil })
  }
}

/// The checks of a file, in the order of these methods.
extension TokenizerFile {
  /// Refuses what would give other ids than the file intends.
  fileprivate func checkSupport() throws {
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

  func require(_ type: String?, is supported: String?, _ key: String) throws {
    guard type != supported else { return }
    throw TokenizerError(
      "\(key) is \(type ?? "null"), but only \(supported ?? "null") is supported; use a byte-level "
        + "BPE tokenizer such as GPT-2's")
  }

  fileprivate func checkedAddedTokens() throws -> [AddedToken] {
    try addedTokens.enumerated().map { index, token in
      guard (0..<Tokenizer.maxVocabularySize).contains(token.id) else {
        throw TokenizerError(
          "added_tokens[\(index)].id is \(token.id); it must be from 0 to "
            + "\(Tokenizer.maxVocabularySize - 1)")
      }
      let inModel = model.vocab[token.content]
      guard inModel == nil || inModel == token.id else {
        throw TokenizerError(
          "added_tokens[\(index)] gives \"\(token.content)\" the id \(token.id), but model.vocab "
            + "gives it \(inModel ?? -1); make them agree")
      }
      return AddedToken(
        id: Int32(token.id), content: token.content, singleWord: token.singleWord ?? false,
        lstrip: token.lstrip ?? false, rstrip: token.rstrip ?? false,
        normalized: token.normalized ?? false, special: token.special ?? false,
        isInModel: inModel != nil)
    }
  }

  /// Every token by id: the model and the added tokens together have each of `0..<count` exactly
  /// once.
  fileprivate func spellings(_ addedTokens: [AddedToken]) throws -> [String] {
    let onlyAdded = addedTokens.filter { !$0.isInModel }
    let count = model.vocab.count + onlyAdded.count
    guard count <= Tokenizer.maxVocabularySize else {
      throw TokenizerError(
        "the vocabulary has \(count) tokens; at most \(Tokenizer.maxVocabularySize) are supported")
    }
    var spellings = [String?](repeating: nil, count: count)
    func place(_ spelling: String, _ id: Int) throws {
      guard spellings.indices.contains(id) else {
        throw TokenizerError(
          "\"\(spelling)\" has id \(id), but the \(count) tokens of model.vocab and added_tokens "
            + "must have the ids 0 to \(count - 1) without gaps")
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
    return spellings.compactMap { $0 }
  }

  /// - Precondition: the ids of `model.vocab` have been checked by `spellings`.
  fileprivate func mergeTable() throws -> MergeTable {
    var table = MergeTable()
    for index in 0..<mergeCount {
      let parts = try mergeParts(index)
      let left = try id(parts.left, index)
      let right = try id(parts.right, index)
      let result = try id(parts.left + parts.right, index)
      guard table.append(TokenPair(left, right), result: result) else {
        throw TokenizerError(
          "model.merges[\(index)] repeats \"\(parts.left) \(parts.right)\"; remove it")
      }
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
