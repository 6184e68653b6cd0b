/// The parts of a `tokenizer.json` that affect token ids.
struct TokenizerFile: Decodable {
  /// A normalizer, pre-tokenizer, post-processor or decoder, with the settings of all kinds that
  /// are known; a `Sequence` has components of its own.
  struct Component: Decodable {
    var type: String
    var addPrefixSpace: Bool?
    var useRegex: Bool?
    var normalizers: [Component]?
    var preTokenizers: [Component]?
    var processors: [Component]?
    var pattern: SplitPattern?
    var behavior: String?
    var invert: Bool?
    var individualDigits: Bool?
    var single: [TemplatePart]?
    var specialTokens: [String: TemplateToken]?
    var decoders: [Component]?

    enum CodingKeys: String, CodingKey {
      case type, normalizers, processors, pattern, behavior, invert, single, decoders
      case addPrefixSpace = "add_prefix_space"
      case useRegex = "use_regex"
      case preTokenizers = "pretokenizers"
      case individualDigits = "individual_digits"
      case specialTokens = "special_tokens"
    }

    /// The component itself, or the components of a sequence.
    func parts(_ own: [Component]?) -> [Component] { type == "Sequence" ? own ?? [] : [self] }
  }

  struct SplitPattern: Decodable {
    var expression: String?

    enum CodingKeys: String, CodingKey { case expression = "Regex" }
  }

  /// One element of a template: the text, or a token.
  struct TemplatePart: Decodable {
    struct Named: Decodable { var id: String }
    var sequence: Named?
    var specialToken: Named?

    enum CodingKeys: String, CodingKey {
      case sequence = "Sequence"
      case specialToken = "SpecialToken"
    }
  }

  struct TemplateToken: Decodable { var ids: [Int] }

  struct Added: Decodable {
    var id: Int
    var content: String
    var singleWord: Bool?
    var lstrip: Bool?
    var rstrip: Bool?
    var normalized: Bool?
    var special: Bool?

    enum CodingKeys: String, CodingKey {
      case id, content, lstrip, rstrip, normalized, special
      case singleWord = "single_word"
    }
  }

  struct Model: Decodable {
    var type: String?
    var dropout: Double?
    var continuingSubwordPrefix: String?
    var endOfWordSuffix: String?
    var ignoreMerges: Bool?
    var unknownToken: String?
    var fusesUnknown: Bool?
    var byteFallback: Bool?
    var vocab: [String: Int]
    var merges: Merges

    enum CodingKeys: String, CodingKey {
      case type, dropout, vocab, merges
      case continuingSubwordPrefix = "continuing_subword_prefix"
      case endOfWordSuffix = "end_of_word_suffix"
      case ignoreMerges = "ignore_merges"
      case unknownToken = "unk_token"
      case fusesUnknown = "fuse_unk"
      case byteFallback = "byte_fallback"
    }
  }

  /// Each merge as an array of two strings, or, in older files, as one string with a space.
  enum Merges: Decodable {
    case pairs([[String]])
    case lines([String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let lines = try? container.decode([String].self) {
        self = .lines(lines)
      } else {
        self = .pairs(try container.decode([[String]].self))
      }
    }
  }

  var addedTokens: [Added]
  var normalizer: Component?
  var preTokenizer: Component?
  var postProcessor: Component?
  var decoder: Component?
  var model: Model

  enum CodingKeys: String, CodingKey {
    case normalizer, decoder, model
    case addedTokens = "added_tokens"
    case preTokenizer = "pre_tokenizer"
    case postProcessor = "post_processor"
  }
}
