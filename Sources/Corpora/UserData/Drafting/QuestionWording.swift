/// How a sentence is asked about: what stands in the prompt, and what is the right choice.
struct QuestionWording: Equatable {
  let phrase: AskedPhrase
  /// The words of the sentence that are in the prompt.
  let given: [Range<Int>]
  let prompt: String
  /// The right choice.
  let answer: String
  /// Whether phrases that stand in for the answer lose their capital, as the answer has.
  let lowersChoices: Bool

  /// A wrong choice as it is written in this question.
  func choice(_ phrase: AskedPhrase) -> String {
    lowersChoices ? phrase.text.loweringFirst : phrase.text
  }

  // MARK: Forward

  /// The least share of the sentence that stands before the phrase, and the fewest words.
  private static let leastShareBefore = 0.4
  private static let fewestWordsBefore = 2
  private static let mostWordsBefore = 25

  /// The sentence up to the phrase; nil where the phrase comes too early or belongs to a list, or a
  /// bracket or quotation mark is still open before it.
  static func forward(_ phrase: AskedPhrase, in sentence: SentenceWords) -> QuestionWording? {
    let first = phrase.words.lowerBound
    let start = sentence.places[first].lowerBound
    guard (fewestWordsBefore...mostWordsBefore).contains(first), sentence.isWhole(phrase),
      !["and", "or"].contains(sentence.lowercased[first - 1]),
      sentence.gap(after: first - 1).last == " ",
      !sentence.gap(after: first - 1).contains(where: { ",;:".contains($0) }),
      Double(start) >= leastShareBefore * Double(sentence.characters.count)
    else { return nil }
    let before = String(sentence.characters[..<start])
    let joining = Joining(before)
    // A choice is joined to the prompt as the sentence has it.
    guard before.isClosed, !joining.prompt.hasSuffix("-"),
      joining.prompt + Joining(joining.prompt).continuation(phrase.text) == before + phrase.text
    else { return nil }
    return QuestionWording(
      phrase: phrase, given: [0..<phrase.words.lowerBound], prompt: joining.prompt,
      answer: phrase.text, lowersChoices: false)
  }

  // MARK: Reversed

  /// The most words of a sentence whose beginning is asked for.
  private static let mostWords = 30
  /// The fewest words around a blank.
  private static let fewestWordsLeft = 3
  /// The most words after "is" that are put before it.
  private static let mostTurnedWords = 14

  /// Asks for the phrase at the beginning of the sentence; nil where it stands elsewhere.
  ///
  /// "Harbor is a tool for files." is turned around: "A tool for files is"; other sentences get a
  /// blank.
  static func reversed(_ phrase: AskedPhrase, in sentence: SentenceWords) -> QuestionWording? {
    guard sentence.words.count <= mostWords,
      !sentence.characters.contains(where: { "\"“”?".contains($0) }),
      sentence.characters.last == "." || sentence.characters.last == "!"
    else { return nil }
    let start = phrase.words.lowerBound
    guard sentence.isWhole(phrase),
      start == 0 || start == 1 && CommonWords.determiners.contains(sentence.lowercased[0])
    else { return nil }
    return turned(phrase, in: sentence) ?? blank(phrase, in: sentence)
  }

  /// What the beginning of "The leave in a year is 27 days." is called; nil where the sentence does
  /// not say what a name or a number is.
  static func subject(
    of sentence: SentenceWords, _ phrases: [AskedPhrase]
  ) -> (phrase: AskedPhrase, wording: QuestionWording)? {
    guard let last = phrases.last, last.kind < .term, last.words.upperBound == sentence.words.count,
      last.words.lowerBound > 2, last.words.lowerBound <= 9,
      ["the", "our", "its", "their", "your"].contains(sentence.lowercased[0]),
      let verb = sentence.lowercased.firstIndex(where: CommonWords.verbs.contains),
      verb == last.words.lowerBound - 1, let turned = Verb(rawValue: sentence.lowercased[verb]),
      sentence.text(0..<verb).isPlain, sentence.gap(after: last.words.upperBound - 1) == "."
    else { return nil }
    let phrase = AskedPhrase(
      kind: .subject, shape: .init(group: turned.rawValue, size: verb), words: 0..<verb,
      text: sentence.text(0..<verb))
    return (
      phrase,
      QuestionWording(
        phrase: phrase, given: [last.words],
        prompt: (last.kind == .name ? last.text : last.text.raisingFirst) + " "
          + turned.rawValue, answer: phrase.text.loweringFirst,
        lowersChoices: true)
    )
  }

