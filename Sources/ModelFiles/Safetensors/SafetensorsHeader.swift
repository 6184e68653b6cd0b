import Foundation
import Support

/// The header of a safetensors file: 8 bytes of length, little-endian, then JSON.
///
/// The format: https://github.com/huggingface/safetensors#format
struct SafetensorsHeader {
  static let maxSize = 100_000_000

  private(set) var tensors: [Safetensors.Tensor] = []
  private(set) var metadata: [String: String] = [:]
  /// The position in the file at which the tensors' bytes begin.
  let dataStart: Int

  /// Reads the header and checks every rule against the file's size.
  ///
  /// - Throws: `SafetensorsError`; `FileError` if the file cannot be read.
  init(of file: InputFile) throws {
    let size = UInt64(file.size)
    guard size >= 8 else { throw SafetensorsError.fileTooShort(needed: 8, actual: size) }
    let length = try file.bytes(count: 8, at: 0).reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    guard length <= UInt64(Self.maxSize) else { throw SafetensorsError.headerTooLarge(length) }
    guard length + 8 <= size else {
      throw SafetensorsError.fileTooShort(needed: length + 8, actual: size)
    }
    dataStart = 8 + Int(length)
    let json = try file.bytes(count: Int(length), at: 8)
    guard json.first == UInt8(ascii: "{") else { throw SafetensorsError.headerNotAnObject }
    guard String(bytes: json, encoding: .utf8) != nil else { throw SafetensorsError.invalidUTF8 }
    do {
      try parse(json)
    } catch let failure as JSONScanner.Failure {
      throw SafetensorsError.invalidJSON(position: failure.position, reason: failure.reason)
    }
    try checkOffsets(dataSize: file.size - dataStart)
  }

  private mutating func parse(_ json: [UInt8]) throws {
    var scanner = JSONScanner(json)
    var names: Set<String> = []
    var tensors: [Safetensors.Tensor] = []
    var metadata: [String: String] = [:]
    try scanner.object { scanner, name in
      guard names.insert(name).inserted else { throw SafetensorsError.duplicateKey(name) }
      if name == "__metadata__" {
        try scanner.object { scanner, key in
          let value = try scanner.string()
          guard metadata.updateValue(value, forKey: key) == nil else {
            throw SafetensorsError.duplicateKey(key)
          }
        }
      } else {
        tensors.append(try Self.tensor(name, &scanner))
      }
    }
    try scanner.end()
    self.tensors = tensors
    self.metadata = metadata
  }

  private static func tensor(
    _ name: String, _ scanner: inout JSONScanner
  ) throws -> Safetensors.Tensor {
    var fields: Set<String> = []
    var dtype: Safetensors.DType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { scanner, field in
      guard fields.insert(field).inserted else {
        throw SafetensorsError.duplicateKey("\(name).\(field)")
      }
      switch field {
      case "dtype":
        let type = try scanner.string()
        dtype = Safetensors.DType(rawValue: type)
        guard dtype != nil else { throw SafetensorsError.unknownType(tensor: name, type: type) }
      case "shape":
        shape = try scanner.integers(
          negative: .negativeShape(tensor: name), overflow: .shapeOverflow(tensor: name))
      case "data_offsets":
        let error = SafetensorsError.invalidOffsets(tensor: name)
        offsets = try scanner.integers(negative: error, overflow: error)
      default: try scanner.skipValue()
      }
    }
    guard let dtype else { throw SafetensorsError.missingField(tensor: name, field: "dtype") }
    guard let shape else { throw SafetensorsError.missingField(tensor: name, field: "shape") }
    guard let offsets else {
      throw SafetensorsError.missingField(tensor: name, field: "data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw SafetensorsError.invalidOffsets(tensor: name)
    }
    return Safetensors.Tensor(
      name: name, shape: shape, dtype: dtype, byteRange: offsets[0]..<offsets[1])
  }

  /// Puts the tensors in the order of their bytes and checks that these fill the file exactly.
  private mutating func checkOffsets(dataSize: Int) throws {
    tensors.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound)
        < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    var expected = 0
    for tensor in tensors {
      let found = tensor.byteRange.lowerBound
      if found > expected {
        throw SafetensorsError.hole(tensor: tensor.name, expected: expected, found: found)
      }
      if found < expected {
        throw SafetensorsError.overlap(tensor: tensor.name, expected: expected, found: found)
      }
      var needed = tensor.dtype.size
      for size in tensor.shape {
        let (product, overflow) = needed.multipliedReportingOverflow(by: size)
        if overflow { throw SafetensorsError.shapeOverflow(tensor: tensor.name) }
        needed = product
      }
      guard needed == tensor.byteRange.count else {
        throw SafetensorsError.sizeMismatch(
          tensor: tensor.name, needed: needed, found: tensor.byteRange.count)
      }
      expected = tensor.byteRange.upperBound
    }
    if expected > dataSize {
      throw SafetensorsError.fileTooShort(
        needed: UInt64(dataStart) + UInt64(expected), actual: UInt64(dataStart + dataSize))
    }
    if expected < dataSize { throw SafetensorsError.trailingBytes(dataSize - expected) }
  }

  /// The bytes that open a file of these tensors: length and JSON, padded with spaces so that the
  /// data begins at a multiple of 8.
  static func encode(_ tensors: [Safetensors.Tensor], metadata: [String: String]) -> Data {
    let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
    let members = tensors.map { tensor in
      let value: JSONValue = [
        "dtype": .string(tensor.dtype.rawValue), "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": [
          .integer(tensor.byteRange.lowerBound), .integer(tensor.byteRange.upperBound),
        ],
      ]
      return (tensor.name, value)
    }
    let header = JSONValue.object([("__metadata__", .object(pairs))] + members)
    var json = Array(header.compact.utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    let length = UInt64(json.count)
    return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json)
  }
}

extension JSONScanner {
  /// An array of integers that are not negative.
  fileprivate mutating func integers(
    negative: SafetensorsError, overflow: SafetensorsError
  ) throws -> [Int] {
    var values: [Int] = []
    try array { scanner in
      let (isNegative, magnitude) = try scanner.integer()
      if isNegative { throw negative }
      guard let magnitude else { throw overflow }
      values.append(magnitude)
    }
    return values
  }
}
