extension Tokenizer {
  /// The tokens of a prompt: those that the tokenizer's template puts before a text, then the texts
  /// with a space before each.
  ///
  /// The first text has a space before it only where documents begin with the end-of-text token. So
  /// do the models that are pretrained here: all their texts have a space before them.
  public func prompt(_ texts: [String]) -> [Int32] {
    templatePrefix
      + texts.enumerated().flatMap { place, text in continuation(text, isFirst: place == 0) }
  }

  /// The tokens of a text that continues a prompt, or that follows the template alone (`isFirst`).
  public func continuation(_ text: String, isFirst: Bool = false) -> [Int32] {
    let isApart = !isFirst || templatePrefix == [endOfText]
    return encodeWhole((isApart ? " " : "") + text, addsTemplate: false)
  }

  /// The tokens of an answer choice, which begins with its own white space.
  public func choice(_ text: String) -> [Int32] { encodeWhole(text, addsTemplate: false) }
}
