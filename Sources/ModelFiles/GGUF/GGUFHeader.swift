import Support

/// The header of a GGUF file: read within bounds, every rule checked.
struct GGUFHeader {
  /// Bytes of the largest header that is read; vocabularies of a quarter of a million tokens have
  /// about ten million.
  private static let maxSize = 1 << 28
  private static let maxKeys = 1 << 16
  private static let maxTensors = 1 << 16
  private static let maxDimensions = 4
  /// Elements of all lists together: those of tokens, their types and merges are some hundred
  /// thousand each.
  private static let maxElements = 1 << 23

  private(set) var metadata: [String: GGUF.Value] = [:]
  private(set) var tensors: [GGUF.Tensor] = []

  /// - Throws: `GGUFError`; `FileError` if the file cannot be read.
  init(of file: InputFile) throws {
    var reader = Reader(file, limit: Self.maxSize)
    guard file.size >= 4, try reader.bytes(4) == Array("GGUF".utf8) else {
      throw GGUFError.notGGUF
    }
    let version = try reader.unsigned(UInt32.self)
    guard (2...3).contains(version) else { throw GGUFError.unsupportedVersion(version) }
    let tensorCount = try reader.count("tensors", limit: Self.maxTensors)
    let keyCount = try reader.count("keys", limit: Self.maxKeys)
    for _ in 0..<keyCount {
      let key = try reader.string()
      let value = try reader.value(key)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw GGUFError.duplicateKey(key)
      }
    }
    var alignment = 32
    if let value = metadata["general.alignment"] {
      guard case .integer(let number) = value, (1...65536).contains(number),
        number & (number - 1) == 0
      else {
        if case .integer(let number) = value { throw GGUFError.badAlignment(number) }
        throw GGUFError.wrongValue(key: "general.alignment", expected: "a whole number")
      }
      alignment = number
    }
    var entries: [(name: String, shape: [Int], type: GGUF.TensorType, offset: UInt64)] = []
    var names: Set<String> = []
    for _ in 0..<tensorCount {
      let name = try reader.string()
      guard names.insert(name).inserted else { throw GGUFError.duplicateKey(name) }
      let dimensions = try reader.unsigned(UInt32.self)
      guard dimensions <= Self.maxDimensions else { throw GGUFError.badShape(tensor: name) }
      var shape: [Int] = []
      for _ in 0..<dimensions {
        guard let size = Int(exactly: try reader.unsigned(UInt64.self)) else {
          throw GGUFError.badShape(tensor: name)
        }
        shape.append(size)
      }
      let code = try reader.unsigned(UInt32.self)
      guard let type = GGUF.TensorType(rawValue: code) else {
        throw GGUFError.unsupportedTensorType(tensor: name, type: code)
      }
      entries.append((name, shape, type, try reader.unsigned(UInt64.self)))
    }
    let dataStart = (reader.position + alignment - 1) / alignment * alignment
    tensors = try entries.map { entry in
      guard let bytes = entry.type.byteCount(shape: entry.shape) else {
        throw GGUFError.badShape(tensor: entry.name)
      }
      guard entry.offset % UInt64(alignment) == 0 else {
        throw GGUFError.misaligned(tensor: entry.name, offset: entry.offset)
      }
      guard let offset = Int(exactly: entry.offset), dataStart <= file.size,
        offset <= file.size - dataStart, bytes <= file.size - dataStart - offset
      else { throw GGUFError.outOfBounds(tensor: entry.name) }
      let start = dataStart + offset
      return GGUF.Tensor(
        name: entry.name, shape: entry.shape.reversed(), type: entry.type,
        byteRange: start..<start + bytes)
    }
    let sorted = tensors.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
    for (first, second) in zip(sorted, sorted.dropFirst())
    where first.byteRange.upperBound > second.byteRange.lowerBound
      && !first.byteRange.isEmpty && !second.byteRange.isEmpty
    {
      throw GGUFError.overlap(tensor: second.name, other: first.name)
    }
  }
}

extension GGUFHeader {
  /// Reads little-endian values one after another, a block of the file at a time.
  private struct Reader {
    private let file: InputFile
    /// Where the header must have ended.
    private let end: Int
    private var block: [UInt8] = []
    private var blockStart = 0
    /// Elements of lists that may still come.
    private var elementsLeft = GGUFHeader.maxElements
    private(set) var position = 0

