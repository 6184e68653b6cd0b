import Testing

@testable import Kernels

struct StorageTests {
  @Test(arguments: [0, 1, 15, 16, 1000]) func `storage is aligned and zero`(count: Int) {
    let storage = FloatStorage(count: count)
    #expect(UInt(bitPattern: storage.floats.base) % 64 == 0)
    #expect(storage.count == count && storage.floats.array == [Float](repeating: 0, count: count))
  }

  @Test(arguments: [1 << 45, Int.max]) func `storage beyond the memory ends with a message`(
    count: Int
  ) async throws {
    let result = try await #require(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) { [count] in _ = FloatStorage(count: count) }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("Error: not enough memory: "), "\(text)")
  }

  @Test func `slices view the same floats`() {
    let storage = FloatStorage(count: 24)
    let floats = storage.floats
    floats.copy(from: (0..<24).map { Float($0) })
    #expect(floats.slice(3, 4).array == [3, 4, 5, 6])
    #expect(floats.slice(0, 24).count == 24)
    #expect(floats.slice(24, 0).array.isEmpty)
    let matrix = floats.matrix(4, rows: 4, columns: 5)
    #expect(matrix.row(3).array == [19, 20, 21, 22, 23])
    let part = matrix.rows(1, 2).columns(2, 3)
    #expect(part.doubles == [[11, 12, 13], [16, 17, 18]])
    #expect(part.rows(2, 0).rows == 0 && matrix.rows(4, 0).rows == 0)
    #expect(matrix.columns(5, 0).columns == 0)
    part[1, 2] = -1
    #expect(floats[18] == -1)
    part.row(0)[1] = -2
    #expect(floats[12] == -2)
    #expect(matrix.isContiguous && !part.isContiguous && part.rows(1, 1).isContiguous)
    #expect(part.rows(1, 1).floats.array == [16, 17, -1])
  }

  @Test func `copies work whatever the strides`() {
    var samples = Samples(seed: 26)
    for (from, to) in [(0, 0), (0, 3), (3, 0), (2, 3)] {
      let source = samples.matrix(3, 5, padding: from)
      let target = samples.matrix(3, 5, padding: to)
      target.copyRows(from: source)
      #expect(target.doubles == source.doubles && target.isFenced)
    }
    let source = samples.matrix(3, 5)
    let target = samples.matrix(3, 5)
    target.copyIfElsewhere(from: source)
    #expect(target.doubles == source.doubles)
    let before = source.doubles
    source.copyIfElsewhere(from: source)
    #expect(source.doubles == before)
    samples.vector(0).copy(from: [Float]())
  }

  @Test func `bytes are the floats`() {
    let storage = FloatStorage(count: 3)
    storage.floats.withMutableBytes { bytes in
      bytes.storeBytes(of: Float(2.5).bitPattern.littleEndian, toByteOffset: 4, as: UInt32.self)
    }
    #expect(storage.floats.array == [0, 2.5, 0])
    let bytes = storage.floats.withBytes { Array($0) }
    #expect(bytes == [0, 0, 0, 0, 0, 0, 0x20, 0x40, 0, 0, 0, 0])
  }

  @Test(arguments: [0, 7, 18]) func `finiteness sees every place`(place: Int) {
    for value: Float in [.nan, .infinity, -.infinity] {
      let storage = FloatStorage(count: 19)
      #expect(storage.floats.isFinite)
      storage.floats[place] = value
      #expect(!storage.floats.isFinite)
    }
  }

  @Test func `arena measures what it hands out`() {
    func layOut(_ arena: inout Arena) -> [Floats] {
      let first = arena.vector(3)
      let matrix = arena.matrix(rows: 5, columns: 7)
      return [first, matrix.floats, arena.vector(0), arena.vector(16)]
    }
    var counting = Arena()
    _ = layOut(&counting)
    #expect(counting.count == 16 + 48 + 0 + 16)
    let storage = FloatStorage(count: counting.count)
    var arena = Arena(storage.floats)
    let parts = layOut(&arena)
    #expect(arena.count == counting.count)
    for (index, part) in parts.enumerated() {
      #expect(UInt(bitPattern: part.base) % 64 == 0)
      part.fill(Float(index + 1))
    }
    for (index, part) in parts.enumerated() {
      #expect(part.array.allSatisfy { $0 == Float(index + 1) }, "part \(index) is overlapped")
    }
    #expect(storage.floats.array.filter { $0 != 0 }.count == 3 + 35 + 16)
  }
}
