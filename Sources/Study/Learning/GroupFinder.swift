import Corpora

/// Finds the group that a sentence begins to speak of: that of its first word that only one group's
/// articles have.
///
/// That is more telling than the document after which it was written: with others before that, the
/// model may have turned to another one. And it is the beginning that counts, since the rest is to
/// be predicted from it.
struct GroupFinder {
  /// The group of each word; nil of words that several groups have.
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
