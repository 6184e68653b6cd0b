/// GPT-2's printable characters for the 256 bytes.
///
/// A byte-level vocabulary is stored as JSON strings, so each byte is written as one printable
/// character: bytes that are printable in Latin-1 as themselves, the other 68 as U+0100, U+0101, …
/// in ascending order (a space is `Ġ`, a newline `Ċ`). Source: `bytes_to_unicode` in GPT-2's
/// `encoder.py`.
enum ByteAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt8 = 0
    return (UInt8.min...UInt8.max).map { byte in
      if isPrintable(byte) { return Unicode.Scalar(byte) }
      defer { next += 1 }
      return shifted(next)
    }
  }()

  /// The bytes in ascending order of their characters. They get their ids in this order, as in
  /// GPT-2 and in the Hugging Face trainer.
  static let bytesInVocabularyOrder: [UInt8] = {
    let all = UInt8.min...UInt8.max
    return all.filter(isPrintable) + all.filter { !isPrintable($0) }
  }()

  private static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: zip(scalars, UInt8.min...UInt8.max))

  /// The printable spelling of `bytes`.
  static func spelling(_ bytes: some Sequence<UInt8>) -> String {
    var spelling = String.UnicodeScalarView()
    for byte in bytes { spelling.append(scalars[Int(byte)]) }
    return String(spelling)
  }

  /// The bytes that `spelling` stands for; nil if it has a character outside the alphabet.
  static func bytes(_ spelling: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(spelling.utf8.count)
    for scalar in spelling.unicodeScalars {
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }

  private static func isPrintable(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
  }

  /// The character U+0100 + `index`.
  private static func shifted(_ index: UInt8) -> Unicode.Scalar {
    // U+0100...U+01FF are not surrogates, so the fallback is never used.
    Unicode.Scalar(0x100 + UInt16(index)) ?? "\u{FFFD}"
  }
}
