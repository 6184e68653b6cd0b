import Foundation
import Kernels
import Randomness

/// How the next token is drawn from its logits.
public struct Sampler: Sendable {
  /// 0 takes the likeliest token; 1 draws from the model's own distribution.
  public var temperature: Double
  /// Only the `topK` likeliest tokens may be drawn.
  public var topK: Int?
  /// Only the fewest likeliest tokens that together have this probability may be drawn (Holtzman et
  /// al. 2020, arXiv 1904.09751).
  public var topP: Double
  /// Only tokens with at least this share of the likeliest token's probability may be drawn (Nguyen
  /// et al. 2024, arXiv 2407.01082); 0 keeps all.
  public var minP: Double
  public var random: RandomGenerator

  public init(
    temperature: Double = 1, topK: Int? = nil, topP: Double = 1, minP: Double = 0, seed: UInt64
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    random = RandomGenerator(seed: seed)
  }

  /// A token that may be drawn, with a probability in proportion to its weight.
  struct Candidate {
    let token: Int32
    let weight: Double
  }

  /// Draws a token. Equal logits are ranked by token number.
  public mutating func next(_ logits: Floats) -> Int32 {
    let candidates = candidates(logits)
    if candidates.count == 1 { return candidates[0].token }
    var remaining = random.uniform() * candidates.reduce(0) { $0 + $1.weight }
    for candidate in candidates {
      remaining -= candidate.weight
      if remaining < 0 { return candidate.token }
    }
    return candidates[candidates.count - 1].token
  }

  /// Draws `count` tokens at once, evenly spread over the distribution (systematic sampling,
  /// Kitagawa 1996).
  ///
  /// Each token is drawn `count` times its probability on average, rounded up or down. So the draws
  /// differ more from each other than independent ones, and no token is likelier than it should be.
  ///
  /// - Returns: the tokens that were drawn, and how often.
  mutating func next(_ logits: Floats, count: Int) -> [(token: Int32, count: Int)] {
    if count == 1 { return [(next(logits), 1)] }
    let candidates = candidates(logits)
    let total = candidates.reduce(0) { $0 + $1.weight }
    let step = total / Double(count)
    var result: [(token: Int32, count: Int)] = []
    var drawn = 0
    var position = random.uniform() * step
    var sum = 0.0
    for candidate in candidates {
      sum += candidate.weight
      var times = 0
      while drawn < count, position < sum {
        times += 1
        drawn += 1
        position += step
      }
      if times > 0 { result.append((candidate.token, times)) }
    }
    // By rounding, the last draw may be just past the end.
    if drawn < count, let last = candidates.last {
      if result.last?.token == last.token {
        result[result.count - 1].count += count - drawn
      } else {
        result.append((last.token, count - drawn))
      }
    }
    return result
  }

  /// The tokens that may be drawn, at least one: sorted from the likeliest if `topK` or `topP`
  /// limit them, by number if not.
  private func candidates(_ logits: Floats) -> [Candidate] {
    let tokens = 0..<logits.count
    if temperature <= 0 {
      let best = tokens.max { (logits[$0], $1) < (logits[$1], $0) }
      return [Candidate(token: Int32(best ?? 0), weight: 1)]
    }
    let shift = tokens.reduce(-Float.infinity) { max($0, logits[$1]) }
    // Most tokens are too unlikely; their exponentials need not be computed.
    let least = minP > 0 ? shift + Float(temperature * log(min(1, minP))) : -Float.infinity
    var candidates: [Candidate] = []
    for token in tokens where logits[token] >= least {
      candidates.append(
        Candidate(
          token: Int32(token),
          weight: exp((Double(logits[token]) - Double(shift)) / temperature)))
    }
    // With a NaN among the logits no comparison holds.
    if candidates.isEmpty { return [Candidate(token: 0, weight: 1)] }
    if topK != nil || topP < 1 {
      candidates.sort { ($0.weight, $1.token) > ($1.weight, $0.token) }
      if let topK { candidates = Array(candidates.prefix(max(1, topK))) }
      let limit = topP * candidates.reduce(0) { $0 + $1.weight }
      var sum = 0.0
      let kept = candidates.prefix { candidate in
        defer { sum += candidate.weight }
        return sum < limit
      }
      candidates = kept.isEmpty ? [candidates[0]] : Array(kept)
    }
    return candidates
  }
}

extension InferenceSession {
  /// Draws and reads tokens, until `stop` returns true for one, the session is full or `limit`
  /// tokens are drawn.
  ///
  /// - Returns: the tokens drawn, including the one that stopped, which is not read.
  /// - Precondition: the session has read something.
  public func generate(
    _ sampler: inout Sampler, limit: Int, until stop: (Int32) throws -> Bool
  ) rethrows -> [Int32] {
    precondition(count > 0, "there is nothing to continue")
    var tokens: [Int32] = []
    while tokens.count < limit && count < capacity {
      let token = sampler.next(logits)
      tokens.append(token)
      if try stop(token) { break }
      read([token])
    }
    return tokens
  }
}
