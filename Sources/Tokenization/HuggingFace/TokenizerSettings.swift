import Foundation
import Support

/// What the files beside a `tokenizer.json` say of a tokenizer: tokens that it lacks, their roles,
/// the chat template.
///
/// The tokens are those that `AutoTokenizer` of transformers 5 adds, in its order
/// (`tokenization_utils_base.py`, `tokenization_utils_tokenizers.py`).
public struct TokenizerSettings: Sendable {
  /// The spellings of the tokens that have a role, by its name: `bos_token`, `eos_token`, ….
  public private(set) var namedTokens: [String: String] = [:]
  /// The text of the chat template, in Jinja.
  public private(set) var chatTemplate: String?
  /// Whether a text that stands first has a space before it: so it is for tokenizers trained here.
  public private(set) var beginsTextsWithSpace = false
  /// Whether the spelling of a special token is ordinary text.
  public private(set) var splitsSpecialTokens = false

  /// Whether transformers splits and normalises text as Qwen2 does, whatever `tokenizer.json` says.
  public private(set) var isQwen2 = false
  /// `tokenizer_class`.
  private var className: String?

  /// `added_tokens_decoder`, in order of id; nil where the file has none.
  private var numbered: [AddedToken]?
  /// The tokens of `added_tokens.json`.
  private var separate: [(id: Int, token: AddedToken)] = []
  /// The tokens that have a role, in transformers' order, and those that have none.
  private var named: [Named] = []
  private var extra: [Named] = []

  /// A token that is given as its spelling alone, or as an object with the properties of an added
  /// token.
  private struct Named {
    var content: String
    var token: AddedToken?
  }

  /// The key that marks a tokenizer trained here: its models read a space before every text.
  public static let spaceKey = "recto_begins_texts_with_space"

  /// The most bytes that are read of each file.
  static let maxFileSize = 16 << 20

  /// The roles that every tokenizer of transformers has, in the order in which they get ids.
  private static let roles = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// No other files.
  public init() {}

  /// Reads `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and
  /// `chat_template.jinja`, so far as they are there.
  ///
  /// - Throws: `FileError` naming the file and the key.
  public init(folder: URL) throws {
    func contents(_ name: String) throws -> (url: URL, bytes: [UInt8])? {
      let url = folder.appendingPathComponent(name)
      guard AtomicFile.kind(of: url.resolvingSymlinksInPath()) != nil else { return nil }
      return (url, try InputFile.contents(of: url, limit: Self.maxFileSize))
    }
    func object(_ name: String) throws -> JSONValue? {
      guard let (url, bytes) = try contents(name) else { return nil }
      return try FileError.naming(url) {
        let value = try JSONValue(parsing: bytes)
        guard case .object = value else {
          throw FileError(url, "is not a JSON object; write one")
        }
        return value
      }
    }
    let template = try contents("chat_template.jinja").map { file in
      guard let text = String(validating: file.bytes, as: UTF8.self) else {
        throw FileError(file.url, "is not UTF-8; save the file in that encoding")
      }
      return text
    }
    let (map, added) = (try object("special_tokens_map.json"), try object("added_tokens.json"))
    let config = try object("tokenizer_config.json")
    self = try FileError.naming(folder.appendingPathComponent("tokenizer_config.json")) {
      try Self(config: config ?? [:], tokenMap: map ?? [:], addedTokens: added ?? [:])
    }
    if let template { chatTemplate = template }
    if !beginsTextsWithSpace, let main = try contents("tokenizer_config.json") {
      beginsTextsWithSpace = Self.isOlder(main.bytes)
    }
  }

