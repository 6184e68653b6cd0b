/// A token that stands outside BPE, as `added_tokens` of a `tokenizer.json` lists it.
struct AddedToken: Sendable, Equatable {
  var id: Int32
  var content: String
  var singleWord = false
  var lstrip = false
  var rstrip = false
  var normalized = false
  var special: Bool
  /// Whether `model.vocab` lists it too, as trainers write it.
  var isInModel: Bool
}
