import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct EventFileTests {
  @Test func `checksums are those of RFC 3720`() {
    #expect(CRC32C.checksum(of: Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum(of: [UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(of: (0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.checksum(of: []) == 0)
  }

  /// The expected bytes come from the `tensorboard` package's own EventFileWriter and `Event`
  /// messages; see Tests/Interop/check_tensorboard.py.
  @Test func `records are those that TensorBoard writes`() {
    #expect(
      hex(EventRecord.version(at: 1_700_000_000.25))
        == "1800000000000000a37f4b22" + "0900001040fc54d941"
        + "1a0d627261696e2e4576656e743a32" + "338d2fe9")
    #expect(
      hex(EventRecord.scalars([("loss", 2.5), ("x", -1)], step: 300, at: 1_700_000_001))
        == "2500000000000000eabc36f3" + "0900004040fc54d941" + "10ac02"
        + "2a170a0b0a046c6f73731500002040" + "0a080a017815000080bf" + "5ddbecb3")
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  /// The steps of a file's records, whose checksums it checks.
  private func steps(_ url: URL) throws -> [Int] {
    var bytes = [UInt8](try Data(contentsOf: url))[...]
    var steps: [Int] = []
    func take(_ count: Int) -> [UInt8] {
      defer { bytes = bytes.dropFirst(count) }
      return Array(bytes.prefix(count))
    }
    while !bytes.isEmpty {
      let header = take(8)
      let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
      let data = [UInt8](bytes.dropFirst(4).prefix(length))
      let record = take(4) + take(length) + take(4)
      #expect(header + record == EventRecord.framed(data))
      // After the time, 9 bytes, comes the step, a varint of field 2.
      guard data[9] == 0x10 else { continue }
      var (step, shift) = (0, 0)
      for byte in data[10...] {
        step |= Int(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      steps.append(step)
    }
    return steps
  }

  private func eventFiles(_ run: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(atPath: run.path)
      .filter { $0.hasPrefix("events.out.tfevents.") }.map { run.appendingPathComponent($0) }
  }

  @Test func `a run that is stopped, damaged and resumed has one event file with all lines`() throws
  {
    try withTemporaryFolder { folder in
      let run = folder.appendingPathComponent("run")
      let trainer = try Trainer(recipe: .tiny, workerCount: 1, folder: run)
      #expect(
        try trainer.run(writesEvents: true, shouldStop: { trainer.state.step == 8 }) == false)
      let first = try #require(try eventFiles(run).first)
      #expect(try steps(first) == [6])
      // The file as a crash in the middle of a record leaves it.
      try (Data(contentsOf: first) + Data([3, 0, 0])).write(to: first)

      let resumed = try Trainer(resuming: run)
      #expect(try resumed.run())
      let files = try eventFiles(run)
      #expect(files.count == 1 && files != [first])
      let second = try #require(files.first)
      #expect(try steps(second) == [6, 11])
      #expect(resumed.folder.metrics().map(\.step) == [6, 11])
      let metrics = try #require(resumed.folder.metrics().last)
      let tags = metrics.scalars.map(\.tag)
      #expect(tags.starts(with: ["loss", "learning_rate", "gradient_norm", "tokens_per_second"]))
      // TensorBoard's names have no spaces.
      #expect(!tags.contains { $0.contains(" ") })
      #expect(String(decoding: try Data(contentsOf: second), as: UTF8.self).contains("loss"))
    }
  }

  @Test func `no event file is written unless it is asked for`() throws {
    try withTemporaryFolder { folder in
      let run = folder.appendingPathComponent("run")
      _ = try train(in: run)
      #expect(try eventFiles(run).isEmpty)
      #expect(!EventFile.exists(in: run))
    }
  }
}
