/// Splits bytes into the pieces inside which BPE merges, as GPT-2's pattern does:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// Written by hand over UTF-8, since a regular-expression engine would cost more than the rest of
/// encoding together. Bytes that are not valid UTF-8 count as neither space, letter nor number.
/// Source: GPT-2's `encoder.py`; the splits are those of the Hugging Face `ByteLevel` pre-tokenizer.
enum PreTokenizer {
  /// What the pattern tells apart.
  enum ScalarClass {
    case letter, number, space, other
  }

  /// The index past the piece that begins at `start`; always greater than `start`.
  ///
  /// - Precondition: `start` is an index of `bytes` at which a piece begins.
  static func end(ofPieceAt start: Int, in bytes: [UInt8]) -> Int {
    let first = bytes[start]
    if first == UInt8(ascii: "'"), let end = endOfContraction(at: start, in: bytes) { return end }
    var position = start
    if first == UInt8(ascii: " "), start + 1 < bytes.count { position += 1 }
    let (kind, length) = scalar(at: position, in: bytes)
    if kind == .space { return endOfSpaces(at: start, in: bytes) }
    position += length
    while position < bytes.count {
      let next = scalar(at: position, in: bytes)
      guard next.kind == kind else { break }
      position += next.length
    }
    return position
  }

  /// The index past `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at `start`, if one of them is there.
  private static func endOfContraction(at start: Int, in bytes: [UInt8]) -> Int? {
    guard start + 1 < bytes.count else { return nil }
    let second = bytes[start + 1]
    switch second {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      let last = second == UInt8(ascii: "l") ? second : UInt8(ascii: "e")
      return start + 2 < bytes.count && bytes[start + 2] == last ? start + 3 : nil
    default:
      return nil
    }
  }

  /// `\s+(?!\S)|\s+`: all the spaces, less the last one when something follows and others remain.
  private static func endOfSpaces(at start: Int, in bytes: [UInt8]) -> Int {
    var position = start
    var lastSpace = start
    while position < bytes.count {
      let next = scalar(at: position, in: bytes)
      guard next.kind == .space else { return lastSpace > start ? lastSpace : position }
      lastSpace = position
      position += next.length
    }
    return position
  }

  /// The class and the length in bytes of the scalar at `position`; one byte when it is invalid.
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
    // Overlong forms are below the least value of their length; surrogates make no scalar.
    let least: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    guard value >= least, let scalar = Unicode.Scalar(value) else { return (.other, 1) }
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