    init(_ file: InputFile, limit: Int) {
      self.file = file
      end = min(file.size, limit)
    }

    mutating func bytes(_ count: Int) throws -> [UInt8] {
      guard count <= end - position else { throw GGUFError.truncated }
      defer { position += count }
      if position + count > blockStart + block.count {
        if count > 1 << 16 { return try file.bytes(count: count, at: position) }
        blockStart = position
        block = try file.bytes(count: min(1 << 18, end - position), at: position)
      }
      let start = position - blockStart
      return Array(block[start..<start + count])
    }

    mutating func unsigned<Number: FixedWidthInteger & UnsignedInteger>(
      _ type: Number.Type
    ) throws -> Number {
      try bytes(MemoryLayout<Number>.size).reversed().reduce(Number(0)) { number, byte in
        Number(truncatingIfNeeded: UInt64(number) << 8 | UInt64(byte))
      }
    }

    /// A number of things that follow.
    mutating func count(_ what: String, limit: Int) throws -> Int {
      let count = try unsigned(UInt64.self)
      guard count <= UInt64(limit) else {
        throw GGUFError.tooMany(what, count: count, limit: limit)
      }
      return Int(count)
    }

    mutating func string() throws -> String {
      let length = try unsigned(UInt64.self)
      guard length <= UInt64(end - position) else { throw GGUFError.truncated }
      guard let text = String(validating: try bytes(Int(length)), as: UTF8.self) else {
        throw GGUFError.invalidUTF8
      }
      return text
    }

    mutating func value(_ key: String) throws -> GGUF.Value {
      let type = try unsigned(UInt32.self)
      guard type == 9 else { return try scalar(key, type) }
      let element = try unsigned(UInt32.self)
      guard element != 9 else { throw GGUFError.nestedTooDeep(key: key) }
      let count = try unsigned(UInt64.self)
      // Every element has a byte at least, so that a count cannot ask for much more memory than the
      // file has bytes.
      guard count <= UInt64(end - position) else { throw GGUFError.truncated }
      guard count <= UInt64(elementsLeft) else {
        throw GGUFError.tooMany("list elements", count: count, limit: GGUFHeader.maxElements)
      }
      elementsLeft -= Int(count)
      switch element {
      case 8: return .strings(try (0..<Int(count)).map { _ in try string() })
      case 7: return .booleans(try (0..<Int(count)).map { _ in try boolean() })
      default: break
      }
      var integers: [Int] = []
      var numbers: [Double] = []
      for _ in 0..<Int(count) {
        switch try scalar(key, element) {
        case .integer(let number): integers.append(number)
        case .number(let number): numbers.append(number)
        default: throw GGUFError.wrongValue(key: key, expected: "a list of numbers below 2^63")
        }
      }
      return element == 6 || element == 12 ? .numbers(numbers) : .integers(integers)
    }

    private mutating func boolean() throws -> Bool { try unsigned(UInt8.self) != 0 }

    private mutating func scalar(_ key: String, _ type: UInt32) throws -> GGUF.Value {
      switch type {
      case 0: return .integer(Int(try unsigned(UInt8.self)))
      case 1: return .integer(Int(Int8(bitPattern: try unsigned(UInt8.self))))
      case 2: return .integer(Int(try unsigned(UInt16.self)))
      case 3: return .integer(Int(Int16(bitPattern: try unsigned(UInt16.self))))
      case 4: return .integer(Int(try unsigned(UInt32.self)))
      case 5: return .integer(Int(Int32(bitPattern: try unsigned(UInt32.self))))
      case 6: return .number(Double(Float(bitPattern: try unsigned(UInt32.self))))
      case 7: return .boolean(try boolean())
      case 8: return .string(try string())
      case 10:
        let number = try unsigned(UInt64.self)
        return Int(exactly: number).map(GGUF.Value.integer) ?? .unsigned(number)
      case 11: return .integer(Int(Int64(bitPattern: try unsigned(UInt64.self))))
      case 12: return .number(Double(bitPattern: try unsigned(UInt64.self)))
      default: throw GGUFError.unknownValueType(key: key, type: type)
      }
    }
  }
}
