/// A piece of at most 15 bytes as one value, cheap to hash and to compare.
struct PackedWord: Hashable, Sendable {
  /// The most bytes of a piece.
  static let maxLength = 15

  /// The first eight bytes.
  let low: UInt64
  /// The other bytes; the top byte holds the length.
  let high: UInt64

  /// Nil if the piece is too long.
  @inline(__always)
  init?(_ bytes: [UInt8], from start: Int, to end: Int) {
    let count = end - start
    guard count <= Self.maxLength else { return nil }
    let middle = min(start + 8, end)
    var low: UInt64 = 0
    var high: UInt64 = 0
    for index in start..<middle { low = low << 8 | UInt64(bytes[index]) }
    for index in middle..<end { high = high << 8 | UInt64(bytes[index]) }
    self.low = low
    self.high = high | UInt64(count) << 56
  }

  /// The bytes of the piece.
  var bytes: [UInt8] {
    let count = Int(high >> 56)
    let head = min(count, 8)
    return (0..<count).map { index in
      index < head
        ? UInt8(truncatingIfNeeded: low >> UInt64(8 * (head - 1 - index)))
        : UInt8(truncatingIfNeeded: high >> UInt64(8 * (count - 1 - index)))
    }
  }
}

/// The short pieces that BPE turns into a single token: most words of a text then need one lookup
/// and no merging, with the same result.
struct WordTable: Sendable {
  private struct Slot {
    var low: UInt64 = 0
    /// Zero in an empty slot; in any other the top byte, the length, is at least one.
    var high: UInt64 = 0
    var token: Int32 = -1
  }

  private var slots: [Slot]

  /// - Parameter words: distinct words and their tokens.
  init(_ words: [(word: PackedWord, token: Int32)]) {
    var capacity = 16
    while capacity < words.count * 2 { capacity *= 2 }
    slots = Array(repeating: Slot(), count: capacity)
    for (word, token) in words {
      slots[slotIndex(word)] = Slot(low: word.low, high: word.high, token: token)
    }
  }

  /// The token of `word`; -1 if it has to be merged.
  @inline(__always)
  func token(_ word: PackedWord) -> Int32 {
    slots[slotIndex(word)].token
  }

  @inline(__always)
  private func slotIndex(_ word: PackedWord) -> Int {
    let mask = slots.count - 1
    let mixed = (word.low ^ (word.high &* 0xD6E8_FEB8_6659_FD93)) &* 0x9E37_79B9_7F4A_7C15
    var index = Int(truncatingIfNeeded: mixed >> 32) & mask
    while slots[index].high != 0 && (slots[index].low != word.low || slots[index].high != word.high)
    {
      index = (index + 1) & mask
    }
    return index
  }
}
