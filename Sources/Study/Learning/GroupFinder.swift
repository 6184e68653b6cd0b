import Corpora

/// Finds the group that a sentence is about: the group of its first word that occurs in only one
/// group's articles.
///
/// This is more reliable than the document after which the sentence was generated, since the model
/// may have turned to another one in its prompt. The beginning decides, since the rest is to be
/// predicted from it.
struct GroupFinder {
  /// The group of each word; nil for words that occur in several groups.
  private var groups: [Substring: Int?] = [:]

  init(_ articles: [Article]) {
    for article in articles {
      for word in Self.words(article.text) {
        if let known = groups[word] {
          if known != article.group { groups[word] = .some(nil) }
        } else {
          groups[word] = article.group
        }
      }
    }
  }

  private static func words(_ text: String) -> [Substring] {
    text.split { !$0.isLetter && !$0.isNumber }
  }

  func group(of sentence: String) -> Int? {
    for word in Self.words(sentence) {
      if let known = groups[word], let group = known { return group }
    }
    return nil
  }
}
