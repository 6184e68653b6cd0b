/// Finds names, numbers and rare words in sentences by patterns that were made for English.
struct PhraseFinder {
  let use: WordUse

  /// The phrases of a sentence in their order; none is in another.
  func phrases(of sentence: SentenceWords) -> [AskedPhrase] {
    var found: [AskedPhrase] = []
    var word = 0
    while word < sentence.words.count {
      let phrase =
        number(sentence, at: word) ?? name(sentence, at: word) ?? term(sentence, at: word)
      if var phrase {
        if word > 0 { phrase.before = sentence.lowercased[word - 1] }
        found.append(phrase)
      }
      word = phrase?.words.upperBound ?? word + 1
    }
    return found
  }

  /// Whether the next word follows after one space.
  private func isAdjacent(_ sentence: SentenceWords, _ word: Int) -> Bool {
    word + 1 < sentence.words.count && sentence.gap(after: word) == " "
  }

  // MARK: Numbers

  /// A number with its unit, an amount, a date or a time.
  private func number(_ sentence: SentenceWords, at start: Int) -> AskedPhrase? {
    let words = sentence.lowercased
    func phrase(_ end: Int, _ group: String, _ size: Int = 0) -> AskedPhrase {
      AskedPhrase(
        kind: .number, shape: .init(group: group, size: size), words: start..<end,
        text: sentence.text(start..<end))
    }
    func isDay(_ word: Int) -> Bool { (1...31).contains(Int(words[word]) ?? 0) }
    func isYear(_ word: Int) -> Bool { (1000...2999).contains(Int(words[word]) ?? 0) }
    /// Whether a year follows, after a comma or none.
    func hasYear(after word: Int) -> Bool {
      word + 1 < words.count && isYear(word + 1) && [" ", ", "].contains(sentence.gap(after: word))
    }
    func date(_ last: Int, _ group: String) -> AskedPhrase {
      hasYear(after: last) ? phrase(last + 2, group + " and year") : phrase(last + 1, group)
    }
    let isCapital = sentence.words[start].first?.isUppercase == true
    if isCapital, Self.weekdays.contains(words[start]) { return phrase(start + 1, "weekday") }
    if isCapital, Self.months.contains(words[start]) {
      if isAdjacent(sentence, start), isDay(start + 1) { return date(start + 1, "date") }
      if isAdjacent(sentence, start), isYear(start + 1) {
        return phrase(start + 2, "month of year")
      }
      // "May" and "March" begin sentences as verbs do.
      return sentence.isFirst(start) ? nil : phrase(start + 1, "month")
    }
    let isSpelt = Self.numberWords.contains(words[start])
    guard isSpelt || isNumeral(words[start]) else { return nil }
    if isDay(start) || words[start].hasSuffix("th"), isAdjacent(sentence, start),
      Self.months.contains(words[start + 1])
    {
      return date(start + 1, "date")
    }
    var end = start + 1
    while isAdjacent(sentence, end - 1), Self.scales.contains(words[end]) { end += 1 }
    let digits = words[start].count(where: \.isNumber)
    if isAdjacent(sentence, end - 1), let unit = Self.units[words[end]] {
      return phrase(end + 1, unit, isSpelt ? 1 : digits)
    }
    if isSpelt { return nil }
    if let sign = words[start].first, !sign.isNumber { return phrase(end, String(sign), digits) }
    if words[start].hasSuffix("%") { return phrase(end, "percent", digits) }
    if words[start].contains(":") { return phrase(end, "time", digits) }
    let letters = words[start].filter(\.isLetter)
    if !letters.isEmpty { return phrase(end, Self.units[letters] ?? letters, digits) }
    let isDecimal = words[start].contains(".")
    return phrase(end, isDecimal ? "decimal" : isYear(start) ? "year" : "number", digits)
  }

  /// Whether a word is a number, with a unit at its end or without: "2,000", "$9", "3rd", "40GB".
  private func isNumeral(_ word: String) -> Bool {
    let rest =
      word.first.map(SentenceWords.currencies.contains) == true ? word.dropFirst() : word[...]
    guard rest.first?.isNumber == true else { return false }
    let letters = rest.drop { $0.isNumber || ".,:–-/".contains($0) }
    return letters.isEmpty || ["%", "°", "st", "nd", "rd", "th", "x"].contains(letters)
      || Self.units[String(letters)] != nil
  }

