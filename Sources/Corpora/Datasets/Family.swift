import Randomness

extension Dataset {
  /// Family trees, which the paper does not have.
  public static let family = Dataset(
    name: "family",
    summary: "family trees: parents and spouses are stated, siblings and grandparents deduced",
    unit: "family", units: "families", standardSize: 10, choiceCount: 4, isInPaper: false,
    claims: [
      Claim(
        "in-context is above fine-tuned on reversals",
        .above("in-context", "fine-tuned", .reversed)),
      Claim(
        "in-context is above fine-tuned on two-step questions",
        .above("in-context", "fine-tuned", .deduced)),
      Claim(
        "augmented is above fine-tuned on two-step questions",
        .above("augmented", "fine-tuned", .deduced)),
    ],
    pretraining: .families,
    probes: [.init(.reversed, size: 1), .init(.deduced, size: 1), .init(.deduced, size: 6)]
  ) { seed, size throws(CorpusError) in
    try FactWorld.families(seed: seed, familyCount: size)
  }
}

extension FactWorld {
  /// Family trees of twelve: a couple, three children, two of them married, five grandchildren.
  ///
  /// All facts are stated from the parent's side, "femp is the parent of glon.", and marriages from
  /// the side of one spouse. Siblings and grandparents are never stated: they follow in two steps.
  ///
  /// - Throws: ``CorpusError`` where there are too few held-out words.
  static func families(seed: UInt64, familyCount: Int) throws(CorpusError) -> FactWorld {
    let peoplePerFamily = 12
    let words = Lexicon.short.heldOut
    guard familyCount <= words.count / peoplePerFamily else {
      throw .tooLarge(
        asked: familyCount, most: words.count / peoplePerFamily, units: Dataset.family.units)
    }
    var random = RandomGenerator(seed: seed, keys: Stream.facts.rawValue)
    let names = random.sample(familyCount * peoplePerFamily, of: words)
    var content = Content(
      dataset: .family, splits: [.trained, .rephrased, .reversed, .deduced], stated: [],
      deduced: [], classes: [], sentencesPerArticle: 3...8, usesPreambles: false)
    for family in 0..<familyCount {
      var builder = FamilyBuilder()
      let people = (0..<peoplePerFamily).map {
        builder.addPerson(names[family * peoplePerFamily + $0])
      }
      let children = Array(people[2..<5])
      let grandchildren = people[7..<12]
      builder.marry(people[0], people[1])
      for child in children {
        for parent in people[0..<2] { builder.addParent(parent, of: child) }
      }
      for (child, spouse) in zip(children, people[5..<7]) { builder.marry(child, spouse) }
      // Each couple has two or three children.
      let first = random.integer(in: 2...3)
      for (number, grandchild) in grandchildren.enumerated() {
        let couple = number < first ? 0 : 1
        builder.addParent(children[couple], of: grandchild)
        builder.addParent(people[5 + couple], of: grandchild)
      }
      content.stated += builder.theory.facts.map {
        StatedFact(fact: $0, sides: [.forward], group: family)
      }
      content.deduced += Set(builder.theory.conclusions.map(\.fact))
        .sorted { ($0.subject, $0.object) < ($1.subject, $1.object) }
        .map { Deduction(fact: $0, steps: 2, group: family) }
      content.classes.append(builder.people)
    }
    return FactWorld(seed: seed, content)
  }
}
