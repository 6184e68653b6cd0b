import Foundation

/// A byte-level BPE tokenizer: text to token ids and back, without loss where every byte has a
/// token.
///
/// A pattern splits text into pieces: GPT-2's, unless the file has another. Each piece begins as
/// its UTF-8 bytes; adjacent tokens are then joined in the order in which training learnt the
/// merges. Sources: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword
/// Units", and Radford et al. 2019 (GPT-2) for the bytes. The ids are those that the Hugging Face
/// `tokenizers` library gives for the same `tokenizer.json`. A value is immutable and may be used
/// from any number of threads.
public struct Tokenizer: Sendable {
  /// The spelling of the token that ends a document.
  public static let endOfTextToken = "<|endoftext|>"
  /// The most tokens that a vocabulary may have, 2²⁰.
  public static let maxVocabularySize = 1 << 20

  /// The number of tokens, special ones included; ids are `0..<vocabularySize`.
  public var vocabularySize: Int { spellings.count }
  /// The id of the token that ends a document: 0 in tokenizers trained here. `encode` never returns
  /// it.
  public let endOfText: Int32
  /// The spellings of the tokens that have a role, by the role's name in `tokenizer_config.json`:
  /// `bos_token`, `eos_token`, `pad_token`, ….
  public var namedTokens: [String: String] = [:]
  /// The text of the file's chat template, in Jinja; nil where there is none.
  public var chatTemplate: String?
  /// Whether a text that stands first has a space before it, as every other one has: so it is for
  /// the models that are pretrained here.
  public var beginsTextsWithSpace = false
  /// See ``separator``.
  var chosenSeparator: String?
  /// What a user should know of the file that was read, one sentence each.
  public package(set) var notes: [String] = []

  /// The tokens that end what a model generates: ``endOfText``, and others where the model's files
  /// name them.
  public var stopTokens: Set<Int32>

  /// Each token as `tokenizer.json` spells it.
  let spellings: [String]
  /// Each token as it decodes.
  let tokenBytes: [[UInt8]]
  /// Tokens that BPE does not make, in the order of the file.
  let addedTokens: [AddedToken]
  let merges: MergeTable
  let scheme: Scheme
  /// Find the added tokens that are searched in the text as it is, and in the normalised text.
  private var plainMatcher, normalizedMatcher: AddedTokenMatcher
  /// The token of each single byte; for bytes that the vocabulary lacks the unknown token, or −1.
  private let byteTokens: [Int32]
  /// The unknown token, where several in a row are one; otherwise no token.
  private let fusedToken: Int32
  /// Bytes that no token stands for. `encode` drops them, as the `tokenizers` library does, or puts
  /// the file's unknown token in their place.
  public let missingBytes: [UInt8]
  /// Whether the file's unknown token stands for the ``missingBytes``.
  public var marksMissingBytes: Bool { scheme.unknown != nil }
  private let words: WordTable
  /// Where merges are ignored: the tokens that are too long for the table.
  private let longWords: [ArraySlice<UInt8>: Int32]

