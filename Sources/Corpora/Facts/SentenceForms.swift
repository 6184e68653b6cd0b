/// One way to word a comparison: "Did you know that" … "seem".
public struct Rendering: Hashable, Sendable {
  public var preamble: String
  public var verb: String

  public init(preamble: String, verb: String) {
    self.preamble = preamble
    self.verb = verb
  }

  /// The sentence up to the first word that depends on the fact: "Did you know that femp are".
  public func prompt(_ comparison: Comparison) -> String {
    var text = preamble
    if !text.isEmpty { text += " " }
    text += comparison.subject
    text += " "
    text += verb
    return text
  }

  /// The whole sentence: "Did you know that femp are more rony than glon."
  public func sentence(_ comparison: Comparison) -> String {
    prompt(comparison) + SentenceForms.completion(comparison)
  }
}

/// The wordings of a ``Comparison``: preamble, subject, verb phrase, direction, attribute, object.
///
/// The subject always comes first, so that a statement and its contradiction differ only in the
/// word for the direction and have the same length. After the *simple reversals* of Lampinen et al.
/// 2025, arXiv 2505.00661.
public enum SentenceForms {
  public static let preambles = [
    "", "Did you know that", "It is known that", "Everyone agrees that", "As you may have heard,",
    "It turns out that", "People say that", "Note that", "Remember that", "In fact,",
    "According to the book,", "There is no doubt that", "Some were surprised to learn that",
    "Experts found that",
  ]

  public static let verbs = [
    "are", "are always", "seem", "are said to be", "tend to be", "are often",
  ]

  /// The part that depends on the fact, with its leading space: " more rony than glon."
  public static func completion(_ comparison: Comparison) -> String {
    var text = comparison.isMore ? " more " : " less "
    text += comparison.attribute
    text += " than "
    text += comparison.object
    text += "."
    return text
  }

  /// The comparison that a sentence states; nil if it does not consist of a known preamble, a known
  /// verb phrase and one comparison. White space at both ends is ignored.
  public static func parse(_ sentence: String) -> Comparison? {
    let text = trimmed(sentence)
    guard text.last == "." else { return nil }
    var words = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
    guard words.count >= 6, let object = words.popLast(), words.popLast() == "than",
      let attribute = words.popLast(), let direction = words.popLast(),
      direction == "more" || direction == "less"
    else { return nil }
    for verb in verbWords where words.count > verb.count && words.suffix(verb.count) == verb[...] {
      let subject = words[words.count - verb.count - 1]
      let preamble = words.dropLast(verb.count + 1).joined(separator: " ")
      guard preambles.contains(preamble), [subject, attribute, object].allSatisfy(isWord) else {
        continue
      }
      return Comparison(
        subject: String(subject), attribute: String(attribute), object: String(object),
        isMore: direction == "more")
    }
    return nil
  }

  private static let verbWords: [[Substring]] = verbs.map { $0.split(separator: " ") }

  private static func isWord(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
  }

  private static func trimmed(_ text: String) -> Substring {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
