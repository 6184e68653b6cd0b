/// What a tokenizer does around BPE itself.
struct Scheme: Sendable, Equatable {
  var pattern: PreTokenizer.Pattern = .gpt2
  /// Whether text is brought to Unicode's composed form first, as Qwen does.
  var composes = false
  /// Whether a piece that is a token as a whole is that token, whatever the merges say, as in Llama 3.
  var ignoresMerges = false
  /// Tokens that the template puts before and behind a text.
  var prefix: [Int32] = []
  var suffix: [Int32] = []
}
