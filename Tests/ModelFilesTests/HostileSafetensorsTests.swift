import Foundation
import Kernels
import Randomness
import TestSupport
import Testing

@testable import ModelFiles

/// A file for each rule of the format, breaking it.
@Suite struct HostileSafetensorsTests {
  /// Expects that a file of these bytes is refused with that error.
  private func expect(_ error: SafetensorsError, _ bytes: Data) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("hostile.safetensors")
      try bytes.write(to: file)
      let thrown = #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: file) }
      #expect(thrown == error)
      #expect(thrown?.description.isEmpty == false)
    }
  }

  private func expectInvalidJSON(_ header: String) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("hostile.safetensors")
      try safetensorsFile(header).write(to: file)
      let thrown = #expect(throws: SafetensorsError.self, "\(header.prefix(80))") {
        try Safetensors(contentsOf: file)
      }
      guard case .invalidJSON = thrown else {
        Issue.record("\(String(describing: thrown)) for \(header.prefix(80))")
        return
      }
    }
  }

  private func entry(_ name: String, _ shape: String, _ offsets: String, type: String = "F32")
    -> String
  {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}"
  }

  @Test func `length`() throws {
    try expect(.fileTooShort(needed: 8, actual: 0), Data())
    try expect(.fileTooShort(needed: 8, actual: 7), Data(count: 7))
    try expect(.headerTooLarge(100_000_001), safetensorsFile("{}", length: 100_000_001))
    try expect(.headerTooLarge(.max), safetensorsFile("{}", length: .max))
    try expect(.fileTooShort(needed: 11, actual: 10), safetensorsFile("{}", length: 3))
    try expect(
      .fileTooShort(needed: 100_000_008, actual: 10), safetensorsFile("{}", length: 100_000_000))
  }

  @Test func `start`() throws {
    try expect(.headerNotAnObject, safetensorsFile(""))
    try expect(.headerNotAnObject, safetensorsFile(" {}"))
    try expect(.headerNotAnObject, safetensorsFile("[]"))
    try expect(.headerNotAnObject, safetensorsFile(String(repeating: "[", count: 100_000)))
    try expect(.invalidUTF8, safetensorsFile(Data([0x7B, 0x22, 0xFF, 0x22, 0x7D])))
  }

  @Test func `json`() throws {
    let deep = String(repeating: "[", count: 100_000)
    let nested = String(repeating: "{\"a\":", count: 100_000)
    for header in [
      "{", "{]", "{}x", "{}{}", "{\"a\"}", "{\"a\":1}", "{\"__metadata__\":{},}", "{'a':{}}",
      "{\"a",
      "{\"a\\", "{\"\\ud800\":{}}", "{\"a\nb\":{}}", "{\"__metadata__\":{\"a\":1}}",
      "{\"__metadata__\":null}", "{\"a\":{\"note\":\(deep)", nested, "{\"a\":{\"note\":\(nested)",
      "{\"a\":{\"note\":nul}}", "{\"a\":{\"note\":0x10}}", "{\"a\":{\"note\":}}",
      "{\"a\":{\"note\":-nan}}",
      "{" + entry("a", "1.5", "0,4") + "}", "{" + entry("a", "1e1", "0,4") + "}",
      "{" + entry("a", "01", "0,4") + "}", "{" + entry("a", "\"1\"", "0,4") + "}",
      "{" + entry("a", "1,", "0,4") + "}", "{" + entry("a", "- 1", "0,4") + "}",
      "{\"a\":{\"dtype\":7}}", "{\"a\":{\"shape\":3}}",
    ] { try expectInvalidJSON(header) }
  }

  @Test func `keys`() throws {
    let a = entry("a", "1", "0,4")
    try expect(.duplicateKey("a"), safetensorsFile("{\(a),\(a)}", data: 4))
    try expect(
      .duplicateKey("a"), safetensorsFile("{\(a),\(entry("\\u0061", "1", "4,8"))}", data: 8))
    try expect(.duplicateKey("a.shape"), safetensorsFile(#"{"a":{"shape":[],"shape":[]}}"#))
    try expect(
      .duplicateKey("k"), safetensorsFile(#"{"__metadata__":{"k":"1","k":"2"}}"#))
    try expect(
      .duplicateKey("__metadata__"), safetensorsFile(#"{"__metadata__":{},"__metadata__":{}}"#))
    try expect(.missingField(tensor: "a", field: "dtype"), safetensorsFile(#"{"a":{}}"#))
    try expect(
      .missingField(tensor: "a", field: "shape"), safetensorsFile(#"{"a":{"dtype":"F32"}}"#))
    try expect(
      .missingField(tensor: "a", field: "data_offsets"),
      safetensorsFile(#"{"a":{"dtype":"F32","shape":[]}}"#))
  }

  @Test func `types and shapes`() throws {
    func file(_ shape: String, type: String = "F32") -> Data {
      safetensorsFile("{\(entry("a", shape, "0,4", type: type))}", data: 4)
    }
    try expect(.unknownType(tensor: "a", type: "F33"), file("1", type: "F33"))
    try expect(.unknownType(tensor: "a", type: "f32"), file("1", type: "f32"))
    try expect(.negativeShape(tensor: "a"), file("-1"))
    try expect(.negativeShape(tensor: "a"), file("-99999999999999999999"))
    try expect(.shapeOverflow(tensor: "a"), file("99999999999999999999"))
    try expect(.shapeOverflow(tensor: "a"), file("9223372036854775807"))
    try expect(.shapeOverflow(tensor: "a"), file("4294967296,4294967296"))
    try expect(.sizeMismatch(tensor: "a", needed: 8, found: 4), file("2"))
    try expect(.sizeMismatch(tensor: "a", needed: 0, found: 4), file("0"))
    try expect(.sizeMismatch(tensor: "a", needed: 2, found: 4), file("1", type: "BF16"))
  }

  @Test func `offsets`() throws {
    func file(_ entries: String..., data: Int) -> Data {
      safetensorsFile("{\(entries.joined(separator: ","))}", data: data)
    }
    for offsets in ["", "0", "0,4,8", "4,0", "-4,0", "0,99999999999999999999"] {
      try expect(.invalidOffsets(tensor: "a"), file(entry("a", "1", offsets), data: 4))
    }
    try expect(
      .hole(tensor: "a", expected: 0, found: 4), file(entry("a", "1", "4,8"), data: 8))
    try expect(
      .hole(tensor: "b", expected: 4, found: 8),
      file(entry("b", "1", "8,12"), entry("a", "1", "0,4"), data: 12))
    try expect(
      .overlap(tensor: "b", expected: 8, found: 4),
      file(entry("a", "2", "0,8"), entry("b", "1", "4,8"), data: 8))
    try expect(
      .overlap(tensor: "b", expected: 4, found: 0),
      file(entry("a", "1", "0,4"), entry("b", "1", "0,4"), data: 4))
    try expect(.trailingBytes(1), file(entry("a", "1", "0,4"), data: 5))
    try expect(.trailingBytes(3), safetensorsFile("{}", data: 3))
    let a = file(entry("a", "1", "0,4"), data: 3)
    try expect(.fileTooShort(needed: UInt64(a.count + 1), actual: UInt64(a.count)), a)
    let huge = 1 << 62
    let b = file(entry("a", "\(huge / 4)", "0,\(huge)"), data: 4)
    try expect(
      .fileTooShort(needed: UInt64(huge + b.count - 4), actual: UInt64(b.count)), b)
    let end = Int.max
    let c = file(entry("a", "\(end)", "0,\(end)", type: "U8"), data: 4)
    try expect(
      .fileTooShort(needed: UInt64(end) + UInt64(c.count - 4), actual: UInt64(c.count)), c)
  }

  @Test func `damaged files are read or refused`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      let storage = FloatStorage(count: 16)
      fillWithNumbers(storage.floats)
      try Safetensors.write(
        [("a", [2, 3], storage.floats.slice(0, 6)), ("b", [10], storage.floats.slice(6, 10))],
        metadata: ["note": "x\ny"], to: file)
      let valid = [UInt8](try Data(contentsOf: file))
      for count in 0..<valid.count {
        try Data(valid[..<count]).write(to: file)
        #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: file) }
      }
      var random = RandomGenerator(seed: 7)
      for _ in 0..<400 {
        var bytes = valid
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let index = Int.random(in: 0..<bytes.count, using: &random)
          bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        try Data(bytes).write(to: file)
        do {
          let read = try Safetensors(contentsOf: file)
          for tensor in read.tensors {
            _ = try read.data(named: tensor.name)
            if tensor.count <= storage.count {
              let floats = storage.floats.slice(0, tensor.count)
              try read.readFloats(ofTensor: tensor.name, into: floats)
            }
          }
        } catch let error as SafetensorsError {
          #expect(!error.description.isEmpty)
        } catch let error as TensorError {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }
}
