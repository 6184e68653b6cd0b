/// Llama 3's way to a longer context: slow pairs of rotary dimensions turn slower by `factor`, fast
/// ones as before, and those between by a weighted mean of both (`_compute_llama3_parameters` of
/// transformers' `modeling_rope_utils.py`).
public struct RopeScaling: Equatable, Sendable {
  public var factor: Double
  /// Pairs that turn fewer times than this over the first context are slow.
  public var lowFrequencyFactor: Double
  /// Pairs that turn more often than this are fast.
  public var highFrequencyFactor: Double
  /// The context that the model was first trained on, in tokens.
  public var originalContextLength: Int

  public init(
    factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
    originalContextLength: Int
  ) {
    self.factor = factor
    self.lowFrequencyFactor = lowFrequencyFactor
    self.highFrequencyFactor = highFrequencyFactor
    self.originalContextLength = originalContextLength
  }

  /// - Parameter frequency: radians a position.
  func scaled(_ frequency: Double) -> Double {
    let turns = Double(originalContextLength) * frequency / (2 * .pi)
    if turns < lowFrequencyFactor { return frequency / factor }
    if turns > highFrequencyFactor { return frequency }
    let share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return (1 - share) * frequency / factor + share * frequency
  }

  /// - Throws: `ConfigurationError` naming the key of `config.json` that is wrong.
  func validate() throws {
    for (name, value) in [
      ("factor", factor), ("low_freq_factor", lowFrequencyFactor),
      ("high_freq_factor", highFrequencyFactor),
    ] where !(value.isFinite && value > 0) {
      throw ConfigurationError("rope_scaling.\(name) is \(value); it must be a positive number")
    }
    guard highFrequencyFactor > lowFrequencyFactor else {
      throw ConfigurationError(
        "rope_scaling.high_freq_factor (\(highFrequencyFactor)) is not above low_freq_factor "
          + "(\(lowFrequencyFactor))")
    }
    guard (1...1 << 20).contains(originalContextLength) else {
      throw ConfigurationError(
        "rope_scaling.original_max_position_embeddings is \(originalContextLength); it must lie "
          + "between 1 and \(1 << 20)")
    }
  }
}
