/// The hash FNV-1a of 64 bits (Fowler, Noll and Vo): the same on every machine and in every run,
/// unlike Swift's own.
public struct FNV1a: Sendable {
  /// The hash of what was combined so far.
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  public init() {}

  /// Takes in a byte, or a whole number as if it were one byte.
  public mutating func combine(_ part: UInt64) {
    value = (value ^ part) &* 0x0000_0100_0000_01B3
  }

  /// The hash of a text's UTF-8 bytes.
  public static func hash(of text: String) -> UInt64 {
    var hash = FNV1a()
    for byte in text.utf8 { hash.combine(UInt64(byte)) }
    return hash.value
  }
}
