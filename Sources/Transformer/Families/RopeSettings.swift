import Foundation
import Support

/// How `config.json` states the frequencies of rotary positions, as `modeling_rope_utils.py` of
/// transformers resolves it.
extension SettingsReader {
  /// The settings of `rope_scaling`, or of `rope_parameters` if there are none.
  package func ropeSettings() throws -> SettingsReader? {
    let newer = try settings("rope_parameters")
    return try settings("rope_scaling") ?? newer
  }

  /// Reads base, scaling and turned share into a configuration whose sizes are set.
  ///
  /// - Parameters:
  ///   - rope: what `ropeSettings` returned, or a part of it.
  ///   - thetaKey: the family's key of the base beside it.
  ///   - shareKey: the family's key of the share of a head that turns.
  ///   - share: that share if no key states it; nil if the family's heads always turn as a whole.
  package func readRope(
    _ rope: SettingsReader?, into c: inout Configuration, thetaKey: String = "rope_theta",
    defaultTheta: Double = 10_000, shareKey: String = "partial_rotary_factor",
    defaultShare: Double? = nil
  ) throws {
    let outerTheta = try number(thetaKey)
    c.ropeTheta = try rope?.number("rope_theta") ?? outerTheta ?? defaultTheta
    let outerShare = try number(shareKey)
    let innerShare = try rope?.number("partial_rotary_factor")
    c.rotaryShare = innerShare ?? outerShare ?? defaultShare ?? 1
    guard defaultShare != nil || c.rotaryShare == 1 else {
      let key = innerShare == nil ? shareKey : rope?.name("partial_rotary_factor") ?? shareKey
      throw ConfigurationError(
        "\(key) is \(c.rotaryShare), which means partly rotated heads; \(c.family) has none")
    }
    let outerLength = try integer("original_max_position_embeddings")
    c.ropeScaling = try rope?.scaling(outerLength: outerLength, c)
    try rope?.refuseUnread()
  }

  /// The scaling of the frequencies; nil for none.
  private func scaling(outerLength: Int?, _ c: Configuration) throws -> RopeScaling? {
    let older = try text("type")
    let kind = try text("rope_type") ?? older ?? "default"
    let innerLength = try integer("original_max_position_embeddings")
    let length = outerLength ?? innerLength ?? c.contextLength
    switch kind {
    case "default":
      // Says nothing.
      if try number("factor") ?? 1 != 1 {
        throw ConfigurationError(
          "\(name("factor")) is set, but the type is \"default\", which has no factor; remove it or "
            + "correct \(name("rope_type"))")
      }
      return nil
    case "linear": return .linear(factor: try needed("factor", number("factor")))
    case "dynamic": return .dynamic(factor: try needed("factor", number("factor")))
    case "llama3":
      return .llama3(
        factor: try needed("factor", number("factor")),
        lowFrequencyFactor: try needed("low_freq_factor", number("low_freq_factor")),
        highFrequencyFactor: try needed("high_freq_factor", number("high_freq_factor")),
        originalContextLength: length)
    case "yarn":
      guard length > 0 else {
        throw ConfigurationError("original_max_position_embeddings is \(length); correct it")
      }
      func nonzero(_ key: String) throws -> Double? {
        try number(key).flatMap { $0 == 0 ? nil : $0 }
      }
      let factor = try number("factor") ?? Double(c.contextLength) / Double(length)
      func magnitude(_ scale: Double) -> Double {
        factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1
      }
      let (scale, everyScale) = (try nonzero("mscale"), try nonzero("mscale_all_dim"))
      let computed =
        if let scale, let everyScale { magnitude(scale) / magnitude(everyScale) } else {
          magnitude(1)
        }
      return .yarn(
        factor: factor, originalContextLength: length,
        fastTurns: try nonzero("beta_fast") ?? 32, slowTurns: try nonzero("beta_slow") ?? 1,
        truncates: try flag("truncate") ?? true,
        attentionFactor: try number("attention_factor") ?? computed)
    default:
      throw ConfigurationError(
        "\(name("rope_type")) is \(quoted(kind)); \"default\", \"linear\", \"dynamic\", \"yarn\" and "
          + "\"llama3\" are supported")
    }
  }

  /// - Throws: `ConfigurationError` naming a key that nothing read.
  private func refuseUnread() throws {
    if let key = keys.filter({ !readKeys.contains($0) }).min() {
      throw ConfigurationError(
        "\(name(key)) is set, which this type of rotary positions does not have; remove it if it "
          + "changes nothing")
    }
  }
}

extension RopeScaling {
  /// The members of `rope_scaling`.
  package var settings: [(key: String, value: JSONValue)] {
    switch self {
    case .linear(let factor): [("rope_type", "linear"), ("factor", .number(factor))]
    case .dynamic(let factor): [("rope_type", "dynamic"), ("factor", .number(factor))]
    case .llama3(let factor, let low, let high, let length):
      [
        ("rope_type", "llama3"), ("factor", .number(factor)), ("low_freq_factor", .number(low)),
        ("high_freq_factor", .number(high)),
        ("original_max_position_embeddings", .integer(length)),
      ]
    case .yarn(let factor, let length, let fast, let slow, let truncates, let attention):
      [
        ("rope_type", "yarn"), ("factor", .number(factor)),
        ("original_max_position_embeddings", .integer(length)), ("beta_fast", .number(fast)),
        ("beta_slow", .number(slow)), ("truncate", .boolean(truncates)),
        ("attention_factor", .number(attention)),
      ]
    }
  }
}
