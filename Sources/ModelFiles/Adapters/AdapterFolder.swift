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
      let settings = try AdapterConfigurationFile.encoded(adapter, base: base)
      try withStoredTensors(adapter.entries, in: adapter.parameters) { tensors in
        try AtomicFile.writeFolder(at: url, replacing: true) { folder in
          func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
          try Safetensors.write(
            tensors.map { (AdapterTensors.prefix + $0.name, $0.shape, $0.floats) },
            to: file(parametersName))
          try AtomicFile.write(settings, to: file(configurationName))
          try AtomicFile.write(Data(card.utf8), to: file(cardName))
        }
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
      try AdapterConfigurationFile(
        data: Data(InputFile.contents(of: file, limit: AdapterConfigurationFile.maxSize)))
    }
    let source = try tensors(in: url)
    let matrices = AdapterSettings.matrices(of: configuration)
    let tensors = try FileError.naming(source.url) {
      try AdapterTensors(source, family: configuration.family, matrices: matrices)
    }
    let targets = try matrices.compactMap { matrix in
      try FileError.naming(file) {
        try target(matrix.name, settings, tensors.pairs[matrix.name]?.rank, source.url)
      }
    }
    let adapter = try FileError.naming(url) {
      try Adapter(
        AdapterSettings(targets: targets, isRankStabilized: settings.isRankStabilized),
        on: configuration)
    }
    for (target, index) in zip(targets, stride(from: 0, to: adapter.entries.count, by: 2)) {
      guard let pair = tensors.pairs[target.matrix] else { continue }
      for (name, entry) in [(pair.a, adapter.entries[index]), (pair.b, adapter.entries[index + 1])]
      {
        let floats = adapter.parameters.slice(entry.offset, entry.count)
        try FileError.naming(source.url) {
          try source.readFloats(ofTensor: name, into: floats)
          guard floats.isFinite else { throw TensorError.notFinite(tensor: name) }
          entry.order.fromFile(floats, shape: entry.shape)
        }
      }
    }
    return adapter
  }

  private static func tensors(in url: URL) throws -> Safetensors {
    let file = url.appendingPathComponent(parametersName)
    if AtomicFile.kind(of: file) == nil,
      AtomicFile.kind(of: url.appendingPathComponent("adapter_model.bin")) != nil
    {
      throw FileError(
        url,
        "holds adapter_model.bin, a pickle, which can run code when it is read; load it with PEFT "
          + "and save it as safetensors")
    }
    return try FileError.naming(file) { try Safetensors(contentsOf: file) }
  }

  /// How a matrix is changed; nil if it is not.
  ///
  /// - Parameter rank: that of its tensors; nil where the file has none.
  private static func target(
    _ matrix: String, _ settings: AdapterConfigurationFile, _ rank: Int?, _ file: URL
  ) throws -> AdapterSettings.Target? {
    let isNamed = try settings.targets(matrix)
    guard let rank else {
      guard isNamed == true else { return nil }
      throw ConfigurationError(
        "names the target \(matrix), but \(file.lastPathComponent) has no tensors for it; copy the "
          + "adapter again")
    }
    guard isNamed ?? true else {
      throw ConfigurationError(
        "does not name the target \(matrix), for which \(file.lastPathComponent) has tensors; is "
          + "one of them of another adapter?")
    }
    let expected = try settings.rank(of: matrix)
    guard rank == expected else {
      throw ConfigurationError(
        "the rank is \(expected) for \(matrix), but \(rank) in \(file.lastPathComponent); is one of "
          + "them of another adapter?")
    }
    return AdapterSettings.Target(
      matrix: matrix, rank: rank, alpha: try settings.alpha(of: matrix))
  }

  /// Reads the adapter that a run of this plan wrote, for a model of this configuration.
  ///
  /// - Throws: `FileError` naming the file that is missing, damaged or of another adapter.
  public static func read(
    _ url: URL, plan: AdapterPlan, on configuration: Configuration
  ) throws -> Adapter {
    let adapter = try read(url, on: configuration)
    let settings = try FileError.naming(url) { try plan.settings(on: configuration) }
    guard adapter.settings == settings else {
      throw FileError(url, "is not the adapter that its run has trained; is it of another run?")
    }
    return adapter
  }
}
