import Foundation
import Kernels
import Support

/// Writes a GGUF file of version 3: the metadata in the order in which it is set, then the tensors.
///
/// Equal calls give equal bytes.
struct GGUFWriter {
  /// A tensor, whose numbers are made when they are written.
  private struct Tensor {
    let name: String
    /// As PyTorch orders it.
    let shape: [Int]
    let type: GGUF.TensorType
    let byteCount: Int
    /// Calls its argument with the numbers.
    let floats: ((Floats) throws -> Void) throws -> Void
  }

  /// Tensors begin at multiples of this number of bytes, counted from the end of the header.
  private static let alignment = 32

  private var keyCount: UInt64 = 0
  private var metadata: [UInt8] = []
  private var tensors: [Tensor] = []

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func bytes(_ text: String) -> [UInt8] {
    bytes(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  private mutating func set(_ key: String, _ type: UInt32, _ value: [UInt8]) {
    keyCount += 1
    metadata += Self.bytes(key) + Self.bytes(type) + value
  }

  /// A whole number, as llama.cpp reads sizes and ids.
  ///
  /// - Precondition: it is not negative and fits in 32 bits.
  mutating func set(_ key: String, _ number: Int) { set(key, 4, Self.bytes(UInt32(number))) }
  mutating func set(_ key: String, _ number: Float) { set(key, 6, Self.bytes(number.bitPattern)) }
  mutating func set(_ key: String, _ flag: Bool) { set(key, 7, [flag ? 1 : 0]) }
  mutating func set(_ key: String, _ text: String) { set(key, 8, Self.bytes(text)) }

  mutating func set(_ key: String, _ texts: [String]) {
    set(key, 9, Self.bytes(UInt32(8)) + Self.bytes(UInt64(texts.count)) + texts.flatMap(Self.bytes))
  }

  mutating func set(_ key: String, _ numbers: [Int32]) {
    set(
      key, 9,
      Self.bytes(UInt32(5)) + Self.bytes(UInt64(numbers.count)) + numbers.flatMap { Self.bytes($0) }
    )
  }

  /// Adds a tensor.
  ///
  /// - Parameter floats: calls its argument with the numbers, row-major.
  /// - Precondition: rows are whole blocks of the type.
  mutating func add(
    _ name: String, shape: [Int], type: GGUF.TensorType,
    floats: @escaping ((Floats) throws -> Void) throws -> Void
  ) {
    guard let byteCount = type.byteCount(shape: shape.reversed()) else {
      preconditionFailure("\(name) does not fit \(type.name)")
    }
    tensors.append(
      Tensor(name: name, shape: shape, type: type, byteCount: byteCount, floats: floats))
  }

  /// Writes the file atomically.
  ///
  /// - Throws: `FileError` if it cannot be written, `GGUFError.tooLarge` for a number that does not
  ///   fit its type.
  func write(to url: URL) throws {
    func padded(_ count: Int) -> Int {
      (count + Self.alignment - 1) / Self.alignment * Self.alignment
    }
    var header = Array("GGUF".utf8) + Self.bytes(UInt32(3))
    header += Self.bytes(UInt64(tensors.count)) + Self.bytes(keyCount) + metadata
    var offset = 0
    for tensor in tensors {
      header += Self.bytes(tensor.name) + Self.bytes(UInt32(tensor.shape.count))
      for size in tensor.shape.reversed() { header += Self.bytes(UInt64(size)) }
      header += Self.bytes(tensor.type.rawValue) + Self.bytes(UInt64(offset))
      offset += padded(tensor.byteCount)
    }
    header += [UInt8](repeating: 0, count: padded(header.count) - header.count)
    try AtomicFile.write(to: url) { file in
      try file.write(Data(header))
      for tensor in tensors {
        try tensor.floats { try Self.write($0, of: tensor, to: file) }
        let padding = padded(tensor.byteCount) - tensor.byteCount
        try file.write(Data(count: padding))
      }
    }
  }

  /// Writes the numbers a piece at a time, so that their bytes are never all in memory.
  private static func write(_ floats: Floats, of tensor: Tensor, to file: OutputFile) throws {
    let step = 1 << 16
    for first in stride(from: 0, to: floats.count, by: step) {
      let piece = floats.slice(first, min(step, floats.count - first))
      guard let bytes = tensor.type.quantise(piece) else {
        throw GGUFError.tooLarge(tensor: tensor.name, type: tensor.type.name)
      }
      try bytes.withUnsafeBytes { try file.write($0) }
    }
  }
}
