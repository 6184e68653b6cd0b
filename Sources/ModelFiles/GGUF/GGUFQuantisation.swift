import Kernels

extension GGUF.TensorType {
  /// The types that are written.
  public static let written: [GGUF.TensorType] = [.f32, .f16, .bf16, .q80]

  /// The bytes of some floats in whole blocks: those that `quantize` of `quants.py` in the `gguf`
  /// package gives, which are those of llama.cpp.
  ///
  /// - Returns: nil where a number is too large for the type.
  /// - Precondition: the type is one of `written`.
  func quantise(_ floats: Floats) -> [UInt8]? {
    precondition(floats.count % blockSize == 0)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(floats.count / blockSize * blockBytes)
    func append(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    switch self {
    case .f32: for index in 0..<floats.count { append(floats[index].bitPattern) }
    case .f16:
      for index in 0..<floats.count {
        let half = Float16(floats[index])
        guard half.isFinite else { return nil }
        append(half.bitPattern)
      }
    case .bf16:
      for index in 0..<floats.count {
        let bits = floats[index].bitPattern
        // To the nearest, of two equally near ones to the even.
        let (rounded, overflow) = bits.addingReportingOverflow(0x7FFF + (bits >> 16 & 1))
        guard !overflow, rounded & 0x7F80_0000 != 0x7F80_0000 else { return nil }
        append(UInt16(rounded >> 16))
      }
    case .q80:
      for first in stride(from: 0, to: floats.count, by: 32) {
        let block = floats.slice(first, 32)
        let scale = (0..<32).reduce(Float(0)) { max($0, abs(block[$1])) } / 127
        let half = Float16(scale)
        guard half.isFinite else { return nil }
        append(half.bitPattern)
        let inverse = 1 / scale
        for index in 0..<32 {
          // Numbers so small that their scale has no inverse are zero.
          let level = inverse.isFinite ? block[index] * inverse : 0
          append(Int8(level.rounded(.toNearestOrAwayFromZero)))
        }
      }
    default: preconditionFailure("\(name) is not written")
    }
    return bytes
  }
}
