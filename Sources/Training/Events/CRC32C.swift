/// The checksum of TensorFlow's record files: CRC-32C (Castagnoli), RFC 3720 appendix B.4.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1
    }
  }

  static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8
    }
  }

  /// The checksum as record files store it: rotated and offset, since a plain checksum of bytes
  /// that contain checksums is weak.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = checksum(of: bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
