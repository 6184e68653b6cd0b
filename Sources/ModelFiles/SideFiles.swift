import Foundation
import Support
import Tokenization

/// The small files of a model folder beside parameters, configuration and card: the tokenizer's,
/// `generation_config.json`, the licence.
///
/// A model that descends from a folder keeps them byte for byte, so that transformers makes the
/// same of both: special tokens, chat template, ends of generation.
public struct SideFiles: Sendable {
  /// What is kept, in order of the names; a name may have one folder before it.
  private(set) var files: [(name: String, data: Data)]
  /// The keys of `config.json` that belong to the tokenizer, with the values that they keep.
  let configuration: [(key: String, value: JSONValue)]

  static let tokenizerName = "tokenizer.json"
  static let tokenizerSettingsName = "tokenizer_config.json"
  private static let templatesName = "additional_chat_templates"
  /// The names of the files that are kept.
  private static let names: Set = [
    tokenizerName, tokenizerSettingsName, "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json",
    "generation_config.json", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt",
    "NOTICE.md", "COPYING", "USE_POLICY.md",
  ]
  private static let keys = ["bos_token_id", "eos_token_id", "pad_token_id", "tokenizer_class"]
  /// The most bytes that are read of a file, and of all templates of a folder.
  private static let maxFileSize = 64 << 20

  /// Whether a model folder may hold a file or folder of that name.
  static func isKept(_ name: String) -> Bool { names.contains(name) || name == templatesName }

  /// The files of the folder that a model is read from; nil for a GGUF file, which has none.
  ///
  /// - Throws: `FileError` naming the file that cannot be read.
  public static func read(_ url: URL) throws -> SideFiles? {
    GGUF.isGGUF(url) ? nil : try SideFiles(folder: url)
  }

  private init(folder: URL) throws {
    files = []
    var names = Self.names
    let templates = folder.appendingPathComponent(Self.templatesName)
    let inside = (try? FileManager.default.contentsOfDirectory(atPath: templates.path)) ?? []
    for name in inside where name.hasSuffix(".jinja") {
      names.insert(Self.templatesName + "/" + name)
    }
    for name in names.sorted() {
      let file = folder.appendingPathComponent(name)
      // A folder that happens to have such a name is none of these files.
      guard let kind = AtomicFile.kind(of: file.resolvingSymlinksInPath()), kind != S_IFDIR
      else { continue }
      files.append((name, Data(try InputFile.contents(of: file, limit: Self.maxFileSize))))
    }
    let file = folder.appendingPathComponent(ModelFolder.configurationName)
    configuration = try FileError.naming(file) {
      let bytes = try InputFile.contents(of: file, limit: ConfigurationFile.maxSize)
      return try JSONValue(parsing: bytes).members.filter { Self.keys.contains($0.key) }
    }
  }

  /// The files of a tokenizer that comes from no folder.
  ///
  /// - Parameter contextLength: the most tokens that its model reads; nil where it has none.
  init(_ tokenizer: Tokenizer, contextLength: Int?) throws {
    let end = tokenizer.decode([tokenizer.endOfText])
    var names = tokenizer.namedTokens
    if names.isEmpty { names["bos_token"] = end }
    names["eos_token"] = names["eos_token"] ?? end
    // By the model's type alone, transformers would choose a class with a normalizer of its own.
    var settings: [(key: String, value: JSONValue)] = [
      ("tokenizer_class", "PreTrainedTokenizerFast"), ("clean_up_tokenization_spaces", false),
    ]
    settings += names.map { ($0.key, .string($0.value)) }
    if let contextLength { settings.append(("model_max_length", .integer(contextLength))) }
    if let template = tokenizer.chatTemplate {
      settings.append(("chat_template", .string(template)))
    }
    if tokenizer.beginsTextsWithSpace { settings.append((TokenizerSettings.spaceKey, true)) }
    let text = JSONValue.object(settings.sorted { $0.key < $1.key }).text + "\n"
    files = [
      (Self.tokenizerName, try tokenizer.json()), (Self.tokenizerSettingsName, Data(text.utf8)),
    ]
    func id(_ name: String) -> JSONValue? {
      names[name].flatMap(tokenizer.token).map { .integer(Int($0)) }
    }
    let others = tokenizer.stopTokens.subtracting([tokenizer.endOfText]).sorted()
    let ends = ([tokenizer.endOfText] + others).map { JSONValue.integer(Int($0)) }
    configuration =
      [
        ("bos_token_id", id("bos_token")),
        ("eos_token_id", ends.count == 1 ? ends[0] : .array(ends)),
        ("pad_token_id", id("pad_token")),
      ].compactMap { key, value in value.map { (key, $0) } }
  }

  /// Files given by hand.
  init(files: [(name: String, data: Data)]) {
    self.files = files
    configuration = []
  }

  /// Writes the files into a folder.
  ///
  /// - Throws: `FileError`.
  func write(to folder: URL) throws {
    for (name, data) in files {
      let file = folder.appendingPathComponent(name)
      try AtomicFile.createFolder(file.deletingLastPathComponent())
      try AtomicFile.write(data, to: file)
    }
  }

  /// The bytes of a `config.json` with the tokens of these files; unchanged where it has them.
  func completed(_ file: Data) throws -> Data {
    guard !configuration.isEmpty else { return file }
    let old = try JSONValue(parsing: [UInt8](file)).members
    let new =
      (old.filter { !Self.keys.contains($0.key) } + configuration).sorted { $0.key < $1.key }
    guard JSONValue.object(new).compact != JSONValue.object(old).compact else { return file }
    return Data((JSONValue.object(new).text + "\n").utf8)
  }
}
