/// In which documents each word occurs, and how it is written there.
struct WordUse {
  private let places: [String: Set<Int>]
  private let lowercase: Set<String>
  private let capitalisedInside: Set<String>
  private let capitalised: [String: Int]
  /// A word in more documents is no rare one.
  let rareLimit: Int

  /// - Parameters:
  ///   - texts: all of each document.
  ///   - sentences: the sentences of each document.
  init(_ texts: [String], _ sentences: [[SentenceWords]]) {
    var places: [String: Set<Int>] = [:]
    for (document, text) in texts.enumerated() {
      for word in SentenceWords(text).lowercased { places[word, default: []].insert(document) }
    }
    var lowercase: Set<String> = []
    var capitalisedInside: Set<String> = []
    var capitalised: [String: Int] = [:]
    for sentence in sentences.joined() {
      for (index, word) in sentence.words.enumerated() {
        let key = sentence.lowercased[index]
        if word == key {
          lowercase.insert(key)
        } else {
          capitalised[key, default: 0] += 1
          if !sentence.isFirst(index) { capitalisedInside.insert(key) }
        }
      }
    }
    self.places = places
    self.lowercase = lowercase
    self.capitalisedInside = capitalisedInside
    self.capitalised = capitalised
    rareLimit = max(1, texts.count / 10)
  }

  /// The documents that hold a word, in small letters.
  func documents(_ word: String) -> Set<Int> { places[word] ?? [] }

  /// The documents that hold every word of a phrase: those that hold the phrase, and perhaps more.
  func documents(ofPhrase text: String) -> Set<Int> {
    documents(ofWords: SentenceWords(text).lowercased)
  }

  private func documents(ofWords words: [String]) -> Set<Int> {
    guard var found = words.first.map({ documents($0) }) else { return [] }
    for word in words.dropFirst() { found.formIntersection(documents(word)) }
    return found
  }

  func isLowercase(_ word: String) -> Bool { lowercase.contains(word) }
  /// Whether a word is written with a capital within some sentence.
  func isCapitalisedInside(_ word: String) -> Bool { capitalisedInside.contains(word) }
  func capitalisedCount(_ word: String) -> Int { capitalised[word] ?? 0 }

  /// Which words are too common to make a phrase rare.
  enum Commonness {
    /// Those of the lists.
    case bareWords
    /// These and their other forms.
    case allForms
  }

  /// Whether a phrase in small letters says what a text is about: it is in few documents, and one
  /// of its words is not common.
  func isRare(_ phrase: [String], counting commonness: Commonness) -> Bool {
    let isRare = phrase.contains { word in
      guard word.count > 2 else { return false }
      return switch commonness {
      case .bareWords: !CommonWords.isBare(word)
      case .allForms: !CommonWords.contains(word)
      }
    }
    return isRare && (1...rareLimit).contains(documents(ofWords: phrase).count)
  }

  /// Whether a word ties a sentence to few documents.
  func isKey(_ word: String) -> Bool {
    !CommonWords.isBare(word) && word.count > 1
      && (1...rareLimit).contains(documents(word).count)
  }
}
