/// Splits UTF-8 into pieces; BPE merges inside pieces only.
///
/// The patterns are written out as code, since a regular-expression engine would take longer than
/// all the rest of encoding. Bytes that are not valid UTF-8 are neither space, letter nor number.
/// The pieces are those of the Hugging Face pre-tokenizers with the same patterns.
struct PreTokenizer {
  /// The patterns of well-known models.
  enum Pattern: Sendable, Equatable {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    /// (GPT-2's `encoder.py`).
    case gpt2
    /// Each digit is a piece of its own; between digits, GPT-2's pattern (SmolLM).
    case digitsApart
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
    /// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, where 3 is the value of `atMost`: 3 for
    /// Llama 3, 1 for Qwen2.
    case numbers(atMost: Int)
  }

  /// The kinds of characters that the patterns distinguish.
  enum ScalarClass {
    case letter, number, space, other
  }

  private let bytes: [UInt8]
  private let pattern: Pattern
  /// Where the next piece begins.
  private var start = 0
  /// The end of what the pattern sees: of the text, or of the part before the next digit where
  /// digits are pieces of their own.
  private var limit: Int

  init(_ bytes: [UInt8], _ pattern: Pattern) {
    self.bytes = bytes
    self.pattern = pattern
    limit = bytes.count
    if case .digitsApart = pattern { limit = 0 }
  }

  /// The next piece, never empty; nil at the end.
  mutating func next() -> Range<Int>? {
    guard start < bytes.count else { return nil }
    let end: Int
    switch pattern {
    case .gpt2: end = endOfGPT2Piece()
    case .digitsApart: end = endOfPieceWithDigitsApart()
    case .numbers(let count): end = endOfPiece(maxNumbers: count)
    }
    defer { start = end }
    return start..<end
  }

  private func scalar(at position: Int) -> (kind: ScalarClass, length: Int) {
    Self.scalar(at: position, in: bytes)
  }

  private func endOfGPT2Piece() -> Int {
    let first = bytes[start]
    if first == UInt8(ascii: "'"), let end = endOfContraction(ignoringCase: false) { return end }
    var position = start
    if first == UInt8(ascii: " "), start + 1 < limit { position += 1 }
    let kind = scalar(at: position).kind
    if kind == .space { return endOfSpaces() }
    return endOfRun(of: kind, from: position)
  }

  private mutating func endOfPieceWithDigitsApart() -> Int {
    if start >= limit {
      let first = scalar(at: start)
      if first.kind == .number { return start + first.length }
      limit = start
      while limit < bytes.count {
        let next = scalar(at: limit)
        if next.kind == .number { break }
        limit += next.length
      }
    }
    return endOfGPT2Piece()
  }

  private func endOfPiece(maxNumbers: Int) -> Int {
    let first = bytes[start]
    if first == UInt8(ascii: "'"), let end = endOfContraction(ignoringCase: true) { return end }
    let (kind, length) = scalar(at: start)
    switch kind {
    case .letter: return endOfRun(of: .letter, from: start)
    case .number:
      var position = start + length
      for _ in 1..<maxNumbers where position < limit {
        let next = scalar(at: position)
        guard next.kind == .number else { break }
        position += next.length
      }
      return position
    case .space, .other: break
    }
    let second = start + length
    let following = second < limit ? scalar(at: second).kind : .space
    if following == .letter, !isLineEnd(start) { return endOfRun(of: .letter, from: second) }
    if kind == .other { return endOfLineEnds(from: endOfRun(of: .other, from: start)) }
    if following == .other, first == UInt8(ascii: " ") {
      return endOfLineEnds(from: endOfRun(of: .other, from: second))
    }
    // `\s*[\r\n]+`: all spaces up to the last line end among them.
    var lastLineEnd: Int?
    var position = start
    while position < limit {
      let next = scalar(at: position)
      guard next.kind == .space else { break }
      if isLineEnd(position) { lastLineEnd = position }
      position += next.length
    }
    return lastLineEnd.map { $0 + 1 } ?? endOfSpaces()
  }

