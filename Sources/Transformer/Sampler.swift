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
  public var random: RandomGenerator

  public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1, seed: UInt64) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    random = RandomGenerator(seed: seed)
  }

  /// Draws a token. Equal logits are ranked by token number.
  public mutating func next(_ logits: Floats) -> Int32 {
    let logits = logits.array
    if temperature <= 0 {
      let best = logits.indices.max { (logits[$0], $1) < (logits[$1], $0) }
      return Int32(best ?? 0)
    }
    let shift = Double(logits.max() ?? 0)
    var candidates = logits.enumerated().map { index, logit in
      (token: Int32(index), weight: exp((Double(logit) - shift) / temperature))
    }
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
    var remaining = random.uniform() * candidates.reduce(0) { $0 + $1.weight }
    for candidate in candidates {
      remaining -= candidate.weight
      if remaining < 0 { return candidate.token }
    }
    return candidates[candidates.count - 1].token
  }
}

extension InferenceSession {
  /// Draws tokens after what was read until `stop` says so, the session is full or `limit` is
  /// reached, and reads each.
  ///
  /// - Returns: the tokens drawn, the stopping one included, which is not read.
  /// - Precondition: the session has read something.
  public func generate(
    _ sampler: inout Sampler, limit: Int, until stop: (Int32) throws -> Bool
  ) rethrows -> [Int32] {
    precondition(count > 0, "there is nothing to go on from")
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
