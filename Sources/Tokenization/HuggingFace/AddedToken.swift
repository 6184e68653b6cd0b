/// A token that BPE does not make, as `added_tokens` of a `tokenizer.json` lists it.
///
/// `lstrip` and `rstrip` include the spaces before and after it, a `singleWord` is not found inside
/// another word, and a `normalized` one is searched in the normalised text.
struct AddedToken: Sendable, Equatable {
  var id: Int32
  var content: String
  var singleWord = false
  var lstrip = false
  var rstrip = false
  var normalized = false
  var special: Bool
  /// Whether `model.vocab` lists it too, as in the files that trainers write.
  var isInModel: Bool
}

/// The added tokens of a tokenizer, with the ids that the `tokenizers` library gives them.
///
/// The ids that a file declares count only where they fill up the vocabulary. Otherwise, as in
/// `add_tokens` of `added_vocabulary.rs`, a token that the vocabulary has keeps its id there, and
/// each other one gets the next id.
struct AddedTokens {
  private(set) var tokens: [AddedToken] = []
  private let vocabulary: [String: Int]
  private var places: [String: Int] = [:]
  /// The id of the next token that the vocabulary does not have.
  private var next: Int

  init(_ vocabulary: [String: Int]) {
    self.vocabulary = vocabulary
    next = vocabulary.count
  }

  func contains(_ content: String) -> Bool { places[content] != nil }

  /// Adds a token, whose `id` and `isInModel` are set here; one of the same content is changed.
  ///
  /// - Parameter id: the id of a token that the vocabulary does not have; nil for the next one.
  /// - Throws: `TokenizerError` where the ids do not fit.
  mutating func add(_ token: AddedToken, id declared: Int? = nil) throws {
    guard !token.content.isEmpty else { return }
    var token = token
    if let place = places[token.content] {
      token.id = tokens[place].id
      token.isInModel = tokens[place].isInModel
      tokens[place] = token
      return
    }
    let known = vocabulary[token.content]
    let id = known ?? declared ?? next
    guard (0..<Tokenizer.maxVocabularySize).contains(id) else {
      throw TokenizerError(
        "the added token \"\(token.content)\" has the id \(id); it must be from 0 to "
          + "\(Tokenizer.maxVocabularySize - 1)")
    }
    if id >= vocabulary.count { next = max(next, id + 1) }
    token.id = Int32(id)
    token.isInModel = known != nil
    places[token.content] = tokens.count
    tokens.append(token)
  }
}
