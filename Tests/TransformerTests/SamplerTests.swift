import Foundation
import Kernels
import Testing

@testable import Transformer

struct SamplerTests {
  static let values: [Float] = [0.3, 2, -1, 1.5, 2, -30]

  /// How often each token comes, of `count` draws.
  private func frequencies(_ sampler: Sampler, count: Int = 1) -> [Double] {
    let storage = FloatStorage(count: Self.values.count)
    storage.floats.copy(from: Self.values)
    var sampler = sampler
    var counts = [Double](repeating: 0, count: Self.values.count)
    for _ in 0..<count { counts[Int(sampler.next(storage.floats))] += 1 / Double(count) }
    return counts
  }

  private func softmax(temperature: Double, kept: [Int]? = nil) -> [Double] {
    let weights = Self.values.enumerated().map { index, value in
      kept?.contains(index) ?? true ? exp(Double(value) / temperature) : 0
    }
    return weights.map { $0 / weights.reduce(0, +) }
  }

  @Test func `strict settings take the likeliest and then the first`() {
    for seed: UInt64 in 0..<50 {
      for sampler in [
        Sampler(temperature: 0, seed: seed), Sampler(temperature: 2, topK: 1, seed: seed),
        Sampler(temperature: 2, topP: 1e-9, seed: seed), Sampler(topK: 0, topP: 0, seed: seed),
      ] {
        #expect(frequencies(sampler)[1] == 1)
      }
    }
  }

  @Test(arguments: [0.5, 1, 3]) func `frequencies follow the softmax`(temperature: Double) {
    let actual = frequencies(Sampler(temperature: temperature, seed: 1), count: 20_000)
    for (a, b) in zip(actual, softmax(temperature: temperature)) { #expect(abs(a - b) < 0.015) }
  }

  @Test func `top k keeps the likeliest`() {
    let actual = frequencies(Sampler(topK: 3, seed: 2), count: 20_000)
    for (a, b) in zip(actual, softmax(temperature: 1, kept: [1, 3, 4])) {
      #expect(abs(a - b) < 0.015 && (b > 0 || a == 0))
    }
  }

  /// The likeliest two have 0.69 of the probability, the likeliest three 0.89.
  @Test(arguments: [(0.6, [1, 4]), (0.75, [1, 3, 4]), (0.93, [0, 1, 3, 4])])
  func `top p keeps the fewest that suffice`(topP: Double, kept: [Int]) {
    let actual = frequencies(Sampler(topP: topP, seed: 3), count: 20_000)
    for (a, b) in zip(actual, softmax(temperature: 1, kept: kept)) {
      #expect(abs(a - b) < 0.015 && (b > 0 || a == 0))
    }
  }

  /// The likeliest have a logit of 2, of which 1.5 is 0.61 times as likely and 0.3 0.18 times.
  @Test(arguments: [(1.0, [1, 4]), (0.6, [1, 3, 4]), (0.15, [0, 1, 3, 4])])
  func `min p keeps what is likely enough`(minP: Double, kept: [Int]) {
    let actual = frequencies(Sampler(minP: minP, seed: 3), count: 20_000)
    for (a, b) in zip(actual, softmax(temperature: 1, kept: kept)) {
      #expect(abs(a - b) < 0.015 && (b > 0 || a == 0))
    }
    // As the temperature has made it.
    #expect(frequencies(Sampler(temperature: 0.1, minP: 0.1, seed: 3), count: 1000)[3] == 0)
    #expect(frequencies(Sampler(temperature: 3, minP: 0.8, seed: 3), count: 1000)[3] > 0)
  }

  @Test func `logits that are no numbers are no trap`() {
    let storage = FloatStorage(count: 5)
    for values in [[Float.nan, 1, 2, 3, 4], .init(repeating: .nan, count: 5)] {
      storage.floats.copy(from: values)
      for minP in [0, 0.5] {
        var sampler = Sampler(minP: minP, seed: 1)
        #expect((0..<5).contains(Int(sampler.next(storage.floats))))
        #expect(sampler.next(storage.floats, count: 3).reduce(0) { $0 + $1.count } == 3)
      }
    }
  }

  /// Each as often as its share, up to one.
  @Test(arguments: [1, 2, 7, 100, 1000]) func `draws together are evenly spread`(count: Int) {
    let storage = FloatStorage(count: Self.values.count)
    storage.floats.copy(from: Self.values)
    var sampler = Sampler(seed: 6)
    let shares = softmax(temperature: 1)
    var sums = [Double](repeating: 0, count: Self.values.count)
    for _ in 0..<200 {
      let drawn = sampler.next(storage.floats, count: count)
      #expect(drawn.reduce(0) { $0 + $1.count } == count)
      #expect(Set(drawn.map(\.token)).count == drawn.count)
      for (token, own) in drawn {
        sums[Int(token)] += Double(own)
        if count > 1 { #expect(abs(Double(own) - Double(count) * shares[Int(token)]) < 1.001) }
      }
    }
    for (sum, share) in zip(sums, shares) {
      #expect(abs(sum / Double(200 * count) - share) < (count == 1 ? 0.12 : 0.06))
    }
  }

  @Test func `a seed fixes the draws`() {
    let sampler = Sampler(temperature: 2, seed: 4)
    #expect(frequencies(sampler, count: 100) == frequencies(sampler, count: 100))
    #expect(
      frequencies(sampler, count: 100)
        != frequencies(Sampler(temperature: 2, seed: 5), count: 100))
  }
}
