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
