import Foundation
import Kernels
import Support
import TestSupport
import Testing

@testable import ModelFiles

@Suite struct SafetensorsTests {
  @Test func `reads what it wrote`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      let storage = FloatStorage(count: 10)
      fillWithNumbers(storage.floats)
      let all = storage.floats
      try Safetensors.write(
        [
          ("b \"quoted\" \\ \n é 🦉", [2, 3], all.slice(0, 6)),
          ("scalar", [], all.slice(6, 1)), ("empty", [0, 5], all.slice(7, 0)),
          ("last", [3], all.slice(7, 3)),
        ], metadata: ["step": "12"], to: file)
      let bytes = [UInt8](try Data(contentsOf: file))
      #expect((bytes.count - 40) % 8 == 0)
      #expect(bytes[0] % 8 == 0)

      let read = try Safetensors(contentsOf: file)
      #expect(read.metadata == ["step": "12", "format": "pt"])
      #expect(read.tensors.map(\.shape) == [[2, 3], [], [0, 5], [3]])
      #expect(read.tensors.first?.name == "b \"quoted\" \\ \n é 🦉")
      let copy = FloatStorage(count: 10)
      var offset = 0
      for tensor in read.tensors {
        try read.readFloats(ofTensor: tensor.name, into: copy.floats.slice(offset, tensor.count))
        offset += tensor.count
      }
      #expect(copy.floats.array == all.array)
      #expect(try read.data(named: "last") == Data(bytes.suffix(12)))
      #expect(try read.tensor(named: "last").byteRange == 28..<40)
    }
  }

  @Test func `reads half precision`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      let header =
        #"{"f":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12],"note":[{"x":null}]}}"#
      let halves: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7BFF, 0x3F80, 0xC049]
      let data = Data(halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
      try (safetensorsFile(header) + data).write(to: file)
      let read = try Safetensors(contentsOf: file)
      let storage = FloatStorage(count: 6)
      try read.readFloats(ofTensor: "f", into: storage.floats.slice(0, 4))
      try read.readFloats(ofTensor: "b", into: storage.floats.slice(4, 2))
      #expect(storage.floats.array == [1, -2, 5.9604645e-8, 65504, 1, -3.140625])
    }
  }

  @Test func `refuses what was not asked for`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      let header = #"{"i":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#
      try safetensorsFile(header, data: 16).write(to: file)
      let read = try Safetensors(contentsOf: file)
      let storage = FloatStorage(count: 3)
      #expect(throws: TensorError.missing("x")) { try read.data(named: "x") }
      let unsupported = TensorError.unsupportedType(
        tensor: "i", type: "I64", supported: "F64, F32, F16 and BF16")
      #expect(throws: unsupported) {
        try read.readFloats(ofTensor: "i", into: storage.floats.slice(0, 2))
      }
      #expect(throws: TensorError.unexpectedShape(tensor: "i", expected: [3], found: [2])) {
        try read.readFloats(ofTensor: "i", into: storage.floats)
      }
      let floats = storage.floats
      #expect(throws: TensorError.unexpectedShape(tensor: "a", expected: [2], found: [3])) {
        try Safetensors.write([("a", [2], floats)], to: file)
      }
      #expect(throws: SafetensorsError.duplicateKey("a")) {
        try Safetensors.write([("a", [3], floats), ("a", [3], floats)], to: file)
      }
      #expect(throws: SafetensorsError.reservedName) {
        try Safetensors.write([("__metadata__", [3], floats)], to: file)
      }
    }
  }

  @Test func `notices a file that shrinks`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      let storage = FloatStorage(count: 8)
      try Safetensors.write([("a", [8], storage.floats)], to: file)
      let read = try Safetensors(contentsOf: file)
      #expect(truncate(file.path, 40) == 0)
      #expect(throws: FileError.self) { try read.readFloats(ofTensor: "a", into: storage.floats) }
    }
  }

  @Test func `names a file that is missing`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      #expect(throws: FileError(file, "is missing; check the path")) {
        try Safetensors(contentsOf: file)
      }
      #expect(throws: FileError.self) { try Safetensors(contentsOf: folder) }
      #expect(mkfifo(file.path, 0o600) == 0)
      #expect(throws: FileError.self) { try Safetensors(contentsOf: file) }
    }
  }
}
