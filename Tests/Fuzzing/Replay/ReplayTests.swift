import Foundation
import FuzzedReaders
import Randomness
import Testing

/// Replays the fuzzer's corpus, and a few thousand inputs made of it.
@Suite struct ReplayTests {
  private static func corpus(_ reader: FuzzedReader) throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Corpus/\(reader.name)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))
    }
  }

  @Test(arguments: FuzzedReader.all)
  func `every input is read or refused`(reader: FuzzedReader) throws {
    defer { reader.clean() }
    let corpus = try Self.corpus(reader)
    #expect(corpus.count >= 4)
    for bytes in corpus { reader.take(bytes) }
    var random = RandomGenerator(seed: 5)
    for number in 0..<300 {
      var bytes = corpus[number % corpus.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 5))
        default:
          let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
          bytes.insert(contentsOf: bytes[place..<end], at: place)
        }
      }
      reader.take(bytes)
    }
  }
}
