/// A token that stands outside BPE, as `added_tokens` of a `tokenizer.json` lists it.
///
/// `lstrip` and `rstrip` take the spaces before and behind it along, a `singleWord` is none inside another
/// word, and what is `normalized` is looked for in the normalised text.
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
