import Foundation
import Kernels
import Support
import Transformer

/// A model as a folder in Hugging Face's layout: `config.json`, `model.safetensors`,
/// `README.md`, the model card, and the small files of `SideFiles`, of which `tokenizer.json` is
/// one.
///
/// Transformers reads what is written here; and folders that transformers wrote are read, if their
/// models are of a family of `ModelFamily`.
public enum ModelFolder {
  static let configurationName = "config.json"
  static let parametersName = SafetensorsFolder.name
  static let cardName = "README.md"

  /// Writes a model folder atomically (see `AtomicFile.writeFolder`); a model folder or an empty
  /// folder that is already at `url` is replaced.
  ///
  /// - Parameters:
  ///   - parameters: an arena with the layout `ParameterLayout(configuration)`.
  ///   - sideFiles: `tokenizer.json` and the other small files.
  /// - Throws: `FileError`: a configuration that cannot be run, parameters that are not finite,
  ///   a destination that cannot be written or that `checkDestination` refuses.
  public static func write(
    _ parameters: Floats, configuration: Configuration, sideFiles: SideFiles, card: String,
    to url: URL
  ) throws {
    try checkDestination(url)
    try FileError.naming(url) {
      try configuration.validate()
      let layout = ParameterLayout(configuration)
      try checkCount(parameters, layout, url)
      try withStoredTensors(layout.entries, in: parameters) { tensors in
        try AtomicFile.writeFolder(at: url, replacing: true) { folder in
          func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
          try Safetensors.write(tensors, to: file(parametersName))
          try AtomicFile.write(
            sideFiles.completed(ConfigurationFile(configuration).encoded()),
            to: file(configurationName))
          try sideFiles.write(to: folder)
          try AtomicFile.write(Data(card.utf8), to: file(cardName))
        }
      }
    }
  }

  /// Checks, before long work, that a model folder can be written at `url`.
  ///
  /// The place must be writable and empty, or a folder that holds only what `write` writes: so a
  /// mistyped path cannot delete other files.
  ///
  /// - Throws: `FileError` naming what is in the way.
  public static func checkDestination(_ url: URL) throws {
    try AtomicFile.checkWritable(url)
    let target = url.resolvingSymlinksInPath()
    guard let kind = AtomicFile.kind(of: target) else { return }
    let names =
      kind == S_IFDIR ? try? FileManager.default.contentsOfDirectory(atPath: target.path) : nil
    guard let names else {
      throw FileError(url, "is not a folder that can be listed; choose another name")
    }
    let own: Set = [configurationName, parametersName, cardName]
    let isOwn = { own.contains($0) || SideFiles.isKept($0) }
    if let other = names.sorted().first(where: { !isOwn($0) }) {
      throw FileError(
        url,
        "holds \(quoted(other)), which is no part of a model folder and would be lost; choose "
          + "another folder or move it away")
    }
  }

  /// Reads `config.json` and checks that `model.safetensors`, or the files that its index names,
  /// hold what it promises: every tensor in its shape and no other.
  ///
  /// So the floats of `ParameterLayout` are no more than the files hold.
  ///
  /// - Throws: `FileError` naming the file, what is wrong and the fix.
  public static func readConfiguration(at url: URL) throws -> Configuration {
    try checkFolder(url)
    let file = url.appendingPathComponent(configurationName)
    let configuration = try FileError.naming(file) {
      let bytes = try InputFile.contents(of: file, limit: ConfigurationFile.maxSize)
      return try ConfigurationFile(data: Data(bytes)).configuration
    }
    let tensors = try tensors(at: url, configuration)
    try tensors.check(tensors.configuration)
    return tensors.configuration
  }

  /// Reads the parameters, of type F32, F16 or BF16, into an arena with the layout
  /// `ParameterLayout(configuration)`.
  ///
  /// - Throws: `FileError` naming the file and the tensor that is missing, has another shape, has
  ///   no place in the model or is not finite. What `parameters` then hold is undefined.
  public static func readParameters(
    at url: URL, configuration: Configuration, into parameters: Floats
  ) throws {
    try checkFolder(url)
    let source = try tensors(at: url, configuration)
    try source.check(configuration)
    let layout = ParameterLayout(configuration)
    try checkCount(parameters, layout, source.url)
    try source.read(layout.entries, into: parameters)
  }

  /// The tokens that end what a model generates: all that `config.json` and
  /// `generation_config.json` name.
  ///
  /// - Throws: `FileError` naming the file that cannot be read.
  static func stopTokens(at url: URL) throws -> Set<Int32> {
    struct Ends: Decodable {
      var tokens: [Int] = []

      private enum CodingKeys: String, CodingKey { case tokens = "eos_token_id" }

      init(from decoder: any Decoder) throws {
        let file = try decoder.container(keyedBy: CodingKeys.self)
        guard file.contains(.tokens), try !file.decodeNil(forKey: .tokens) else { return }
        if let one = try? file.decode(Int.self, forKey: .tokens) {
          tokens = [one]
        } else {
          tokens = try file.decode([Int].self, forKey: .tokens)
        }
      }
    }
    var result: Set<Int32> = []
    for name in [configurationName, "generation_config.json"] {
      let file = url.appendingPathComponent(name)
      guard AtomicFile.kind(of: file.resolvingSymlinksInPath()) != nil else { continue }
      let bytes = try InputFile.contents(of: file, limit: ConfigurationFile.maxSize)
      let ends = try FileError.naming(file) { try StrictJSON.decode(Ends.self, from: bytes) }
      result.formUnion(ends.tokens.compactMap(Int32.init(exactly:)))
    }
    return result
  }

  /// The tensors of a folder under the model's names.
  private static func tensors(at url: URL, _ configuration: Configuration) throws -> TiedTensors {
    let files = try SafetensorsFolder(in: url)
    return try TiedTensors(PrefixedTensors(files, configuration.family), configuration)
  }

  private static func checkFolder(_ url: URL) throws {
    switch AtomicFile.kind(of: url.resolvingSymlinksInPath()) {
    case nil: throw FileError(url, "no such file or folder; check the path")
    case S_IFDIR: break
    default: throw FileError(url, "is neither a folder nor a GGUF file; name the folder of a model")
    }
  }

  private static func checkCount(_ parameters: Floats, _ layout: ParameterLayout, _ url: URL) throws
  {
    guard parameters.count == layout.count else {
      throw FileError(
        url, "the configuration has \(layout.count) parameters, but \(parameters.count) were given")
    }
  }
}
