import Foundation
import Kernels
import Support
import Transformer

/// A folder in the layout of Hugging Face's PEFT: `adapter_config.json`,
/// `adapter_model.safetensors` and `README.md`.
///
/// `peft.PeftModel.from_pretrained(model, folder)` loads it.
public enum AdapterFolder {
  static let configurationName = "adapter_config.json"
  static let parametersName = "adapter_model.safetensors"
  static let cardName = "README.md"
  /// What PEFT puts before the names of the model's own tensors.
  private static let prefix = "base_model.model."

  /// Writes an adapter atomically; a folder that is already at `url` is replaced if it holds
  /// nothing else.
  ///
  /// - Parameters:
  ///   - base: the name of the model that it changes.
  ///   - card: the text of `README.md`.
  /// - Throws: `FileError` if the place cannot be written or a number is not finite.
  public static func write(_ adapter: Adapter, base: String, card: String, to url: URL) throws {
    try checkDestination(url)
    try FileError.naming(url) {
      let tensors = adapter.entries.map {
        (
          name: prefix + $0.name, shape: $0.shape,
          floats: adapter.parameters.slice($0.offset, $0.count)
        )
      }
      for tensor in tensors where !tensor.floats.isFinite {
        throw TensorError.notFinite(tensor: tensor.name)
      }
      let settings = try AdapterConfigurationFile(adapter.settings, base: base).encoded()
      try AtomicFile.writeFolder(at: url, replacing: true) { folder in
        func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
        try Safetensors.write(tensors, to: file(parametersName))
        try AtomicFile.write(settings, to: file(configurationName))
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
      throw FileError(
        url, "holds \(quoted(other)), which is no part of an adapter; choose another folder")
    }
  }

  /// Reads an adapter that Recto or PEFT wrote, for a model of this configuration.
  ///
  /// - Throws: `FileError` naming the file that is missing, damaged or asks for what is not
  ///   supported.
  public static func read(_ url: URL, on configuration: Configuration) throws -> Adapter {
    let file = url.appendingPathComponent(configurationName)
    guard AtomicFile.kind(of: file) != nil else {
      throw FileError(
        url,
        "is no adapter: it holds no \(configurationName); a run that trained one has it in adapter/"
      )
    }
    let settings = try FileError.naming(file) {
      let settings = try AdapterConfigurationFile(
        data: Data(InputFile.contents(of: file, limit: AdapterConfigurationFile.maxSize))
      ).settings()
      try settings.validate(configuration)
      return settings
    }
    return try read(url, settings: settings, on: configuration)
  }

  /// Reads an adapter with these settings, for a model of this configuration.
  ///
  /// - Throws: `FileError` naming the file that is missing, damaged or of another adapter.
  public static func read(
    _ url: URL, settings: AdapterSettings, on configuration: Configuration
  ) throws -> Adapter {
    let adapter = try FileError.naming(url) { try Adapter(settings, on: configuration) }
    let file = url.appendingPathComponent(parametersName)
    let source = try FileError.naming(file) { try Safetensors(contentsOf: file) }
    try source.check(adapter.entries, prefix: prefix)
    guard source.tensorNames.count == adapter.entries.count else {
      throw FileError(
        file, "holds more tensors than an adapter of these targets has; is it of another run?")
    }
    try source.read(adapter.entries, prefix: prefix, into: adapter.parameters)
    return adapter
  }
}
