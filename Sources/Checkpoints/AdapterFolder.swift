import Files
import Foundation
import Kernels
import Transformer

/// A folder in the layout of Hugging Face's PEFT: `adapter_config.json`, `adapter_model.safetensors` and
/// `README.md`.
///
/// `peft.PeftModel.from_pretrained(model, folder)` loads it.
public enum AdapterFolder {
  static let configurationName = "adapter_config.json"
  static let parametersName = "adapter_model.safetensors"
  static let cardName = "README.md"
  /// What PEFT puts before the names of the model's own tensors.
  private static let prefix = "base_model.model."

  /// `adapter_config.json`.
  private struct Settings: Codable {
    var peftType = "LORA"
    var taskType: String? = "CAUSAL_LM"
    var baseModelNameOrPath: String?
    var r: Int
    var loraAlpha: Float
    var loraDropout: Float? = 0
    var targetModules: [String]
    var bias: String? = "none"
    var fanInFanOut: Bool? = false
    var inferenceMode: Bool? = true
    var useRslora: Bool? = false
    var useDora: Bool? = false

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
    }
  }

  /// Writes an adapter atomically; a folder that is at `url` already is replaced if it holds nothing
  /// else.
  ///
  /// - Parameter base: the model that it is on.
  /// - Throws: `CheckpointError` where the place cannot be written or a number is not finite.
  public static func write(_ adapter: Adapter, base: String, card: String, to url: URL) throws {
    try checkDestination(url)
    try CheckpointError.naming(url) {
      let tensors = adapter.entries.map {
        (
          name: prefix + $0.name, shape: $0.shape,
          floats: adapter.parameters.slice($0.offset, $0.count)
        )
      }
      for tensor in tensors where !tensor.floats.isFinite {
        throw SafetensorsError.notFinite(tensor: tensor.name)
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let settings = try encoder.encode(
        Settings(
          baseModelNameOrPath: base, r: adapter.settings.rank, loraAlpha: adapter.settings.alpha,
          targetModules: adapter.settings.targets.map(\.rawValue)))
      try AtomicFile.writeFolder(at: url, replacing: true) { folder in
        func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
        try Safetensors.write(tensors, to: file(parametersName))
        try AtomicFile.write(settings + Data("\n".utf8), to: file(configurationName))
        try AtomicFile.write(Data(card.utf8), to: file(cardName))
      }
    }
  }

  private static func checkDestination(_ url: URL) throws {
    try AtomicFile.checkWritable(url)
    let target = url.resolvingSymlinksInPath()
    guard AtomicFile.kind(of: target) != nil else { return }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: target.path)) ?? ["a file"]
    let own: Set = [configurationName, parametersName, cardName]
    if let other = names.sorted().first(where: { !own.contains($0) }) {
      throw CheckpointError(
        url, "holds \(quoted(other)), which is no part of an adapter; choose another folder")
    }
  }

  /// Reads the adapter that a model of this configuration was trained with.
  ///
  /// - Throws: `CheckpointError` naming the file that is missing or damaged, or of another adapter.
  public static func read(
    _ url: URL, settings: AdapterSettings, on configuration: Configuration
  ) throws -> Adapter {
    let adapter = try CheckpointError.naming(url) { try Adapter(settings, on: configuration) }
    let file = url.appendingPathComponent(parametersName)
    try CheckpointError.naming(file) {
      let tensors = try Safetensors(contentsOf: file)
      for entry in adapter.entries {
        let tensor = try tensors.tensor(named: prefix + entry.name)
        guard tensor.shape == entry.shape else {
          throw SafetensorsError.unexpectedShape(
            tensor: tensor.name, expected: entry.shape, found: tensor.shape)
        }
        let floats = adapter.parameters.slice(entry.offset, entry.count)
        try tensors.floats(named: tensor.name, into: floats)
        guard floats.isFinite else { throw SafetensorsError.notFinite(tensor: tensor.name) }
      }
      guard tensors.tensors.count == adapter.entries.count else {
        throw CheckpointError(
          file, "holds more tensors than an adapter of these targets has; is it of another run?")
      }
    }
    return adapter
  }
}
