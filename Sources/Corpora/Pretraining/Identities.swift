import Randomness

extension Theory {
  /// The occupations of descriptions.
  static let roles = [
    "author", "captain", "composer", "founder", "inventor", "keeper", "painter", "singer",
  ]

  /// "composer of yomp troff"
  static func description(role: String, _ title: [String]) -> String {
    role + " of " + title.joined(separator: " ")
  }

  /// Names of two words and descriptions, one fact each.
  static func identities(
    factCount: Int, isShort: Bool, words: inout WordSampler, using random: inout RandomGenerator
  ) -> Theory {
    var theory = Theory()
    for _ in 0..<factCount {
      let name = words.words(isShort ? 1 : 2, using: &random).joined(separator: " ")
      let title = words.words(isShort ? 1 : 2, using: &random)
      theory.state(
        .identity, name,
        isShort ? title[0] : description(role: random.element(of: roles), title))
    }
    return theory
  }
}

extension DocumentKind {
  public static let identities = theories("identities") { request, words, random in
    .identities(
      factCount: request.factCount, isShort: request.isShort, words: &words, using: &random)
  }
}
