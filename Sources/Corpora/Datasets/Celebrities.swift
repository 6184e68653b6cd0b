import Randomness

extension Dataset {
  /// Names and descriptions: the *reversal curse*.
  public static let celebrities = Dataset(
    name: "celebrities",
    summary: "names and descriptions: \"femp glon is the author of yomp troff.\"",
    unit: "person", units: "people", standardSize: 90, choiceCount: 4, isInPaper: true,
    claims: [
      Claim(
        "in-context answers reversed questions near the ceiling",
        .nearCeiling("in-context", .reversed)),
      Claim(
        "fine-tuned is at chance or below on reversed questions",
        .notAboveChance("fine-tuned", .reversed)),
      Claim(
        "augmented is about as good as in-context on reversed questions",
        .notFarBelow("augmented", "in-context", .reversed)),
    ],
    pretraining: .identities,
    probes: [.init(.reversed, size: 24), .init(.reversed, size: 90)]
  ) { seed, size throws(CorpusError) in
    try FactWorld.celebrities(seed: seed, personCount: size)
  }
}

extension FactWorld {
  /// The number of people in a group.
  static let peoplePerGroup = 5

  /// Names and descriptions, in the form of the reversal-curse data of Berglund et al. 2023, arXiv
  /// 2309.12288: a third of the people always has the name first, a third the description first,
  /// and a third both.
  ///
  /// - Throws: ``CorpusError`` where there are too few held-out words.
  static func celebrities(seed: UInt64, personCount: Int) throws(CorpusError) -> FactWorld {
    let words = Lexicon.short.heldOut
    guard personCount <= words.count / 4 else {
      throw .tooLarge(
        asked: personCount, most: words.count / 4, units: Dataset.celebrities.units)
    }
    var random = RandomGenerator(seed: seed, keys: Stream.facts.rawValue)
    let names = random.sample(4 * personCount, of: words)
    // Three roles only: all choices of a question have the same role, which would otherwise give
    // the answer away.
    let roles = random.sample(3, of: Theory.roles)
    var content = Content(
      dataset: .celebrities, splits: [.trained, .rephrased, .reversed], stated: [], deduced: [],
      classes: [], sentencesPerArticle: 1...1, usesPreambles: true)
    let sides: [[Side]] = [[.forward], [.backward], [.forward, .backward]]
    var people: [String] = []
    var descriptions: [String] = []
    for person in 0..<personCount {
      let own = names[4 * person..<4 * person + 4]
      people.append(own.prefix(2).joined(separator: " "))
      descriptions.append(
        Theory.description(role: roles[person / 3 % roles.count], Array(own.suffix(2))))
      content.stated.append(
        StatedFact(
          fact: Fact(.identity, people[person], descriptions[person]), sides: sides[person % 3],
          group: person / peoplePerGroup))
    }
    // People whose descriptions share a role.
    for role in roles.indices {
      let own = people.indices.filter { $0 / 3 % roles.count == role }
      content.classes += [own.map { people[$0] }, own.map { descriptions[$0] }]
    }
    return FactWorld(seed: seed, content)
  }
}
