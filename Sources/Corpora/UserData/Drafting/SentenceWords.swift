/// A sentence and where its words are.
///
/// A word may hold hyphens, points and the like between its letters and digits ("e-mail",
/// "config.json", "2,000", "9:30"), a currency sign before its digits and a percent sign after
/// them. The "'s" at its end does not belong to it.
struct SentenceWords {
  let characters: [Character]
  /// The places of the words in `characters`.
  let places: [Range<Int>]
  let words: [String]
  let lowercased: [String]

  init(_ sentence: String) {
    let characters = Array(sentence)
    var places: [Range<Int>] = []
    var place = 0
    func character(_ place: Int) -> Character {
      characters.indices.contains(place) ? characters[place] : " "
    }
    while place < characters.count {
      let isAmount = Self.currencies.contains(characters[place]) && character(place + 1).isNumber
      guard characters[place].isWordPart || isAmount else {
        place += 1
        continue
      }
      var end = place + 1
      while true {
        let next = character(end)
        if next.isWordPart {
          end += 1
        } else if character(end + 1).isWordPart, Self.joins(next, between: character(end - 1)),
          !(",:–".contains(next) && !character(end + 1).isNumber),
          !Self.isPossessive(characters[end...])
        {
          end += 2
        } else {
          break
        }
      }
      while "%°".contains(character(end)), character(end - 1).isNumber { end += 1 }
      places.append(place..<end)
      place = end
    }
    self.characters = characters
    self.places = places
    words = places.map { String(characters[$0]) }
    lowercased = words.map { $0.lowercased() }
  }

  static let currencies = "$€£¥"

  /// Whether a character may join two parts of a word.
  private static func joins(_ character: Character, between last: Character) -> Bool {
    ",:–".contains(character) ? last.isNumber : "-'’._/@+".contains(character)
  }

  private static func isPossessive(_ end: ArraySlice<Character>) -> Bool {
    let text = end.prefix(3)
    return text.count >= 2 && "'’".contains(text[text.startIndex])
      && text[text.startIndex + 1] == "s" && (text.count < 3 || text.last?.isWordPart == false)
  }

  /// The text of some words and what stands between them.
  func text(_ range: Range<Int>) -> String {
    String(
      characters[places[range.lowerBound].lowerBound..<places[range.upperBound - 1].upperBound])
  }

  /// The characters between a word and the next one.
  func gap(after word: Int) -> String {
    guard word + 1 < places.count else { return String(characters[places[word].upperBound...]) }
    return String(characters[places[word].upperBound..<places[word + 1].lowerBound])
  }

  /// Whether a word begins the sentence, or what a colon or a quotation mark opens.
  func isFirst(_ word: Int) -> Bool {
    guard word > 0 else { return true }
    let gap = gap(after: word - 1)
    // "Dr. Hopper"
    if gap == ". ", CommonWords.titles.contains(lowercased[word - 1]) { return false }
    return gap.contains { ".:?!;\"“‘(•—–".contains($0) }
  }
}

extension Character {
  fileprivate var isWordPart: Bool { isLetter || isNumber }
}
