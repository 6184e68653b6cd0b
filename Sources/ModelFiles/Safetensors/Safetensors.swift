import Foundation
import Kernels
import Support

/// A safetensors file, open for reading.
///
/// Its header is read, and every rule of the format checked against the file's size, before any
/// memory is reserved for a tensor; no file, however damaged, stops the process. The format is
/// described at https://github.com/huggingface/safetensors#format
public struct Safetensors: Sendable {
  /// How one number is stored.
  public enum DType: String, CaseIterable, Sendable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case i64 = "I64"
    case u64 = "U64"
    case f64 = "F64"

    /// Bytes of one number.
    public var size: Int {
      switch self {
      case .bool, .u8, .i8, .f8e5m2, .f8e4m3: 1
      case .i16, .u16, .f16, .bf16: 2
      case .i32, .u32, .f32: 4
      case .i64, .u64, .f64: 8
      }
    }
  }

  /// One tensor as the header describes it.
  public struct Tensor: Equatable, Sendable {
    public let name: String
    public let shape: [Int]
    public let dtype: DType
    /// Its bytes, counted from the end of the header.
    public let byteRange: Range<Int>

    /// Numbers in it.
    public var count: Int { byteRange.count / dtype.size }
  }

  /// Every tensor, in the order of their bytes.
  public let tensors: [Tensor]
  /// What the writer noted: `__metadata__` of the header.
  public let metadata: [String: String]
  private let file: InputFile
  private let dataStart: Int
  private let indices: [String: Int]

  /// Opens a file and reads its header.
  ///
  /// - Throws: `SafetensorsError` for the rule that the file breaks; `FileError` if it cannot
  ///   be read.
  public init(contentsOf url: URL) throws {
    file = try InputFile(url)
    let header = try SafetensorsHeader(of: file)
    tensors = header.tensors
    metadata = header.metadata
    dataStart = header.dataStart
    indices = Dictionary(
      zip(tensors.map(\.name), tensors.indices), uniquingKeysWith: { first, _ in first })
  }

  /// What the header says of a tensor.
  ///
  /// - Throws: `TensorError.missing`.
  public func tensor(named name: String) throws -> Tensor {
    guard let index = indices[name] else { throw TensorError.missing(name) }
    return tensors[index]
  }

  /// The bytes of one tensor of any type.
  ///
  /// - Throws: `TensorError.missing`; `FileError` if the file cannot be read.
  public func data(named name: String) throws -> Data {
    let range = try tensor(named: name).byteRange
    return Data(try file.bytes(count: range.count, at: dataStart + range.lowerBound))
  }

  /// Writes a file of F32 tensors, in the order given, atomically (see `AtomicFile`).
  ///
  /// The metadata says `"format": "pt"`, which transformers requires, unless another is given.
  ///
  /// - Throws: `SafetensorsError` if a name comes twice, `TensorError` if a shape does not fit its
  ///   floats, `FileError` if the file cannot be written.
  public static func write(
    _ tensors: [(name: String, shape: [Int], floats: Floats)], metadata: [String: String] = [:],
    to url: URL
  ) throws {
    var names: Set<String> = []
    var offset = 0
    var entries: [Tensor] = []
    for (name, shape, floats) in tensors {
      guard name != "__metadata__" else { throw SafetensorsError.reservedName }
      guard names.insert(name).inserted else { throw SafetensorsError.duplicateKey(name) }
      guard shape.allSatisfy({ $0 >= 0 }) else {
        throw SafetensorsError.negativeShape(tensor: name)
      }
      var count = 1
      for size in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        if overflow { throw SafetensorsError.shapeOverflow(tensor: name) }
        count = product
      }
      guard count == floats.count else {
        throw TensorError.unexpectedShape(
          tensor: name, expected: shape, found: [floats.count])
      }
      let end = offset + count * DType.f32.size
      entries.append(Tensor(name: name, shape: shape, dtype: .f32, byteRange: offset..<end))
      offset = end
    }
    let metadata = metadata.merging(["format": "pt"]) { given, _ in given }
    try AtomicFile.write(to: url) { file in
      try file.write(SafetensorsHeader.encode(entries, metadata: metadata))
      for tensor in tensors { try tensor.floats.withBytes { try file.write($0) } }
    }
  }
}

// MARK: Reading as floats

extension Safetensors: TensorSource {
  public var url: URL { file.url }
  public var tensorNames: [String] { tensors.map(\.name) }

  public func file(ofTensor name: String) -> URL { url }

  public func shape(ofTensor name: String) throws -> [Int] { try tensor(named: name).shape }

  public func checkType(ofTensor name: String) throws {
    let tensor = try tensor(named: name)
    guard [.f64, .f32, .f16, .bf16].contains(tensor.dtype) else { throw Self.unsupported(tensor) }
  }

  private static func unsupported(_ tensor: Tensor) -> TensorError {
    .unsupportedType(
      tensor: tensor.name, type: tensor.dtype.rawValue, supported: "F64, F32, F16 and BF16")
  }

  public func readFloats(ofTensor name: String, into destination: Floats) throws {
    let tensor = try tensor(named: name)
    guard tensor.count == destination.count else {
      throw TensorError.unexpectedShape(
        tensor: name, expected: [destination.count], found: tensor.shape)
    }
    let start = dataStart + tensor.byteRange.lowerBound
    switch tensor.dtype {
    case .f32: try destination.withMutableBytes { try file.read(into: $0, at: start) }
    case .f16:
      try read(UInt16.self, at: start, into: destination) { Float(Float16(bitPattern: $0)) }
    case .bf16:
      try read(UInt16.self, at: start, into: destination) { Float(bitPattern: UInt32($0) << 16) }
    case .f64:
      try read(UInt64.self, at: start, into: destination) { Float(Double(bitPattern: $0)) }
    default: throw Self.unsupported(tensor)
    }
  }

  /// Reads numbers of another type a block at a time and converts their bits.
  private func read<Bits: FixedWidthInteger>(
    _ type: Bits.Type, at start: Int, into destination: Floats, _ convert: (Bits) -> Float
  ) throws {
    let size = MemoryLayout<Bits>.size
    var block = [Bits](repeating: 0, count: min(destination.count, 1 << 15))
    var done = 0
    while done < destination.count {
      let count = min(block.count, destination.count - done)
      try block.withUnsafeMutableBytes {
        try file.read(into: .init(rebasing: $0[..<(size * count)]), at: start + size * done)
      }
      for index in 0..<count {
        destination[done + index] = convert(Bits(littleEndian: block[index]))
      }
      done += count
    }
  }
}
