import Foundation
import Kernels
import ModelFiles
import Randomness
import Support
import TestSupport
import Testing

@Suite struct GGUFTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden/types.gguf")

  private func floats(_ file: GGUF, _ name: String) throws -> [Float] {
    let tensor = try #require(file.tensor(named: name))
    let storage = FloatStorage(count: tensor.count)
    try file.floats(named: name, into: storage.floats)
    return (0..<tensor.count).map { storage.floats[$0] }
  }

  /// The expected floats are those of the `gguf` package; see Interop/make_gguf.py.
  @Test(arguments: [
    "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K",
  ])
  func `every type is read as llama.cpp's package reads it`(type: String) throws {
    let file = try GGUF(contentsOf: Self.golden)
    let tensor = try #require(file.tensor(named: type))
    #expect(tensor.type.name == type && tensor.shape == [3, 512])
    let (found, expected) = (try floats(file, type), try floats(file, type + ".expected"))
    #expect(found.contains { $0 != 0 } && found.allSatisfy(\.isFinite))
    for (a, b) in zip(found, expected) {
      #expect(abs(a - b) <= 1e-6 * max(1e-3, abs(b)), "\(type): \(a) instead of \(b)")
      if abs(a - b) > 1e-6 * max(1e-3, abs(b)) { break }
    }
  }

  @Test func `a tensor that is missing or of another size is named`() throws {
    let file = try GGUF(contentsOf: Self.golden)
    let storage = FloatStorage(count: 7)
    #expect(throws: GGUFError.missingTensor("none")) {
      try file.floats(named: "none", into: storage.floats)
    }
    #expect(throws: GGUFError.unexpectedShape(tensor: "Q8_0", expected: [7], found: [3, 512])) {
      try file.floats(named: "Q8_0", into: storage.floats)
    }
  }

  // MARK: Files made by hand

  /// A header with the keys and tensors given, then as many bytes of data.
  private struct Builder {
    var version: UInt32 = 3
    var keys: [(name: String, type: UInt32, bytes: [UInt8])] = []
    var tensors: [(name: String, shape: [UInt64], type: UInt32, offset: UInt64)] = []
    var dataBytes = 64
    var tensorCount: UInt64?

    var bytes: [UInt8] {
      var out = Array("GGUF".utf8) + le(version) + le(tensorCount ?? UInt64(tensors.count))
      out += le(UInt64(keys.count))
      for key in keys { out += text(key.name) + le(key.type) + key.bytes }
      for tensor in tensors {
        out += text(tensor.name) + le(UInt32(tensor.shape.count))
        for size in tensor.shape { out += le(size) }
        out += le(tensor.type) + le(tensor.offset)
      }
      while out.count % 32 != 0 { out.append(0) }
      return out + [UInt8](repeating: 0, count: dataBytes)
    }

    func le<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    func text(_ text: String) -> [UInt8] { le(UInt64(text.utf8.count)) + Array(text.utf8) }
  }

  private func open(_ bytes: [UInt8]) throws -> GGUF {
    var file: GGUF?
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.gguf")
      try Data(bytes).write(to: url)
      file = try GGUF(contentsOf: url)
    }
    return try #require(file)
  }

  @Test func `a file made by hand is read`() throws {
    var builder = Builder()
    builder.keys = [("a", 4, builder.le(UInt32(7))), ("b", 8, builder.text("femp"))]
    builder.tensors = [("t", [4, 2], 0, 0), ("u", [4], 1, 32)]
    let file = try open(builder.bytes)
    #expect(try file.integer("a") == 7 && file.string("b") == "femp")
    #expect(file.tensors.map(\.shape) == [[2, 4], [4]])
    #expect(throws: GGUFError.wrongValue(key: "a", expected: "a text")) { try file.string("a") }
  }

  @Test func `each rule has an error of its own`() throws {
    func error(_ change: (inout Builder) -> Void) -> GGUFError? {
      var builder = Builder()
      builder.tensors = [("t", [4], 0, 0)]
      change(&builder)
      return #expect(throws: GGUFError.self) { try open(builder.bytes) }
    }
    #expect(error { $0.version = 1 } == .unsupportedVersion(1))
    #expect(error { $0.version = 0x0300_0000 } == .unsupportedVersion(0x0300_0000))
    #expect(
      error { $0.tensorCount = 1 << 40 } == .tooMany("tensors", count: 1 << 40, limit: 1 << 16))
    #expect(error { $0.tensors[0].shape = [1 << 62, 8] } == .badShape(tensor: "t"))
    #expect(error { $0.tensors[0].shape = [5, 5, 5, 5, 5] } == .badShape(tensor: "t"))
    #expect(error { $0.tensors[0] = ("t", [33], 8, 0) } == .badShape(tensor: "t"))
    #expect(error { $0.tensors[0].offset = 8 } == .misaligned(tensor: "t", offset: 8))
    #expect(error { $0.tensors[0].offset = 1 << 40 } == .outOfBounds(tensor: "t"))
    #expect(error { $0.tensors[0].shape = [1024] } == .outOfBounds(tensor: "t"))
    #expect(
      error { $0.tensors[0].type = 10 } == .unsupportedTensorType(tensor: "t", type: 10))
    #expect(error { $0.tensors.append(("t", [4], 0, 32)) } == .duplicateKey("t"))
    #expect(
      error { $0.tensors.append(("u", [4], 0, 0)) } == .overlap(tensor: "u", other: "t"))
    #expect(error { $0.keys = [("k", 77, [0])] } == .unknownValueType(key: "k", type: 77))
    #expect(
      error { $0.keys = [("general.alignment", 4, $0.le(UInt32(3)))] } == .badAlignment(3))
    #expect(
      error { $0.keys = [("k", 9, $0.le(UInt32(9)) + $0.le(UInt64(1)))] }
        == .nestedTooDeep(key: "k"))
    // A list that says it is longer than the file.
    #expect(
      error { $0.keys = [("k", 9, $0.le(UInt32(8)) + $0.le(UInt64.max))] } == .truncated)
    #expect(
      error { $0.keys = [("k", 8, $0.le(UInt64(2)) + [0xFF, 0xFE])] } == .invalidUTF8)
    #expect(throws: GGUFError.notGGUF) { try open(Array("GGML".utf8) + [0, 0, 0, 0]) }
  }

  @Test func `a file that is cut short anywhere is refused`() throws {
    let whole = [UInt8](try Data(contentsOf: Self.golden))
    for count in stride(from: 0, to: 3000, by: 7) {
      #expect(throws: (any Error).self) { try open(Array(whole[..<count])) }
    }
  }

  /// Damaged anywhere in its header, a file is read or refused, and never stops the process.
  @Test func `damaged headers do no harm`() throws {
    let whole = [UInt8](try Data(contentsOf: Self.golden))
    var random = RandomGenerator(seed: 1)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<random.integer(in: 1...4) {
        bytes[random.integer(in: 4...1200)] = UInt8(random.integer(in: 0...255))
      }
      guard let file = try? open(bytes) else { continue }
      for tensor in file.tensors { #expect(tensor.byteRange.upperBound <= bytes.count) }
    }
  }

  @Test func `lists are bounded together`() throws {
    var builder = Builder()
    // Bytes in two lists, one element more than are read.
    func list(_ count: Int) -> [UInt8] {
      builder.le(UInt32(0)) + builder.le(UInt64(count)) + [UInt8](repeating: 1, count: count)
    }
    builder.keys = [("a", 9, list(1 << 22)), ("b", 9, list((1 << 22) + 1))]
    #expect(
      throws: GGUFError.tooMany("list elements", count: 1 << 22 + 1, limit: 1 << 23)
    ) { try open(builder.bytes) }
  }

  @Test func `lists of every type are read, and numbers that are too large are not`() throws {
    var builder = Builder()
    builder.keys = [
      (
        "halves", 9,
        builder.le(UInt32(6)) + builder.le(UInt64(1)) + builder.le(Float(0.5).bitPattern)
      ),
      ("flags", 9, builder.le(UInt32(7)) + builder.le(UInt64(2)) + [0, 3]),
      ("small", 9, builder.le(UInt32(3)) + builder.le(UInt64(1)) + builder.le(Int16(-2))),
      ("none", 9, builder.le(UInt32(8)) + builder.le(UInt64(0))),
    ]
    let file = try open(builder.bytes)
    #expect(file.metadata["halves"] == .numbers([0.5]))
    #expect(file.metadata["flags"] == .booleans([false, true]))
    #expect(file.metadata["small"] == .integers([-2]))
    #expect(file.metadata["none"] == .strings([]))
    builder.keys = [
      ("k", 9, builder.le(UInt32(10)) + builder.le(UInt64(1)) + builder.le(UInt64.max))
    ]
    #expect(throws: GGUFError.wrongValue(key: "k", expected: "a list of numbers below 2^63")) {
      try open(builder.bytes)
    }
  }

  @Test func `one part of several, or a layer's number in another spelling, is refused`() throws {
    var builder = Builder()
    func message() throws -> String {
      var text = ""
      try withTemporaryFolder { folder in
        let url = folder.appendingPathComponent("a.gguf")
        try Data(builder.bytes).write(to: url)
        text = "\(try #require(throws: FileError.self) { try LanguageModel.read(url) })"
      }
      return text
    }
    builder.tensors = [("blk.01.attn_q.weight", [4], 0, 0)]
    #expect(try message().contains("blk.01.attn_q.weight"))
    builder.keys = [("split.count", 2, builder.le(UInt16(3)))]
    #expect(try message().contains("one of 3 parts"))
  }
}
