/// What a tokenizer does before and after BPE itself.
struct Scheme: Sendable, Equatable {
  var pattern: PreTokenizer.Pattern = .gpt2
  /// Whether text is first brought to Unicode's composed form (NFC), as for Qwen.
  var composes = false
  /// Whether text that does not begin with a space gets one, as for RoBERTa.
  var addsSpace = false
  /// Whether a piece that is itself a token becomes that token without any merges, as in Llama 3.
  var ignoresMerges = false
  /// The token of a byte that the vocabulary lacks; nil where such a byte is dropped.
  var unknown: Int32?
  /// Whether several such bytes in a row are one token.
  var fusesUnknown = false
  /// The tokens that the template puts before and after a text.
  var prefix: [Int32] = []
  var suffix: [Int32] = []
}
