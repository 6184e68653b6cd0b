import Randomness

/// Plausible nonsense words: the nouns, adjectives and entries of every world and document.
///
/// A *short* word has 4 or 5 letters and is a head (consonants and a vowel) and a coda ("fe" +
/// "mp"). The codas begin with every consonant about equally often, so heads and codas are more
/// frequent than the letter pairs between them, and byte-pair encoding merges each whole: nearly
/// every short word is two tokens. A *long* word of 6 to 8 letters is a short word and an ending
/// ("femp" + "ish").
///
/// English words, and the words of the templates, are left out.
public enum Lexicon {
  /// Words of one length, split into those of pretraining and those kept for worlds of facts.
  public struct Words: Sendable {
    /// The words that pretraining documents are made of, sorted.
    public let pretraining: [String]
    /// The words kept out of pretraining, sorted.
    public let heldOut: [String]
  }

  /// Words of 4 and 5 letters.
  public static let short: Words = {
    let words = shortWords
    return Words(
      pretraining: words.filter { !isHeldOut($0) }, heldOut: words.filter { isHeldOut($0) })
  }()

  /// Words of 6 to 8 letters. Long words of pretraining are made from short words of pretraining,
  /// so that none begins with a held-out word.
  public static let long: Words = Words(
    pretraining: longWords(from: short.pretraining).filter { !isHeldOut($0) },
    heldOut: longWords(from: short.heldOut).filter { isHeldOut($0) })

  /// Whether a word is kept out of pretraining: an eighth of all words, chosen by a hash of the
  /// spelling, so that a larger lexicon changes none of the choices.
  public static func isHeldOut(_ word: String) -> Bool {
    // The low bits of FNV-1a see only the low bits of each letter; the middle ones see them all.
    (FNV1a.hash(of: word) >> 40) % 8 == 0
  }

  static let onsets = pieces(
    """
    b d f g h j k l m n p r s t v w y z
    bl br dr fl gl gr kr pl pr sn st tr
    """)

  static let vowels = pieces("a e i o u")

  /// Three to five for each first letter.
  static let codas = pieces(
    """
    ba by bo  ck ct cky  dy do dge ddo  ff ft fo fy  gg go gy  ky ko ka  lb ld lm lp lth
    mp mb my mo  nd nk nt ny nch  pt py po pso  rb rd rn rp rth  sk sp st sh
    th ty to tch  vy vo va  wn wk wy  xy xo xt  zz zy zo
    """)

  static let endings = pieces(
    "er on ish ag ul em ot an ic im ent ow ad eth ing il us am ort ane")

  private static var shortWords: [String] {
    var words: [String] = []
    for onset in onsets {
      for vowel in vowels {
        for coda in codas {
          let word = onset + vowel + coda
          if (4...5).contains(word.utf8.count) && !isTaken(word) { words.append(word) }
        }
      }
    }
    return words.sorted()
  }

  /// Each short word with about five of the endings.
  private static func longWords(from shortWords: [String]) -> [String] {
    var words: [String] = []
    for word in shortWords {
      for ending in endings {
        let long = word + ending
        if (FNV1a.hash(of: long) >> 20) % 4 == 0 && long.utf8.count <= 8 && !isTaken(long) {
          words.append(long)
        }
      }
    }
    return words.sorted()
  }

  private static func isTaken(_ word: String) -> Bool {
    EnglishWords.contains(word) || Templates.words.contains(word)
  }

  private static func pieces(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
