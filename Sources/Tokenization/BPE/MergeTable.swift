import Collections

/// Two adjacent tokens; ordered by the left id, then by the right.
struct TokenPair: Hashable, Comparable, Sendable {
  let key: UInt64

  init(_ left: Int32, _ right: Int32) {
    key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  var left: Int32 { Int32(truncatingIfNeeded: key >> 32) }
  var right: Int32 { Int32(truncatingIfNeeded: key) }

  static func < (first: TokenPair, second: TokenPair) -> Bool { first.key < second.key }
}

/// The merges in the order in which they were learnt, and the loops that apply them.
///
/// To apply them: of all adjacent pairs that have a merge, join the one that was learnt first (the
/// leftmost if it occurs several times), until no pair is left. Ranks are looked up in a flat hash
/// table with linear probing. Source: Sennrich et al. 2016, "Neural Machine Translation of Rare
/// Words with Subword Units".
struct MergeTable: Sendable {
  private struct Slot {
    var key: UInt64
    var rank: Int32
  }

  /// The rank of a pair that has no merge.
  static let noRank = Int32.max
  /// No pair has this key, since ids are not negative.
  private static let emptyKey = UInt64.max
  /// The most tokens for which looking at every pair for every merge is faster than a queue.
  static let maxShortPiece = 64

  /// The pairs in the order in which they were learnt.
  private(set) var pairs: [TokenPair] = []
  /// The token that each pair makes.
  private(set) var results: [Int32] = []
  private var slots: [Slot] = Array(repeating: Slot(key: emptyKey, rank: noRank), count: 1024)

  /// Adds a merge, ranked after all others.
  ///
  /// - Returns: false if the pair already has a merge; nothing is then changed.
  @discardableResult
  mutating func append(_ pair: TokenPair, result: Int32) -> Bool {
    let index = slotIndex(pair.key)
    guard slots[index].key == Self.emptyKey else { return false }
    slots[index] = Slot(key: pair.key, rank: Int32(pairs.count))
    pairs.append(pair)
    results.append(result)
    if pairs.count * 2 > slots.count { grow() }
    return true
  }

  /// The pair's index among the merges, or `noRank`.
  @inline(__always)
  func rank(_ left: Int32, _ right: Int32) -> Int32 {
    slots[slotIndex(TokenPair(left, right).key)].rank
  }

  /// Applies the merges to `tokens`.
  func merge(_ tokens: inout [Int32]) {
    guard tokens.count <= Self.maxShortPiece else {
      tokens = mergedWithQueue(tokens)
      return
    }
    var ranks = [Int32](repeating: Self.noRank, count: tokens.count)
    let count = mergeShort(&tokens, count: tokens.count, ranks: &ranks)
    tokens.removeSubrange(count...)
  }

  /// Applies the merges to the first `count` of `tokens`, in place, and returns how many remain.
  ///
  /// `ranks` is scratch space. Both arrays have at least `count` elements. The time grows with the
  /// square of `count`; for words that is still faster than a cleverer way.
  func mergeShort(_ tokens: inout [Int32], count: Int, ranks: inout [Int32]) -> Int {
    guard count > 1 else { return count }
    var count = count
    for index in 0..<count - 1 { ranks[index] = rank(tokens[index], tokens[index + 1]) }
    while true {
      var best = Self.noRank
      var place = 0
      for index in 0..<count - 1 where ranks[index] < best {
        best = ranks[index]
        place = index
      }
      guard best != Self.noRank else { return count }
      tokens[place] = results[Int(best)]
      count -= 1
      var index = place + 1
      while index < count {
        tokens[index] = tokens[index + 1]
        ranks[index - 1] = ranks[index]
        index += 1
      }
      // The shift moved the rank of the pair after the merged one; both neighbours are new pairs.
      if place > 0 { ranks[place - 1] = rank(tokens[place - 1], tokens[place]) }
      if place + 1 < count { ranks[place] = rank(tokens[place], tokens[place + 1]) }
    }
  }

  /// The same for any number of tokens in O(n log n), with a linked list and a queue of candidates.
  func mergedWithQueue(_ tokens: [Int32]) -> [Int32] {
    guard tokens.count > 1 else { return tokens }
    var tokens = tokens
    let end = tokens.count
    var next = Array(1...end)
    var previous = Array(-1..<end - 1)
    var queue = Heap<Candidate>()
    for place in 0..<end - 1 {
      let rank = rank(tokens[place], tokens[place + 1])
      if rank != Self.noRank { queue.insert(Candidate(rank: rank, place: place)) }
    }
    while let candidate = queue.popMin() {
      let place = candidate.place
      // A candidate is out of date if one of its two tokens has been merged since.
      guard tokens[place] >= 0, next[place] < end,
        rank(tokens[place], tokens[next[place]]) == candidate.rank
      else { continue }
      let absorbed = next[place]
      tokens[place] = results[Int(candidate.rank)]
      tokens[absorbed] = -1
      next[place] = next[absorbed]
      if next[place] < end { previous[next[place]] = place }
      for left in [previous[place], place] where left >= 0 && next[left] < end {
        let rank = rank(tokens[left], tokens[next[left]])
        if rank != Self.noRank { queue.insert(Candidate(rank: rank, place: left)) }
      }
    }
    return tokens.filter { $0 >= 0 }
  }

  private struct Candidate: Comparable {
    let rank: Int32
    let place: Int

    static func < (first: Candidate, second: Candidate) -> Bool {
      (first.rank, first.place) < (second.rank, second.place)
    }
  }

  /// The slot of `key`, or the empty slot where it belongs.
  @inline(__always)
  private func slotIndex(_ key: UInt64) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while slots[index].key != key && slots[index].key != Self.emptyKey {
      index = (index + 1) & mask
    }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(key: Self.emptyKey, rank: Self.noRank), count: old.count * 2)
    for slot in old where slot.key != Self.emptyKey { slots[slotIndex(slot.key)] = slot }
  }
}
