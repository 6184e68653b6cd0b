import Foundation
import Kernels
import Randomness
import Testing

@testable import Transformer

@Suite struct ContinuationSamplingTests {
  private let memory = 256 << 20

  /// Splits a branch's samples in two at every token, by its text and length.
  private func halves(_ branch: InferenceSession.Branch) -> [(
    token: Int32, count: Int, isLast: Bool
  )] {
    let half = branch.count / 2
    let token = Int32((branch.text * 7 + branch.tokens.count * 3) % 30)
    return [(token, branch.count - half, false), (token + 1, half, false)].filter { $0.1 > 0 }
  }

  @Test(arguments: [0, 7], [1 << 30, 40_000])
  func `each branch sees what was read, its text and its own tokens`(
    promptLength: Int, memory: Int
  ) throws {
    let model = try randomModel()
    let prompt = randomTokens(promptLength, of: model, seed: 46)
    let texts = [3, 6, 1, 5, 9].enumerated().map {
      randomTokens($0.element, of: model, seed: 50 + UInt64($0.offset))
    }
    let session = InferenceSession(model)
    session.read(prompt)
    var seen: [(sequence: [Int32], logits: [Float])] = []
    let (continuations, tokensRun) = session.grow(
      texts, count: 5, limit: 4, memory: memory, seed: 1
    ) { branch, logits, _ in
      seen.append((prompt + texts[branch.text] + branch.tokens, logits.array))
      return halves(branch)
    }
    for (sequence, own) in seen {
      let expected = logits(model, sequence)
      #expect(deviation(own, from: expected[sequence.count - 1]) < 1e-5)
    }
    for text in texts.indices {
      let own = continuations.filter { $0.text == text }
      #expect(own.reduce(0) { $0 + $1.count } == 5 && own.allSatisfy { $0.tokens.count == 4 })
      if memory > 40_000 { #expect(Set(own.map(\.tokens)).count == own.count) }
    }
    #expect(continuations.map(\.text) == continuations.map(\.text).sorted())
    if memory > 40_000 {
      // A text once, and each branch's new token once.
      #expect(tokensRun == texts.reduce(0) { $0 + $1.count } + seen.count - texts.count)
    }
    #expect(session.count == promptLength)
  }

  @Test func `continuations end where they are told to, at the limit, and where the context ends`()
    throws
  {
    let model = try randomModel()
    let session = InferenceSession(model, capacity: 30)
    session.read(randomTokens(25, of: model, seed: 47))
    func lengths(_ texts: [[Int32]], limit: Int) -> [Int] {
      session.grow(texts, count: 2, limit: limit, memory: memory, seed: 1) { branch, _, _ in
        let isLast = branch.text == 1 && branch.tokens.count == 1
        return [(token: Int32(1), count: branch.count, isLast: isLast)]
      }.continuations.map(\.tokens.count)
    }
    #expect(lengths([[1], [1]], limit: 3) == [3, 2])
    #expect(lengths([[1], [1]], limit: 1) == [1, 1])
    #expect(lengths([[1]], limit: 0).isEmpty)
    // The last token need not be read.
    #expect(lengths([[1], [1, 2, 3]], limit: 100) == [5, 2])
    #expect(lengths([[1, 2, 3, 4], [1, 2, 3, 4, 5]], limit: 100) == [2])
  }

  /// As often as the model's own distribution says, sample by sample.
  @Test func `samples follow the model`() throws {
    let model = try randomModel()
    let session = InferenceSession(model)
    session.read([3])
    let text = randomTokens(4, of: model, seed: 5)
    let settings = ContinuationSettings(Sampler(minP: 0.2, seed: 0), limit: 2, ends: [])
    var counts: [[Int32]: Double] = [:]
    let rounds = 400
    for seed in 0..<UInt64(rounds) {
      let sampled = session.sampleContinuations(of: [text], count: 8, seed: seed, settings)
      for one in sampled.continuations { counts[one.tokens, default: 0] += Double(one.count) }
    }
    func distribution(_ tokens: [Int32]) -> [(token: Int32, share: Double)] {
      let last = logits(model, [3] + text + tokens)[4 + tokens.count]
      let storage = FloatStorage(count: last.count)
      storage.floats.copy(from: last)
      let all = last.indices.map {
        (token: Int32($0), p: exp(logProbability(storage.floats, target: Int32($0))))
      }
      let most = all.map(\.p).max() ?? 0
      let kept = all.filter { $0.p >= 0.2 * most }
      let sum = kept.reduce(0) { $0 + $1.p }
      return kept.map { ($0.token, $0.p / sum) }
    }
    var total = 0.0
    for first in distribution([]) {
      for second in distribution([first.token]) {
        let expected = first.share * second.share
        let found = (counts[[first.token, second.token]] ?? 0) / Double(8 * rounds)
        #expect(abs(found - expected) < 0.02)
        total += found
      }
    }
    #expect(abs(total - 1) < 1e-9)
  }

  @Test func `the seed decides, and each text for itself`() throws {
    let model = try randomModel()
    let session = InferenceSession(model)
    session.read([3])
    let texts = [[1, 2], [4, 5, 6]] as [[Int32]]
    let settings = ContinuationSettings(Sampler(seed: 0), limit: 6, ends: [7, 8])
    func sample(_ texts: [[Int32]], seed: UInt64 = 1) -> [SampledContinuation] {
      session.sampleContinuations(of: texts, count: 12, seed: seed, settings).continuations
    }
    #expect(sample(texts) == sample(texts))
    #expect(sample(texts) != sample(texts, seed: 2))
    #expect(sample(texts).filter { $0.text == 0 } == sample([texts[0]]))
    #expect(
      sample(texts).allSatisfy { one in
        !one.tokens.dropLast().contains { [7, 8].contains($0) }
          && (one.tokens.count == 6 || [7, 8].contains(one.tokens.last))
      })
  }

  @Test func `openings are sampled in their own way`() throws {
    let model = try randomModel()
    let session = InferenceSession(model)
    session.read([3])
    var settings = ContinuationSettings(Sampler(temperature: 0, seed: 0), limit: 5, ends: [])
    settings.openingSampler = Sampler(temperature: 5, seed: 0)
    settings.openingLength = 1
    let sampled = session.sampleContinuations(of: [[1]], count: 20, seed: 1, settings)
      .continuations
    // Many beginnings, each of which goes on in one way.
    #expect(sampled.count > 5)
    #expect(Set(sampled.map { $0.tokens[0] }).count == sampled.count)
  }
}