  /// The verbs around which a sentence is turned.
  private enum Verb: String { case `is`, are, was, were }

  /// "Harbor is a tool for files." as "A tool for files is" and "Harbor".
  private static func turned(_ phrase: AskedPhrase, in sentence: SentenceWords) -> QuestionWording?
  {
    let verb = phrase.words.upperBound
    guard phrase.words.lowerBound == 0, verb + 2 < sentence.words.count,
      let turned = Verb(rawValue: sentence.lowercased[verb]), sentence.gap(after: verb - 1) == " ",
      sentence.gap(after: verb) == " ",
      sentence.words.count - verb - 1 <= mostTurnedWords,
      ["a", "an", "the", "our", "one", "its", "their"].contains(sentence.lowercased[verb + 1])
    else { return nil }
    let rest = verb + 1..<sentence.words.count
    let text = sentence.text(rest)
    // A second verb or a comma would leave the reader without the end of the sentence.
    guard text.isPlain, sentence.gap(after: sentence.words.count - 1).count == 1,
      !rest.contains(where: { CommonWords.verbs.contains(sentence.lowercased[$0]) })
    else { return nil }
    let lowers = phrase.kind == .term
    return QuestionWording(
      phrase: phrase, given: [rest], prompt: text.raisingFirst + " " + turned.rawValue,
      answer: lowers ? phrase.text.loweringFirst : phrase.text, lowersChoices: lowers)
  }

  /// "Harbor stores the files." with a blank in the place of "Harbor".
  private static func blank(_ phrase: AskedPhrase, in sentence: SentenceWords) -> QuestionWording? {
    guard sentence.words.count - phrase.words.count >= fewestWordsLeft else { return nil }
    let place =
      sentence.places[phrase.words.lowerBound]
      .lowerBound..<sentence.places[phrase.words.upperBound - 1].upperBound
    let text =
      String(sentence.characters[..<place.lowerBound]) + "____"
      + String(sentence.characters[place.upperBound...])
    let thing =
      switch phrase.kind {
      case .name, .subject: "name missing here is"
      case .number:
        phrase.shape.group.contains("date") ? "date missing here is" : "number missing here is"
      case .term: phrase.words.count == 1 ? "word missing here is" : "words missing here are"
      }
    let lowers = phrase.kind == .term
    return QuestionWording(
      phrase: phrase,
      given: [0..<phrase.words.lowerBound, phrase.words.upperBound..<sentence.words.count],
      prompt: "\"\(text)\" The \(thing)",
      answer: lowers ? phrase.text.loweringFirst : phrase.text, lowersChoices: lowers)
  }
}

extension SentenceWords {
  /// Whether a phrase ends where it seems to: "runs" in "runs/mine" does not.
  fileprivate func isWhole(_ phrase: AskedPhrase) -> Bool {
    gap(after: phrase.words.upperBound - 1).first.map { " .,;:!?)'’".contains($0) } ?? true
  }
}

extension String {
  fileprivate var loweringFirst: String { prefix(1).lowercased() + dropFirst() }
  fileprivate var raisingFirst: String { prefix(1).uppercased() + dropFirst() }

  /// Whether no punctuation divides it.
  fileprivate var isPlain: Bool { !contains { ",;:()–—\"".contains($0) } }

  /// Whether no bracket or quotation mark is open at its end.
  fileprivate var isClosed: Bool {
    func count(_ character: Character) -> Int { self.count { $0 == character } }
    return count("(") == count(")") && count("[") == count("]") && count("“") == count("”")
      && count("\"") % 2 == 0
  }
}
