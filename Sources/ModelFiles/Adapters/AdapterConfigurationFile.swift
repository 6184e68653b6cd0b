import Foundation
import Support
import Transformer

/// PEFT's `adapter_config.json`; settings that Recto does not support are refused by name.
struct AdapterConfigurationFile: Codable {
  /// The largest file that is read, in bytes.
  static let maxSize = 1 << 20

  private var peftType = "LORA"
  private var taskType: String? = "CAUSAL_LM"
  private var baseModelNameOrPath: String?
  private var r: Int
  private var loraAlpha: Float
  private var loraDropout: Float? = 0
  private var targetModules: [String]
  private var bias: String? = "none"
  private var fanInFanOut: Bool? = false
  private var inferenceMode: Bool? = true
  private var useRslora: Bool? = false
  private var useDora: Bool? = false
  private var modulesToSave: [String]?
  private var layersToTransform: Layers?
  private var rankPattern: [String: Int]?
  private var alphaPattern: [String: Float]?

  private enum CodingKeys: String, CodingKey {
    case peftType = "peft_type"
    case taskType = "task_type"
    case baseModelNameOrPath = "base_model_name_or_path"
    case r
    case loraAlpha = "lora_alpha"
    case loraDropout = "lora_dropout"
    case targetModules = "target_modules"
    case bias
    case fanInFanOut = "fan_in_fan_out"
    case inferenceMode = "inference_mode"
    case useRslora = "use_rslora"
    case useDora = "use_dora"
    case modulesToSave = "modules_to_save"
    case layersToTransform = "layers_to_transform"
    case rankPattern = "rank_pattern"
    case alphaPattern = "alpha_pattern"
  }

  /// One layer or several; which ones does not matter, since the setting is refused.
  private struct Layers: Codable {
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws {}
  }

  init(_ settings: AdapterSettings, base: String) {
    r = settings.rank
    loraAlpha = settings.alpha
    targetModules = settings.targets.map(\.rawValue)
    baseModelNameOrPath = base
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `ConfigurationError` naming the key that is missing or wrong.
  init(data: Data) throws {
    do {
      self = try StrictJSON.decode(Self.self, from: [UInt8](data))
    } catch let failure as StrictJSON.Failure {
      throw ConfigurationError("\(failure)")
    }
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// The adapter's settings.
  ///
  /// - Throws: `ConfigurationError` naming the key that is not supported.
  func settings() throws -> AdapterSettings {
    for (key, isUnsupported) in [
      ("peft_type", peftType != "LORA"), ("bias", (bias ?? "none") != "none"),
      ("fan_in_fan_out", fanInFanOut == true), ("use_rslora", useRslora == true),
      ("use_dora", useDora == true), ("modules_to_save", modulesToSave?.isEmpty == false),
      ("layers_to_transform", layersToTransform != nil),
      ("rank_pattern", rankPattern?.isEmpty == false),
      ("alpha_pattern", alphaPattern?.isEmpty == false),
    ] where isUnsupported {
      throw ConfigurationError(
        "asks for a \(key) that is not supported; merge the adapter into its model with PEFT")
    }
    let targets = try targetModules.map { name in
      guard let target = AdapterSettings.Target(rawValue: name) else {
        throw ConfigurationError(
          "target_modules has \(quoted(name)); there are "
            + AdapterSettings.Target.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return target
    }
    return AdapterSettings(rank: r, alpha: loraAlpha, targets: targets)
  }
}
