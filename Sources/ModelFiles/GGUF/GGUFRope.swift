import Foundation
import Kernels
import Support
import Transformer

/// How GGUF files state that rotary frequencies are scaled: by keys, or by a tensor of what each
/// frequency is divided by, which is how Llama 3's are stored.
enum GGUFRope {
  /// The tensor of divisors, `[headSize / 2]`.
  static let tensorName = "rope_freqs.weight"

  /// The keys that are read, after the architecture's name.
  static let keys: Set = [
    "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length",
    "rope.scaling.attn_factor", "rope.scaling.finetuned", "rope.scale_linear",
    "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor",
    "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow",
  ]

  // MARK: Reading

  /// The scaling that a file states; nil for none.
  ///
  /// - Parameter c: the configuration without it.
  /// - Throws: `ConfigurationError` naming the key that cannot be run.
  static func scaling(_ file: GGUF, _ architecture: String, _ c: Configuration) throws
    -> RopeScaling?
  {
    func key(_ name: String) -> String { architecture + ".rope." + name }
    let older = try file.number(key("scale_linear")) ?? 1
    // Older files say nothing of the type of a factor.
    let kind = try file.string(key("scaling.type")) ?? (older == 1 ? "none" : "linear")
    let factor = try file.number(key("scaling.factor")) ?? older
    let divisors = try divisors(file, c)
    switch kind {
    case "none": break
    case "linear" where divisors == nil:
      return factor == 1 || factor == 0 ? nil : .linear(factor: factor)
    case "yarn" where divisors == nil:
      let length = try file.integer(key("scaling.original_context_length")) ?? c.contextLength
      for name in ["ext_factor", "attn_factor"] {
        let value = try file.number(key("scaling.yarn_" + name)) ?? 1
        guard value == 1 else {
          throw ConfigurationError(
            "\(key("scaling.yarn_" + name)) is \(value); only 1 is supported")
        }
      }
      return .yarn(
        factor: factor, originalContextLength: length,
        fastTurns: try file.number(key("scaling.yarn_beta_fast")) ?? 32,
        slowTurns: try file.number(key("scaling.yarn_beta_slow")) ?? 1, truncates: true,
        attentionFactor: yarnAttention(factor)
          * (try file.number(key("scaling.attn_factor")) ?? 1))
    default:
      throw ConfigurationError(
        "\(key("scaling.type")) is \(quoted(kind))"
          + (divisors == nil ? "" : " beside the tensor \(tensorName)")
          + "; \"none\", \"linear\" and \"yarn\" are supported")
    }
    return try divisors.map { try llama3($0, c) }
  }

  private static func yarnAttention(_ factor: Double) -> Double {
    factor <= 1 ? 1 : 0.1 * log(factor) + 1
  }

  private static func divisors(_ file: GGUF, _ c: Configuration) throws -> [Double]? {
    guard let tensor = file.tensor(named: tensorName) else { return nil }
    guard tensor.shape == [c.headSize / 2] else {
      throw GGUFError.unexpectedShape(
        tensor: tensorName, expected: [c.headSize / 2], found: tensor.shape)
    }
    let storage = FloatStorage(count: c.headSize / 2)
    try file.floats(named: tensorName, into: storage.floats)
    let divisors = storage.floats.array.map(Double.init)
    guard divisors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw TensorError.notFinite(tensor: tensorName)
    }
    return divisors.allSatisfy { $0 == 1 } ? nil : divisors
  }

  /// The settings of Llama 3 that give these divisors: its borders are the same in all its models,
  /// and first contexts are powers of two.
  private static func llama3(_ divisors: [Double], _ c: Configuration) throws -> RopeScaling {
    let factor = divisors.max() ?? 1
    for exponent in [13] + (4...20).filter({ $0 != 13 }) {
      let scaling = RopeScaling.llama3(
        factor: factor, lowFrequencyFactor: 1, highFrequencyFactor: 4,
        originalContextLength: 1 << exponent)
      let candidate = self.divisors(of: scaling, c)
      if zip(divisors, candidate).allSatisfy({ abs($0 - $1) < 1e-4 * $1 }) { return scaling }
    }
    throw ConfigurationError(
      "the tensor \(tensorName) scales the rotary frequencies in a way that is not Llama 3's; use "
        + "the model's Hugging Face folder")
  }

  private static func divisors(of scaling: RopeScaling, _ c: Configuration) -> [Double] {
    var (plain, scaled) = (c, c)
    (plain.ropeScaling, scaled.ropeScaling) = (nil, scaling)
    return zip(plain.rotaryFrequencies, scaled.rotaryFrequencies).map { $0 / $1 }
  }

  // MARK: Writing

  /// Writes what states the scaling of a configuration.
  ///
  /// - Throws: `ConfigurationError` for one that llama.cpp has no words for.
  static func write(
    _ c: Configuration, _ architecture: String, to writer: inout GGUFWriter
  ) throws {
    func key(_ name: String) -> String { architecture + ".rope.scaling." + name }
    func refusal(_ what: String) -> ConfigurationError {
      ConfigurationError(
        "the model's rope_scaling \(what), which llama.cpp does not know; export to a folder with "
          + "--output")
    }
    switch c.ropeScaling {
    case nil: break
    // It changes nothing within the context.
    case .dynamic?: break
    case .linear(let factor)?:
      writer.set(key("type"), "linear")
      writer.set(key("factor"), Float(factor))
    case .yarn(let factor, let length, let fast, let slow, let truncates, let attention)?:
      guard truncates, fast == 32, slow == 1 else { throw refusal("has borders of its own") }
      guard abs(attention - yarnAttention(factor)) < 1e-9 else {
        throw refusal("has an attention_factor of its own")
      }
      writer.set(key("type"), "yarn")
      writer.set(key("factor"), Float(factor))
      writer.set(key("original_context_length"), length)
    case .llama3?:
      guard c.family == .llama, let scaling = c.ropeScaling else {
        throw refusal("is Llama 3's in a \(c.family)")
      }
      let divisors = divisors(of: scaling, c).map(Float.init)
      writer.add(tensorName, shape: [divisors.count], type: .f32) { body in
        let storage = FloatStorage(count: divisors.count)
        for (index, divisor) in divisors.enumerated() { storage.floats[index] = divisor }
        try body(storage.floats)
      }
    }
  }
}