  private func isLineEnd(_ position: Int) -> Bool {
    bytes[position] == UInt8(ascii: "\n") || bytes[position] == UInt8(ascii: "\r")
  }

  private func endOfLineEnds(from position: Int) -> Int {
    var position = position
    while position < limit, isLineEnd(position) { position += 1 }
    return position
  }

  private func endOfRun(of kind: ScalarClass, from position: Int) -> Int {
    var position = position
    while position < limit {
      let next = scalar(at: position)
      guard next.kind == kind else { break }
      position += next.length
    }
    return position
  }

  /// The index after `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`, if one of them is here.
  private func endOfContraction(ignoringCase: Bool) -> Int? {
    func letter(_ offset: Int) -> UInt8? {
      let index = start + offset
      guard index < limit else { return nil }
      return ignoringCase && bytes[index] < 0x80 ? bytes[index] | 0x20 : bytes[index]
    }
    switch letter(1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return letter(2) == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"):
      return letter(2) == UInt8(ascii: "l") ? start + 3 : nil
    // Where case is ignored, the long s, U+017F, is an s.
    case 0xC5 where ignoringCase && letter(2) == 0xBF:
      return start + 3
    default:
      return nil
    }
  }

  /// `\s+(?!\S)|\s+`: all spaces, but without the last one if there are several and text follows.
  private func endOfSpaces() -> Int {
    var position = start
    var lastSpace = start
    while position < limit {
      let next = scalar(at: position)
      guard next.kind == .space else { return lastSpace > start ? lastSpace : position }
      lastSpace = position
      position += next.length
    }
    return position
  }

  /// The class and the length in bytes of the character at `position`; an invalid byte has length
  /// 1.
  @inline(__always)
  static func scalar(at position: Int, in bytes: [UInt8]) -> (kind: ScalarClass, length: Int) {
    let byte = bytes[position]
    guard byte >= 0x80 else { return (classOfASCII(byte), 1) }
    return scalarBeyondASCII(at: position, in: bytes)
  }

  @inline(__always)
  private static func classOfASCII(_ byte: UInt8) -> ScalarClass {
    if (byte | 0x20) &- UInt8(ascii: "a") < 26 { return .letter }
    if byte == UInt8(ascii: " ") || byte &- 0x09 < 5 { return .space }
    if byte &- UInt8(ascii: "0") < 10 { return .number }
    return .other
  }

  @inline(never)
  private static func scalarBeyondASCII(
    at position: Int, in bytes: [UInt8]
  ) -> (kind: ScalarClass, length: Int) {
    let lead = bytes[position]
    let length: Int
    var value: UInt32
    switch lead {
    case 0xC2...0xDF: (length, value) = (2, UInt32(lead & 0x1F))
    case 0xE0...0xEF: (length, value) = (3, UInt32(lead & 0x0F))
    case 0xF0...0xF4: (length, value) = (4, UInt32(lead & 0x07))
    default: return (.other, 1)
    }
    guard bytes.count - position >= length else { return (.other, 1) }
    for byte in bytes[position + 1..<position + length] {
      guard byte & 0xC0 == 0x80 else { return (.other, 1) }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    // Overlong forms are below the smallest value of their length; surrogates are no characters.
    let minValue: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    guard value >= minValue, let scalar = Unicode.Scalar(value) else { return (.other, 1) }
    return (classBeyondASCII(scalar), length)
  }

  private static func classBeyondASCII(_ scalar: Unicode.Scalar) -> ScalarClass {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return .letter
    case .decimalNumber, .letterNumber, .otherNumber:
      return .number
    case .spaceSeparator, .lineSeparator, .paragraphSeparator:
      return .space
    default:
      return scalar == "\u{85}" ? .space : .other
    }
  }
}
