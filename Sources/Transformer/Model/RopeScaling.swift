import Foundation

/// How rotary frequencies change for a context longer than the model was first trained on
/// (`modeling_rope_utils.py` of transformers).
public enum RopeScaling: Equatable, Sendable {
  /// Every pair of dimensions turns slower by the factor.
  case linear(factor: Double)
  /// Nothing within the context; a longer one, which Recto does not read, would turn slower.
  case dynamic(factor: Double)
  /// Slow pairs turn slower by the factor, fast ones as before, and those between by a mean of both
  /// (Peng et al. 2023, arXiv 2309.00071).
  ///
  /// fastTurns, slowTurns: pairs that turn more often, or less often, over the first context are
  /// fast, or slow; truncates: whether the borders are rounded to whole pairs; attentionFactor:
  /// what queries and keys are multiplied with.
  case yarn(
    factor: Double, originalContextLength: Int, fastTurns: Double, slowTurns: Double,
    truncates: Bool, attentionFactor: Double)
  /// The same idea with other borders, as Llama 3 has it. Pairs that turn fewer times than
  /// lowFrequencyFactor over the first context are slow, those that turn more often than
  /// highFrequencyFactor are fast.
  case llama3(
    factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
    originalContextLength: Int)

  /// What queries and keys are multiplied with.
  public var attentionFactor: Double {
    if case .yarn(_, _, _, _, _, let factor) = self { factor } else { 1 }
  }

  /// - Parameters:
  ///   - frequencies: radians a position, of every pair.
  ///   - width: elements of a head that turn.
  func scaled(_ frequencies: [Double], width: Int, theta: Double) -> [Double] {
    switch self {
    case .linear(let factor): return frequencies.map { $0 / factor }
    case .dynamic: return frequencies
    case .llama3(let factor, let low, let high, let length):
      return frequencies.map { frequency in
        let turns = Double(length) * frequency / (2 * .pi)
        if turns < low { return frequency / factor }
        if turns > high { return frequency }
        let share = (turns - low) / (high - low)
        return (1 - share) * frequency / factor + share * frequency
      }
    case .yarn(let factor, let length, let fast, let slow, let truncates, _):
      /// The pair that turns so many times over the first context.
      func pair(turning turns: Double) -> Double {
        Double(width) * log(Double(length) / (turns * 2 * .pi)) / (2 * log(theta))
      }
      var (first, last) = (pair(turning: fast), pair(turning: slow))
      if truncates { (first, last) = (first.rounded(.down), last.rounded(.up)) }
      (first, last) = (max(first, 0), min(last, Double(width - 1)))
      if first == last { last += 0.001 }
      return frequencies.enumerated().map { index, frequency in
        let share = min(max((Double(index) - first) / (last - first), 0), 1)
        return frequency / factor * share + frequency * (1 - share)
      }
    }
  }

  /// - Throws: `ConfigurationError` naming the key of `config.json` that is wrong.
  func validate(theta: Double) throws {
    func positive(_ name: String, _ value: Double) throws {
      guard value.isFinite, value > 0 else {
        throw ConfigurationError("rope_scaling.\(name) is \(value); it must be a positive number")
      }
    }
    func length(_ value: Int) throws {
      guard (1...1 << 20).contains(value) else {
        throw ConfigurationError(
          "rope_scaling.original_max_position_embeddings is \(value); it must lie between 1 and "
            + "\(1 << 20)")
      }
    }
    switch self {
    case .linear(let factor), .dynamic(let factor): try positive("factor", factor)
    case .llama3(let factor, let low, let high, let originalLength):
      try positive("factor", factor)
      try positive("low_freq_factor", low)
      try positive("high_freq_factor", high)
      guard high > low else {
        throw ConfigurationError(
          "rope_scaling.high_freq_factor (\(high)) is not above low_freq_factor (\(low))")
      }
      try length(originalLength)
    case .yarn(let factor, let originalLength, let fast, let slow, _, let attention):
      try positive("factor", factor)
      try positive("beta_fast", fast)
      try positive("beta_slow", slow)
      try positive("attention_factor", attention)
      try length(originalLength)
      guard theta != 1 else {
        throw ConfigurationError("rope_theta is 1, with which \"yarn\" is not defined; correct it")
      }
    }
  }
}