  /// - Parameters:
  ///   - config: `tokenizer_config.json`.
  ///   - tokenMap: `special_tokens_map.json`.
  ///   - addedTokens: `added_tokens.json`.
  /// - Throws: `TokenizerError` naming the key.
  package init(
    config: JSONValue, tokenMap: JSONValue = [:], addedTokens: JSONValue = [:]
  ) throws {
    var values = config.members.filter { if case .null = $0.value { false } else { true } }
    /// The roles that the older file gives: their tokens are special.
    var older: Set<String> = []
    if let decoder = config["added_tokens_decoder"] {
      numbered = try decoder.members.map { key, value in
        guard let id = Int(key), let token = Self.token(value) else {
          throw TokenizerError(
            "added_tokens_decoder has \(quoted(key)): \(quoted(value.compact)); it must be an id "
              + "and the object of an added token")
        }
        return (id, token)
      }.sorted { $0.0 < $1.0 }.map(\.1)
    } else {
      // The older files count only where there is no added_tokens_decoder.
      for (key, value) in tokenMap.members {
        if case .null = value { continue }
        older.insert(key)
        if let place = values.firstIndex(where: { $0.key == key }) {
          values[place].value = value
        } else {
          values.append((key, value))
        }
      }
    }
    func value(_ key: String) -> JSONValue? { values.first { $0.key == key }?.value }
    let more = value("extra_special_tokens") ?? value("additional_special_tokens")
    var roles = try values.filter { key, value in
      guard key.hasSuffix("_token") else { return false }
      if Self.roles.contains(key) { return true }
      return value.string != nil || Self.token(value) != nil
    }.map { ($0.key, try Self.named($0.value, $0.key, isSpecial: older.contains($0.key))) }
    roles =
      Self.roles.flatMap { role in roles.filter { $0.0 == role } }
      + roles.filter { !Self.roles.contains($0.0) }
    switch more {
    case .object(let members)?:
      roles += try members.map { ($0.key, try Self.named($0.value, $0.key)) }
    case .array(let list)?: extra = try list.map { try Self.named($0, "extra_special_tokens") }
    case nil: break
    default:
      throw TokenizerError("extra_special_tokens must be a list of tokens; correct it")
    }
    named = roles.map(\.1)
    namedTokens = Dictionary(
      roles.map { ($0.0, $0.1.content) }, uniquingKeysWith: { first, _ in first })
    if numbered == nil {
      let special = Set(named.map(\.content) + extra.map(\.content))
      separate = try addedTokens.members.map { content, id in
        guard let id = id.integer else {
          throw TokenizerError("added_tokens.json gives \(quoted(content)) no whole number as id")
        }
        let isSpecial = special.contains(content)
        return (
          id,
          AddedToken(
            id: 0, content: content, normalized: !isSpecial, special: isSpecial, isInModel: false)
        )
      }
    }
    className = config["tokenizer_class"]?.string
    beginsTextsWithSpace = config[Self.spaceKey]?.boolean ?? false
    splitsSpecialTokens = config["split_special_tokens"]?.boolean ?? false
    chatTemplate = Self.template(config["chat_template"])
  }

  /// Takes note of the model that the tokenizer belongs to, as `AutoTokenizer` does: models of the
  /// type `qwen2` always have the class `Qwen2Tokenizer`, others where the settings name it.
  ///
  /// A tokenizer that was trained here is what its own file says.
  public mutating func belong(toModelOfType type: String) {
    let isNamed = ["Qwen2Tokenizer", "Qwen2TokenizerFast"].contains(className)
    isQwen2 = !beginsTextsWithSpace && (type == "qwen2" || isNamed)
    guard isQwen2 else { return }
    // The class's defaults.
    for role in ["eos_token", "unk_token", "pad_token"] where namedTokens[role] == nil {
      namedTokens[role] = Tokenizer.endOfTextToken
      named.append(Named(content: Tokenizer.endOfTextToken))
    }
  }

  /// Adds the tokens that the tokenizer's own file lacks.
  ///
  /// - Parameter file: the added tokens of `tokenizer.json`.
  /// - Throws: `TokenizerError` where the ids do not fit.
  func add(to tokens: inout AddedTokens, of file: [TokenizerFile.Added]) throws {
    let names = Set(named.map(\.content))
    let declared = Set(file.map(\.id))
    // tokenizer.json has the last word over the ids of added_tokens.json.
    let others = separate.filter { !declared.contains($0.id) }.sorted { $0.id < $1.id }
    for var token in numbered ?? others.map(\.token) {
      token.special = token.special || names.contains(token.content)
      try tokens.add(token)
    }
    for one in named + extra where !tokens.contains(one.content) {
      var token =
        one.token ?? AddedToken(id: 0, content: one.content, special: true, isInModel: false)
      token.special = token.special || names.contains(one.content)
      try tokens.add(token)
    }
  }

  /// Whether these are the bytes that versions before the mark wrote for a tokenizer trained here.
  private static func isOlder(_ bytes: [UInt8]) -> Bool {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let known = [
      "{", #"  "bos_token" : "<|endoftext|>","#, #"  "clean_up_tokenization_spaces" : false,"#,
      #"  "eos_token" : "<|endoftext|>","#, #"  "tokenizer_class" : "PreTrainedTokenizerFast""#,
      "}",
    ]
    return lines.filter { !$0.hasPrefix(#"  "model_max_length" : "#) }.map(String.init) == known
  }

  private static func named(
    _ value: JSONValue, _ key: String, isSpecial: Bool = false
  ) throws -> Named {
    if let content = value.string { return Named(content: content) }
    guard let token = token(value, isSpecial: isSpecial) else {
      throw TokenizerError(
        "\(key) is \(quoted(value.compact)); it must be a token: a string, or an object with "
          + "\"content\"")
    }
    return Named(content: token.content, token: token)
  }

  /// The object of an added token; nil where it is something else.
  private static func token(_ value: JSONValue, isSpecial: Bool = false) -> AddedToken? {
    guard let content = value["content"]?.string else { return nil }
    let special = isSpecial || value["special"]?.boolean ?? false
    return AddedToken(
      id: 0, content: content, singleWord: value["single_word"]?.boolean ?? false,
      lstrip: value["lstrip"]?.boolean ?? false, rstrip: value["rstrip"]?.boolean ?? false,
      normalized: value["normalized"]?.boolean ?? !special, special: special, isInModel: false)
  }

  /// One template, or the default one of several that have names.
  private static func template(_ value: JSONValue?) -> String? {
    if let text = value?.string { return text }
    return value?.elements?.first { $0["name"]?.string == "default" }?["template"]?.string
  }
}