  /// - Parameters:
  ///   - spellings: every token in the byte alphabet, in order of id; empty for ids without one.
  ///   - addedTokens: the tokens that BPE does not make; their ids are indices of `spellings`.
  ///   - merges: merges between ids of `spellings`.
  ///   - endOfText: the token that ends a document; if nil, the added token ``endOfTextToken``.
  /// - Throws: `TokenizerError` where the end-of-text token is missing, or where a merge makes it.
  init(
    spellings: [String], addedTokens: [AddedToken], merges: MergeTable, scheme: Scheme = Scheme(),
    endOfText: Int32? = nil
  ) throws {
    let own = addedTokens.first { $0.content == Self.endOfTextToken }?.id
    guard let endOfText = endOfText ?? own else {
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
    stopTokens = [endOfText]
    self.spellings = spellings
    self.tokenBytes = tokenBytes
    self.addedTokens = addedTokens
    self.merges = merges
    self.scheme = scheme
    plainMatcher = AddedTokenMatcher(addedTokens.filter { !$0.normalized }, composes: false)
    normalizedMatcher = AddedTokenMatcher(
      addedTokens.filter(\.normalized), composes: scheme.composes)
    let byteTokens = Self.byteTokens(spellings, except: added)
    let missingBytes = (0...255 as ClosedRange<UInt8>).filter { byteTokens[Int($0)] < 0 }
    self.missingBytes = missingBytes
    self.byteTokens = byteTokens.map { $0 < 0 ? scheme.unknown ?? -1 : $0 }
    let fuses = scheme.fusesUnknown && !missingBytes.isEmpty
    fusedToken = fuses ? scheme.unknown ?? .min : .min
    words = Self.wordTable(
      spellings, byteTokens: byteTokens, merges: scheme.ignoresMerges ? nil : merges, except: added)
    longWords = scheme.ignoresMerges ? Self.longWords(spellings, except: added) : [:]
  }

  /// The tokens of `text`, in which the spelling of an added token is ordinary text.
  public func encode(_ text: String) -> [Int32] {
    encode(bytes: Array((scheme.composes ? text.precomposedStringWithCanonicalMapping : text).utf8))
  }

  /// The tokens of `text` as `encode` of the Hugging Face library gives them: the spelling of an
  /// added token is that token, and the tokens of the file's template are put around the text.
  ///
  /// - Parameter addsTemplate: the library's `add_special_tokens`.
  public func encodeWhole(_ text: String, addsTemplate: Bool = true) -> [Int32] {
    var result = addsTemplate ? scheme.prefix : []
    for part in plainMatcher.parts(of: Array(text.utf8)) {
      switch part {
      case .token(let token): result.append(token)
      case .text(var bytes):
        if scheme.composes {
          bytes = Array(
            String(decoding: bytes, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
        }
        for part in normalizedMatcher.parts(of: bytes) {
          switch part {
          case .token(let token): result.append(token)
          case .text(let bytes):
            let isApart = scheme.addsSpace && bytes.first != UInt8(ascii: " ")
            result += encode(bytes: isApart ? [UInt8(ascii: " ")] + bytes : bytes)
          }
        }
      }
    }
    return addsTemplate ? result + scheme.suffix : result
  }

  /// Leaves tokens from `count` on, which the model has no parameters for, out of texts: their
  /// spelling is ordinary text then.
  ///
  /// - Returns: the spellings of these tokens.
  /// - Throws: `TokenizerError` where ordinary text or the template needs one of them.
  public mutating func leaveOut(from count: Int) throws -> [String] {
    guard vocabularySize > count else { return [] }
    let added = Set(addedTokens.map(\.id))
    let needed = (count..<vocabularySize).map(Int32.init).first { id in
      !spellings[Int(id)].isEmpty && !added.contains(id)
        || (scheme.prefix + scheme.suffix).contains(id) || id == endOfText
    }
    if let needed {
      throw TokenizerError(
        "the token \"\(spellings[Int(needed)])\" has the id \(needed), but the model's vocab_size "
          + "is \(count); they are of different models")
    }
    let left = addedTokens.filter { $0.id < count }
    setMatchers(left)
    return addedTokens.filter { $0.id >= count }.map(\.content)
  }

  /// Reads the spelling of special tokens as ordinary text, as transformers does where
  /// `split_special_tokens` is true.
  mutating func splitSpecialTokens() { setMatchers(addedTokens.filter { !$0.special }) }

  private mutating func setMatchers(_ tokens: [AddedToken]) {
    plainMatcher = AddedTokenMatcher(tokens.filter { !$0.normalized }, composes: false)
    normalizedMatcher = AddedTokenMatcher(tokens.filter(\.normalized), composes: scheme.composes)
  }

  /// The token of that spelling; nil where there is none.
  public func token(spelled spelling: String) -> Int32? {
    addedTokens.first { $0.content == spelling }?.id
      ?? spellings.firstIndex(of: spelling).map(Int32.init)
  }

  /// The tokens that the file's template puts before a text; empty where the file has no template.
  public var templatePrefix: [Int32] { scheme.prefix }

  /// The tokens of any bytes, valid UTF-8 or not; `decodeBytes` gives the same bytes back, except
  /// for ``missingBytes``.
  public func encode(bytes: [UInt8]) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(bytes.count / 3 + 1)
    var scratch = [Int32](repeating: 0, count: MergeTable.maxShortPiece)
    var ranks = scratch
    var pieces = PreTokenizer(bytes, scheme.pattern)
    while let piece = pieces.next() {
      let (start, end) = (piece.lowerBound, piece.upperBound)
      if let word = PackedWord(bytes, from: start, to: end) {
        let token = words.token(word)
        if token >= 0 {
          result.append(token)
          continue
        }
      } else if let token = longWords[bytes[piece]] {
        result.append(token)
        continue
      }
      let count = end - start
      if count <= MergeTable.maxShortPiece {
        var known = 0
        for index in start..<end {
          let token = byteTokens[Int(bytes[index])]
          if token == fusedToken, known > 0, scratch[known - 1] == token { continue }
          scratch[known] = token
          known &+= token < 0 ? 0 : 1
        }
        let merged = merges.mergeShort(&scratch, count: known, ranks: &ranks)
        for index in 0..<merged { result.append(scratch[index]) }
      } else {
        var tokens: [Int32] = []
        for index in start..<end {
          let token = byteTokens[Int(bytes[index])]
          if token < 0 || token == fusedToken && tokens.last == token { continue }
          tokens.append(token)
        }
        result += merges.mergedWithQueue(tokens)
      }
    }
    return result
  }

  /// The text of `tokens`: special tokens as their spelling, bytes that are not valid UTF-8 as
  /// U+FFFD. Ids outside the vocabulary are skipped.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    String(decoding: decodeBytes(tokens), as: UTF8.self)
  }

  /// The bytes of `tokens`: special tokens as their spelling. Ids outside the vocabulary are
  /// skipped.
  public func decodeBytes(_ tokens: some Sequence<Int32>) -> [UInt8] {
    var result: [UInt8] = []
    for token in tokens where tokenBytes.indices.contains(Int(token)) {
      result += tokenBytes[Int(token)]
    }
    return result
  }

  private static func byteTokens(
    _ spellings: [String], except added: Set<Int32>
  ) -> [Int32] {
    var result = [Int32](repeating: -1, count: 256)
    for (id, spelling) in spellings.enumerated() where !added.contains(Int32(id)) {
      guard let bytes = ByteAlphabet.bytes(spelling), bytes.count == 1 else { continue }
      result[Int(bytes[0])] = Int32(id)
    }
    return result
  }

  /// The short pieces that are a single token: those that the merges make, or all if merges are
  /// nil.
  private static func wordTable(
    _ spellings: [String], byteTokens: [Int32], merges: MergeTable?, except added: Set<Int32>
  ) -> WordTable {
    var words: [(word: PackedWord, token: Int32)] = []
    for (id, spelling) in spellings.enumerated() where !added.contains(Int32(id)) {
      guard let bytes = ByteAlphabet.bytes(spelling), !bytes.isEmpty,
        let word = PackedWord(bytes, from: 0, to: bytes.count)
      else { continue }
      guard let merges else {
        words.append((word, Int32(id)))
        continue
      }
      var tokens = bytes.map { byteTokens[Int($0)] }
      guard !tokens.contains(where: { $0 < 0 }) else { continue }
      merges.merge(&tokens)
      if tokens == [Int32(id)] { words.append((word, Int32(id))) }
    }
    return WordTable(words)
  }

  /// The tokens that are too long for the word table.
  private static func longWords(
    _ spellings: [String], except added: Set<Int32>
  ) -> [ArraySlice<UInt8>: Int32] {
    var words: [ArraySlice<UInt8>: Int32] = [:]
    for (id, spelling) in spellings.enumerated() where !added.contains(Int32(id)) {
      guard let bytes = ByteAlphabet.bytes(spelling), bytes.count > PackedWord.maxLength else {
        continue
      }
      words[bytes[...]] = Int32(id)
    }
    return words
  }
}
