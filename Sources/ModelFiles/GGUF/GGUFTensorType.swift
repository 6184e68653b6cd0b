import Kernels

extension GGUF {
  /// How the numbers of a tensor are stored: as floats, or in blocks of small integers with scales.
  ///
  /// The layouts are those of `ggml-quants.c` and of `quants.py` in the `gguf` package.
  public enum TensorType: UInt32, CaseIterable, Sendable {
    case f32 = 0
    case f16 = 1
    case q40 = 2
    case q41 = 3
    case q50 = 6
    case q51 = 7
    case q80 = 8
    case q4K = 12
    case q5K = 13
    case q6K = 14
    case bf16 = 30

    /// The names of all types there are, for errors.
    private static let names: [UInt32: String] = [
      0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1",
      10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS",
      17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S",
      23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 30: "BF16",
      34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]

    public var name: String { Self.name(rawValue) }

    static func name(_ code: UInt32) -> String { names[code] ?? "number \(code)" }

    /// Numbers of a block.
    public var blockSize: Int {
      switch self {
      case .f32, .f16, .bf16: 1
      case .q40, .q41, .q50, .q51, .q80: 32
      case .q4K, .q5K, .q6K: 256
      }
    }

    /// Bytes of a block.
    public var blockBytes: Int {
      switch self {
      case .f32: 4
      case .f16, .bf16: 2
      case .q40: 2 + 16
      case .q41: 4 + 16
      case .q50: 2 + 4 + 16
      case .q51: 4 + 4 + 16
      case .q80: 2 + 32
      case .q4K: 4 + 12 + 128
      case .q5K: 4 + 12 + 32 + 128
      case .q6K: 128 + 64 + 16 + 2
      }
    }

    /// The bytes of a tensor; nil where its rows are not whole blocks, or the number is too large.
    ///
    /// - Parameter shape: as GGUF orders it, the contiguous size first.
    func byteCount(shape: [Int]) -> Int? {
      guard let row = shape.first else { return blockSize == 1 ? blockBytes : nil }
      guard row % blockSize == 0 else { return nil }
      var bytes = row / blockSize
      for size in shape.dropFirst() + [blockBytes] {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
        if overflow || product > 1 << 46 { return nil }
        bytes = product
      }
      return bytes
    }

    /// Turns whole blocks into floats.
    ///
    /// - Precondition: as many bytes as the blocks of `destination` have.
    func dequantise(_ bytes: ArraySlice<UInt8>, into destination: Floats) {
      precondition(bytes.count / blockBytes * blockSize == destination.count)
      bytes.withUnsafeBytes { all in
        for block in 0..<destination.count / blockSize {
          let source = UnsafeRawBufferPointer(
            rebasing: all[(block * blockBytes)..<((block + 1) * blockBytes)])
          dequantiseBlock(source, destination.slice(block * blockSize, blockSize))
        }
      }
    }

    private func dequantiseBlock(_ block: UnsafeRawBufferPointer, _ out: Floats) {
      switch self {
      case .f32:
        out[0] = Float(
          bitPattern: UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
      case .f16: out[0] = half(block, 0)
      case .bf16: out[0] = Float(bitPattern: UInt32(word(block, 0)) << 16)
      case .q80:
        let scale = half(block, 0)
        for index in 0..<32 { out[index] = scale * Float(Int8(bitPattern: block[2 + index])) }
      case .q40:
        let scale = half(block, 0)
        for index in 0..<16 {
          let byte = block[2 + index]
          out[index] = scale * Float(Int(byte & 15) - 8)
          out[index + 16] = scale * Float(Int(byte >> 4) - 8)
        }
      case .q41:
        let (scale, least) = (half(block, 0), half(block, 2))
        for index in 0..<16 {
          let byte = block[4 + index]
          out[index] = scale * Float(byte & 15) + least
          out[index + 16] = scale * Float(byte >> 4) + least
        }
      case .q50, .q51:
        let hasLeast = self == .q51
        let (scale, least) = (half(block, 0), hasLeast ? half(block, 2) : 0)
        let start = hasLeast ? 4 : 2
        let high = UInt32(
          littleEndian: block.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        let offset = hasLeast ? 0 : 16
        for index in 0..<16 {
          let byte = block[start + 4 + index]
          let low = Int(byte & 15) | Int(high >> UInt32(index) & 1) << 4
          let top = Int(byte >> 4) | Int(high >> UInt32(index + 16) & 1) << 4
          out[index] = scale * Float(low - offset) + least
          out[index + 16] = scale * Float(top - offset) + least
        }
      case .q4K, .q5K:
        let (scale, least) = (half(block, 0), half(block, 2))
        let highs = 16
        let quants = self == .q5K ? 48 : 16
        for part in 0..<8 {
          let (partScale, partLeast) = Self.scales(block, part)
          let (d, m) = (scale * Float(partScale), least * Float(partLeast))
          // Two parts of 32 share 32 bytes: one in the low halves, one in the high ones.
          for index in 0..<32 {
            let byte = block[quants + part / 2 * 32 + index]
            var quant = Int(part % 2 == 0 ? byte & 15 : byte >> 4)
            if self == .q5K { quant |= Int(block[highs + index] >> UInt8(part) & 1) << 4 }
            out[part * 32 + index] = d * Float(quant) - m
          }
        }
      case .q6K:
        let scale = half(block, 208)
        for part in 0..<2 {
          for index in 0..<32 {
            let (first, second) = (block[part * 64 + index], block[part * 64 + 32 + index])
            let high = block[128 + part * 32 + index]
            let quants = [
              Int(first & 15) | Int(high & 3) << 4, Int(second & 15) | Int(high >> 2 & 3) << 4,
              Int(first >> 4) | Int(high >> 4 & 3) << 4, Int(second >> 4) | Int(high >> 6 & 3) << 4,
            ]
            for row in 0..<4 {
              let own = Int8(bitPattern: block[192 + part * 8 + row * 2 + index / 16])
              out[part * 128 + row * 32 + index] =
                scale * Float(own) * Float(quants[row] - 32)
            }
          }
        }
      }
    }

    /// The 6-bit scale and minimum of one of eight parts, packed into the 12 bytes from 4 on.
    private static func scales(_ block: UnsafeRawBufferPointer, _ part: Int) -> (UInt8, UInt8) {
      if part < 4 { return (block[4 + part] & 63, block[8 + part] & 63) }
      let shared = block[8 + part]
      return (
        shared & 15 | (block[part] >> 6) << 4, shared >> 4 | (block[4 + part] >> 6) << 4
      )
    }

    private func word(_ block: UnsafeRawBufferPointer, _ offset: Int) -> UInt16 {
      UInt16(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    private func half(_ block: UnsafeRawBufferPointer, _ offset: Int) -> Float {
      Float(Float16(bitPattern: word(block, offset)))
    }
  }
}