  private static func set(_ text: String) -> Set<String> {
    Set(text.split(separator: " ").map(String.init))
  }

  private static let weekdays = set(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
      + "thursdays fridays saturdays sundays")
  private static let months = set(
    "january february march april may june july august september october november december")
  private static let numberWords = set(
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty "
      + "fifty sixty ninety hundred")
  private static let scales = set("hundred thousand million billion")
  /// Words after a number that belong to it, and what they measure.
  private static let units: [String: String] = {
    var units: [String: String] = [:]
    for (kind, words) in [
      ("time", "am pm a.m p.m o'clock"), ("percent", "percent %"),
      (
        "duration",
        "second seconds minute minutes min hour hours h day days week weeks month months year "
          + "years decades centuries ms s"
      ),
      ("money", "euro euros dollar dollars pound pounds cent cents usd eur gbp yen"),
      (
        "length", "mm cm m km metre metres meter meters mile miles inch inches foot feet kilometres"
      ),
      ("weight", "g kg gram grams kilogram kilograms tonne tonnes tons"),
      ("bytes", "kb mb gb tb bytes byte kib mib gib bits"),
      ("energy", "w kw mw kwh mwh watt watts volts v"), ("volume", "ml l litre litres liters"),
      ("degrees", "degrees °c °f c"), ("tokens", "tokens"), ("people", "people persons"),
    ] {
      for word in words.split(separator: " ") { units[String(word)] = kind }
    }
    return units
  }()

  // MARK: Names

  /// A run of capitalised words, or an identifier.
  private func name(_ sentence: SentenceWords, at start: Int) -> AskedPhrase? {
    func phrase(_ end: Int, _ group: String) -> AskedPhrase {
      AskedPhrase(
        kind: .name, shape: .init(group: group, size: end - start), words: start..<end,
        text: sentence.text(start..<end))
    }
    guard isCapitalised(sentence, start), isName(sentence, start) else {
      return isIdentifier(sentence, start) ? phrase(start + 1, "identifier") : nil
    }
    var end = start + 1
    while end < sentence.words.count {
      let gap = sentence.gap(after: end - 1)
      if gap == " " || gap == " & ", isCapitalised(sentence, end) {
        end += 1
      } else if gap == " ", Self.particles.contains(sentence.words[end]),
        isAdjacent(sentence, end), isCapitalised(sentence, end + 1)
      {
        end += 2
      } else {
        break
      }
    }
    // A version or a number of the thing, as in "Llama 3".
    if end < sentence.words.count, sentence.gap(after: end - 1) == " ",
      let number = number(sentence, at: end), number.words.count == 1,
      ["number", "decimal"].contains(number.shape.group), number.shape.size <= 3
    {
      end += 1
    }
    // "A Harbor folder" is no Harbor.
    if start > 0, ["a", "an"].contains(sentence.lowercased[start - 1]), isContent(sentence, end) {
      return nil
    }
    let isIdentifier =
      end == start + 1 && sentence.words[start].dropFirst().contains { $0.isNumber }
    return phrase(end, isIdentifier ? "identifier" : "name")
  }

  /// Small words inside names.
  private static let particles = set("of de da di del der la van von")

  private func isCapitalised(_ sentence: SentenceWords, _ word: Int) -> Bool {
    let text = sentence.words[word]
    return text.first?.isUppercase == true && text.count > 1 && !text.contains("/")
      && !CommonWords.function.contains(sentence.lowercased[word])
      && !CommonWords.titles.contains(sentence.lowercased[word])
      && !Self.weekdays.contains(sentence.lowercased[word])
      && !Self.months.contains(sentence.lowercased[word])
  }

