import Randomness

/// Draws the words of one document from those of pretraining, none twice.
struct WordSampler {
  /// The share of short words.
  static let shortShare = 0.85

  private let short = Lexicon.short.pretraining
  private let long = Lexicon.long.pretraining
  /// The indices of words drawn so far: of short words, and after all of those, of long words.
  private var used: Set<Int> = []

  init(capacity: Int) { used.reserveCapacity(capacity) }

  mutating func word(using random: inout RandomGenerator) -> String {
    while true {
      let isShort = random.chance(Self.shortShare)
      let place = random.integer(below: isShort ? short.count : long.count)
      if used.insert(isShort ? place : short.count + place).inserted {
        return isShort ? short[place] : long[place]
      }
    }
  }

  mutating func words(_ count: Int, using random: inout RandomGenerator) -> [String] {
    (0..<count).map { _ in word(using: &random) }
  }
}
