import Foundation

/// A byte-level BPE tokenizer: text to token ids and back, without loss and without unknown tokens.
///
/// Text is split into pieces by GPT-2's pattern; each piece starts as its UTF-8 bytes, and adjacent
/// tokens are joined in the order in which training learnt the merges. Source: Sennrich et al. 2016,
/// "Neural Machine Translation of Rare Words with Subword Units"; Radford et al. 2019 (GPT-2) for the
/// bytes. Ids are those that the Hugging Face `tokenizers` library gives for the same
/// `tokenizer.json`. A value is immutable and may be used from any number of threads.
public struct Tokenizer: Sendable {
  /// The spelling of the token that ends a document.
  public static let endOfTextToken = "<|endoftext|>"
  /// The most tokens a vocabulary may have, 2²⁰.
  public static let largestVocabulary = 1 << 20

  /// The number of tokens, special ones included; ids are `0..<vocabularySize`.
  public var vocabularySize: Int { spellings.count }
  /// The id of `endOfTextToken`: 0 in tokenizers trained here. `encode` never returns it.
  public let endOfText: Int32

  /// Each token as `tokenizer.json` spells it.
  let spellings: [String]
  /// Each token as it decodes.
  let tokenBytes: [[UInt8]]
  /// Tokens outside BPE, in the order of the file.
  let addedTokens: [AddedToken]
  let merges: MergeTable
  /// The token of each single byte.
  private let byteTokens: [Int32]
  private let words: WordTable

  /// - Parameters:
  ///   - spellings: every token in the byte alphabet, in order of id.
  ///   - addedTokens: the tokens that stand outside BPE; their ids are indices of `spellings`.
  ///   - merges: merges between ids of `spellings`.
  /// - Throws: `TokenizerError` when a byte or the end-of-text token is missing, or when merges make
  ///   the end-of-text token.
  init(spellings: [String], addedTokens: [AddedToken], merges: MergeTable) throws {
    guard let endOfText = addedTokens.first(where: { $0.content == Self.endOfTextToken })?.id else {
      throw TokenizerError(
        "added_tokens does not list \(Self.endOfTextToken), which ends every document; add it")
    }
    guard !merges.results.contains(endOfText) else {
      throw TokenizerError(
        "model.merges makes \(Self.endOfTextToken) from ordinary text; remove that merge")
    }
    var tokenBytes = spellings.map { ByteAlphabet.bytes($0) ?? Array($0.utf8) }
    for added in addedTokens { tokenBytes[Int(added.id)] = Array(added.content.utf8) }
    let added = Set(addedTokens.lazy.filter { !$0.isInModel }.map(\.id))
    self.endOfText = endOfText
    self.spellings = spellings
    self.tokenBytes = tokenBytes
    self.addedTokens = addedTokens
    self.merges = merges
    byteTokens = try Self.byteTokens(spellings, except: added)
    words = Self.wordTable(spellings, byteTokens: byteTokens, merges: merges)
  }

  /// The tokens of `text`. The spelling of a special token in it is ordinary text.
  public func encode(_ text: String) -> [Int32] {
    encode(bytes: Array(text.utf8))
  }

  /// The tokens of any bytes, valid UTF-8 or not; `decodeBytes` gives the same bytes back.
  public func encode(bytes: [UInt8]) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(bytes.count / 3 + 1)
    var scratch = [Int32](repeating: 0, count: MergeTable.longestShortPiece)
    var ranks = scratch
    var start = 0
    while start < bytes.count {
      let end = PreTokenizer.end(ofPieceAt: start, in: bytes)
      defer { start = end }
      if let word = PackedWord(bytes, from: start, to: end) {
        let token = words.token(word)
        if token >= 0 {
          result.append(token)
          continue
        }
      }
      let count = end - start
      if count <= MergeTable.longestShortPiece {
        for index in 0..<count { scratch[index] = byteTokens[Int(bytes[start + index])] }
        let merged = merges.mergeShort(&scratch, count: count, ranks: &ranks)
        for index in 0..<merged { result.append(scratch[index]) }
      } else {
        result += merges.mergedWithQueue(bytes[start..<end].map { byteTokens[Int($0)] })
      }
    }
    return result
  }

  /// The text of `tokens`. Bytes that are not valid UTF-8 become U+FFFD, special tokens their
  /// spelling; ids outside the vocabulary are skipped.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    String(decoding: decodeBytes(tokens), as: UTF8.self)
  }

  /// The bytes of `tokens`, special tokens as their spelling; ids outside the vocabulary are skipped.
  public func decodeBytes(_ tokens: some Sequence<Int32>) -> [UInt8] {
    var result: [UInt8] = []
    for token in tokens where tokenBytes.indices.contains(Int(token)) {
      result += tokenBytes[Int(token)]
    }
    return result
  }

  private static func byteTokens(
    _ spellings: [String], except added: Set<Int32>
  ) throws -> [Int32] {
    var result = [Int32](repeating: -1, count: 256)
    for (id, spelling) in spellings.enumerated() where !added.contains(Int32(id)) {
      guard let bytes = ByteAlphabet.bytes(spelling), bytes.count == 1 else { continue }
      result[Int(bytes[0])] = Int32(id)
    }
    if let missing = result.firstIndex(of: -1) {
      throw TokenizerError(
        "model.vocab has no token for byte \(missing), spelt "
          + "\"\(ByteAlphabet.spelling([UInt8(missing)]))\"; train with the whole byte alphabet")
    }
    return result
  }

  private static func wordTable(
    _ spellings: [String], byteTokens: [Int32], merges: MergeTable
  ) -> WordTable {
    var words: [(word: PackedWord, token: Int32)] = []
    for (id, spelling) in spellings.enumerated() {
      guard let bytes = ByteAlphabet.bytes(spelling), !bytes.isEmpty,
        let word = PackedWord(bytes, from: 0, to: bytes.count)
      else { continue }
      var tokens = bytes.map { byteTokens[Int($0)] }
      merges.merge(&tokens)
      if tokens == [Int32(id)] { words.append((word, Int32(id))) }
    }
    return WordTable(words)
  }
}
