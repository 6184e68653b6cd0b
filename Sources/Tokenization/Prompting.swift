extension Tokenizer {
  /// The tokens of a prompt: what the tokenizer's template puts before a text, then the texts with a
  /// space before each.
  ///
  /// Before the first there is one only where documents begin with the end-of-text token, as they do
  /// in models that are pretrained here, on texts that all stand after a space.
  public func prompt(_ texts: [String]) -> [Int32] {
    templatePrefix
      + texts.enumerated().flatMap { place, text in continuation(text, isFirst: place == 0) }
  }

  /// The tokens of a text that goes on after a prompt, or that follows the template alone.
  public func continuation(_ text: String, isFirst: Bool = false) -> [Int32] {
    let isApart = !isFirst || templatePrefix == [endOfText]
    return encodeWhole((isApart ? " " : "") + text, addsTemplate: false)
  }

  /// The tokens of a choice, which begins with its own white space.
  public func choice(_ text: String) -> [Int32] { encodeWhole(text, addsTemplate: false) }
}
