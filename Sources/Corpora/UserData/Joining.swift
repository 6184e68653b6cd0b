/// A prompt and a text that continues it, joined by one rule wherever a user gives the two apart:
/// in documents as in questions.
///
/// White space that is there stays, the prompt's before that of the text. If there is none, a word
/// follows after a space, unless the prompt ends in what belongs to the next word: an opening
/// bracket, quotation mark or currency sign, a slash, hyphen, hash or underscore, or a digit before
/// a digit.
struct Joining: Sendable {
  /// Without white space at its end.
  let prompt: String
  private let space: String
  private let addsSpace: Bool

  /// - Parameter addsSpace: false for texts that follow the prompt as they are.
  init(_ prompt: String, addsSpace: Bool = true) {
    let end = prompt.lastIndex { !$0.isWhitespace }.map(prompt.index(after:)) ?? prompt.startIndex
    self.prompt = String(prompt[..<end])
    space = String(prompt[end...])
    self.addsSpace = addsSpace
  }

  /// The text as it continues the prompt, with the white space between them.
  func continuation(_ text: String) -> String {
    guard addsSpace else { return space + text }
    guard space.isEmpty else { return space + text.drop(while: \.isWhitespace) }
    guard !prompt.isEmpty, let first = text.unicodeScalars.first,
      !first.properties.isWhitespace, let last = prompt.unicodeScalars.last
    else { return text }
    let isWord =
      first.properties.isAlphabetic || first.properties.numericType != nil
      || "\"“‘«([$€£".unicodeScalars.contains(first) || first.properties.isEmojiPresentation
      || isSignedNumber(text)
    // Chinese and Japanese are written without spaces.
    let isSpaced =
      !first.properties.isIdeographic && !(0x3040...0x30FF).contains(first.value)
    guard isWord, isSpaced, !isOpen(last) else { return text }
    if last.properties.numericType != nil, first.properties.numericType != nil { return text }
    return " " + text
  }

  /// Whether a text begins with a sign and a digit.
  private func isSignedNumber(_ text: String) -> Bool {
    let start = text.unicodeScalars.prefix(2)
    guard let sign = start.first, "-−+±".unicodeScalars.contains(sign), start.count == 2 else {
      return false
    }
    return start.last?.properties.numericType != nil
  }

  /// Whether the prompt ends in a character that belongs to the word after it.
  private func isOpen(_ last: Unicode.Scalar) -> Bool {
    if "([{<$€£#/\\_-@~“‘«¿¡".unicodeScalars.contains(last) { return true }
    guard last == "\"" || last == "'" else { return false }
    guard let before = prompt.unicodeScalars.dropLast().last else { return true }
    // An apostrophe belongs to the next word ("l'or"), unless it ends a plural ("the dogs' bowl").
    if last == "'" { return before != "s" }
    // An opening quotation mark stands after white space or an opening bracket, or alone.
    return before.properties.isWhitespace || "([{".unicodeScalars.contains(before)
  }
}