  /// Whether a capitalised word is more than the beginning of a sentence.
  private func isName(_ sentence: SentenceWords, _ word: Int) -> Bool {
    guard sentence.isFirst(word) else { return true }
    let text = sentence.lowercased[word]
    if use.isCapitalisedInside(text) { return true }
    if sentence.words[word].dropFirst().contains(where: { $0.isUppercase || $0.isNumber }) {
      return !use.isLowercase(text)
    }
    guard !CommonWords.contains(text), !use.isLowercase(text) else { return false }
    if isAdjacent(sentence, word), isCapitalised(sentence, word + 1) { return true }
    // "Harbor stores", and not "Store the files" or "Standard libraries".
    return use.capitalisedCount(text) > 1
      && (!isContent(sentence, word + 1) || sentence.lowercased[word + 1].hasSuffix("s"))
      && !(isAdjacent(sentence, word)
        && CommonWords.determiners.contains(sentence.lowercased[word + 1]))
  }

  /// Whether a word is spelt as names of programs and files are: "report.csv", "iPhone",
  /// "data-hub".
  private func isIdentifier(_ sentence: SentenceWords, _ word: Int) -> Bool {
    let text = sentence.words[word]
    guard text.count > 2, text.contains(where: \.isLetter), !text.contains("/") else {
      return false
    }
    let inner = text.dropFirst()
    if inner.contains(where: \.isNumber) { return true }
    if text.contains("_") || text.contains("@") || text.contains("+") { return true }
    if zip(text, inner).contains(where: { $0.isLowercase && $1.isUppercase }) { return true }
    if let end = text.split(separator: ".").last, text.contains("."), end.count >= 2 {
      return true
    }
    // A hyphen alone also makes adjectives: "well-known".
    let parts = sentence.lowercased[word].split(separator: "-").map(String.init)
    guard parts.count > 1, !sentence.isFirst(word),
      !parts.allSatisfy(CommonWords.contains),
      parts.allSatisfy({
        !CommonWords.function.contains($0) && !$0.hasSuffix("ed") && !$0.hasSuffix("ing")
      })
    else { return false }
    return !isContent(sentence, word + 1) && word > 0
      && !CommonWords.verbs.contains(sentence.lowercased[word - 1])
  }

  // MARK: Rare words

  /// Up to three words, a rare one among them, that stand where a noun does.
  private func term(_ sentence: SentenceWords, at start: Int) -> AskedPhrase? {
    guard start == 0 || CommonWords.beforeNouns.contains(sentence.lowercased[start - 1]),
      start == 0 || sentence.gap(after: start - 1) == " "
    else { return nil }
    let words = sentence.lowercased
    func isPlain(_ word: Int) -> Bool {
      !CommonWords.function.contains(words[word])
        && words[word].allSatisfy { $0.isLetter || $0 == "-" }
        && (word == 0 || sentence.words[word] == words[word])
    }
    var end = start
    while end < words.count, end == start || sentence.gap(after: end - 1) == " ", isPlain(end) {
      end += 1
    }
    guard (1...3).contains(end - start), !isContent(sentence, end),
      isRare(sentence, start..<end), let last = words[start..<end].last,
      !last.hasSuffix("ed"), !words[start..<end].contains(where: { $0.hasSuffix("ly") })
    else { return nil }
    // At the beginning of a sentence the verb must be known as one.
    let begins = start == 0 || start == 1 && CommonWords.determiners.contains(words[0])
    if begins, end >= words.count || !CommonWords.verbs.contains(words[end]) { return nil }
    return AskedPhrase(
      kind: .term,
      shape: .init(group: last.hasSuffix("s") ? "plural" : "singular", size: end - start),
      words: start..<end, text: sentence.text(start..<end))
  }

  /// Whether a phrase is rare: for one of its words, or as a whole at the end of a clause, where
  /// its last word is a noun more often than a verb.
  private func isRare(_ sentence: SentenceWords, _ words: Range<Int>) -> Bool {
    let phrase = Array(sentence.lowercased[words])
    let ends =
      sentence.gap(after: words.upperBound - 1).first.map { ".,;:!?)".contains($0) } ?? true
    return use.isRare(phrase, counting: phrase.count > 1 && ends ? .bareWords : .allForms)
  }

  /// Whether a word follows directly that could belong to a phrase.
  private func isContent(_ sentence: SentenceWords, _ word: Int) -> Bool {
    word < sentence.words.count && sentence.gap(after: word - 1) == " "
      && !CommonWords.function.contains(sentence.lowercased[word])
  }
}
