import Collections

extension Tokenizer {
  /// Learns a vocabulary from `texts`.
  ///
  /// Again and again, the most frequent pair of adjacent tokens inside pieces becomes a merge;
  /// among equally frequent pairs, the one with the smaller left id, then with the smaller right
  /// id. Overlapping pairs all count. `endOfTextToken` gets id 0, then come the 256 bytes in the
  /// order of their printable characters, then the merged tokens in the order in which they were
  /// learnt. Order and ties are those of the Hugging Face trainer with `min_frequency` 2. The same
  /// texts in any order give the same tokenizer.
  ///
  /// - Parameters:
  ///   - texts: documents; no merge spans two of them.
  ///   - vocabularySize: the number of tokens wanted, at least 257. There are fewer if no pair is
  ///     left that occurs twice.
  ///   - beginsTexts: whether the tokenizer's template puts the end-of-text token before a text, as
  ///     documents begin in training.
  /// - Throws: `TokenizerError` where `vocabularySize` is out of range.
  /// - Complexity: each merge takes time in proportion to the length of the distinct pieces that
  ///   contain it.
  public static func train(
    on texts: some Sequence<String>, vocabularySize: Int, beginsTexts: Bool = true
  ) throws -> Tokenizer {
    guard (257...maxVocabularySize).contains(vocabularySize) else {
      throw TokenizerError(
        "a vocabulary of \(vocabularySize) tokens cannot be trained; ask for 257 (the bytes and "
          + "\(endOfTextToken)) to \(maxVocabularySize)")
    }
    var pieces = PieceCounts()
    for text in texts { pieces.add(Array(text.utf8)) }
    var training = Training(pieces)
    while training.tokens.count < vocabularySize, training.learnMerge() {}
    var scheme = Scheme()
    if beginsTexts { scheme.prefix = [0] }
    var tokenizer = try Tokenizer(
      spellings: [endOfTextToken] + training.tokens.dropFirst().map(ByteAlphabet.spelling),
      addedTokens: [AddedToken(id: 0, content: endOfTextToken, special: true, isInModel: true)],
      merges: training.merges, scheme: scheme)
    tokenizer.beginsTextsWithSpace = beginsTexts
    return tokenizer
  }
}

/// How often each piece occurs.
private struct PieceCounts {
  private(set) var short: [PackedWord: Int] = [:]
  private(set) var long: [ArraySlice<UInt8>: Int] = [:]

  mutating func add(_ bytes: [UInt8]) {
    var pieces = PreTokenizer(bytes, .gpt2)
    while let piece = pieces.next() {
      if let word = PackedWord(bytes, from: piece.lowerBound, to: piece.upperBound) {
        short[word, default: 0] += 1
      } else if let index = long.index(forKey: bytes[piece]) {
        long.values[index] += 1
      } else {
        // A copy, so that the whole text can be freed.
        long[Array(bytes[piece])[...]] = 1
      }
    }
  }
}

/// The state between two merges.
private struct Training {
  /// The bytes of each token; empty for the special token, which never comes from text.
  private(set) var tokens: [[UInt8]]
  private(set) var merges = MergeTable()

  /// The distinct pieces as tokens, after the merges so far, and how often each occurs.
  private var pieces: [[Int32]] = []
  private var pieceCounts: [Int] = []
  private var pairCounts: [TokenPair: Int] = [:]
  /// The pieces in which a pair has ever appeared.
  private var appearances: [TokenPair: [Int32]] = [:]
  private var queue = Heap<Candidate>()

  init(_ counts: PieceCounts) {
    tokens = [[]] + ByteAlphabet.bytesInVocabularyOrder.map { [$0] }
    var byteTokens = [Int32](repeating: 0, count: 256)
    for (index, byte) in ByteAlphabet.bytesInVocabularyOrder.enumerated() {
      byteTokens[Int(byte)] = Int32(index + 1)
    }
    for (word, count) in counts.short { add(word.bytes.map { byteTokens[Int($0)] }, count) }
    for (word, count) in counts.long { add(word.map { byteTokens[Int($0)] }, count) }
    for (pair, count) in pairCounts { queue.insert(Candidate(count: count, pair: pair)) }
  }

  private mutating func add(_ piece: [Int32], _ count: Int) {
    let index = Int32(pieces.count)
    pieces.append(piece)
    pieceCounts.append(count)
    for pair in adjacentPairs(piece) {
      pairCounts[pair, default: 0] += count
      noteAppearance(pair, index)
    }
  }

  /// Merges the most frequent pair everywhere.
  ///
  /// - Returns: false if no pair occurs twice.
  mutating func learnMerge() -> Bool {
    guard let pair = popMostFrequent() else { return false }
    // No two merges make the same spelling: the first would have joined it everywhere.
    let token = Int32(tokens.count)
    tokens.append(tokens[Int(pair.left)] + tokens[Int(pair.right)])
    merges.append(pair, result: token)

    var grown: Set<TokenPair> = []
    for index in appearances.removeValue(forKey: pair) ?? [] {
      let count = pieceCounts[Int(index)]
      let before = pieces[Int(index)]
      // The same loop as in encoding, so that training and encoding agree.
      merges.merge(&pieces[Int(index)])
      let after = pieces[Int(index)]
      guard after.count < before.count else { continue }
      for pair in adjacentPairs(before) { pairCounts[pair, default: 0] -= count }
      for pair in adjacentPairs(after) {
        pairCounts[pair, default: 0] += count
        guard pair.left == token || pair.right == token else { continue }
        noteAppearance(pair, index)
        grown.insert(pair)
      }
    }
    pairCounts[pair] = nil
    for pair in grown { queue.insert(Candidate(count: pairCounts[pair] ?? 0, pair: pair)) }
    return true
  }

  /// The most frequent pair; nil if none occurs twice. Counts fall after pairs are queued: a pair
  /// whose count has fallen is queued again.
  private mutating func popMostFrequent() -> TokenPair? {
    while let candidate = queue.popMax() {
      guard candidate.count > 1 else { return nil }
      let count = pairCounts[candidate.pair] ?? 0
      if count == candidate.count { return candidate.pair }
      if count < candidate.count { queue.insert(Candidate(count: count, pair: candidate.pair)) }
    }
    return nil
  }

  private mutating func noteAppearance(_ pair: TokenPair, _ piece: Int32) {
    if appearances[pair]?.last != piece { appearances[pair, default: []].append(piece) }
  }

  private func adjacentPairs(_ tokens: [Int32]) -> some Sequence<TokenPair> {
    zip(tokens, tokens.dropFirst()).lazy.map { TokenPair($0, $1) }
  }

  private struct Candidate: Comparable {
    let count: Int
    let pair: TokenPair

    static func < (first: Candidate, second: Candidate) -> Bool {
      first.count != second.count ? first.count < second.count : first.pair > second.pair
    }
  }
}
