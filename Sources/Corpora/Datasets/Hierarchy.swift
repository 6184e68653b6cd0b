import Randomness

extension Dataset {
  /// The *semantic structure* data of Lampinen et al. 2025.
  public static let hierarchy = Dataset(
    name: "hierarchy",
    summary: "trees of categories with inherited properties: \"gruds belong to the abmes.\"",
    unit: "category", units: "categories", standardSize: 110, choiceCount: 4, isInPaper: true,
    claims: [
      Claim(
        "in-context is above fine-tuned on reversals",
        .above("in-context", "fine-tuned", .reversed)),
      Claim(
        "in-context is above fine-tuned on deductions",
        .above("in-context", "fine-tuned", .deduced)),
      Claim(
        "fine-tuned alone is above chance on reversals", .aboveChance("fine-tuned", .reversed)),
      Claim(
        "augmented is as good as in-context on deductions, or better",
        .notFarBelow("augmented", "in-context", .deduced)),
      Claim(
        "category holdout stays harder than deduction for augmented",
        .harder("augmented", .holdout, .deduced)),
    ],
    pretraining: .hierarchies,
    probes: [
      .init(.reversed, size: 11), .init(.deduced, size: 11), .init(.holdout, size: 11),
    ]
  ) { seed, size throws(CorpusError) in
    try FactWorld.hierarchy(seed: seed, categoryCount: size)
  }
}

extension FactWorld {
  /// The categories of a group: a head, four below it, and six below those.
  static let categoriesPerGroup = 11

  /// Trees of categories with properties and relations of their own, which those below inherit: the
  /// *semantic structure* of Lampinen et al. 2025, arXiv 2505.00661.
  ///
  /// A group is a tree of three levels. All facts are stated from the category's side ("gruds are a
  /// kind of abmes."), in articles of several styles. Each tree has one more category that is held
  /// back: of it only the parent is ever stated.
  ///
  /// - Throws: ``CorpusError`` where there are too few held-out words.
  static func hierarchy(
    seed: UInt64, categoryCount: Int
  ) throws(CorpusError) -> FactWorld {
    let groupCount = (categoryCount + categoriesPerGroup - 1) / categoriesPerGroup
    let adjectiveCount = 60
    let verbCount = 6
    let words = Lexicon.short.heldOut
    let most = words.count - adjectiveCount - verbCount
    guard categoryCount + groupCount <= most else {
      throw .tooLarge(
        asked: categoryCount, most: most * categoriesPerGroup / (categoriesPerGroup + 1),
        units: Dataset.hierarchy.units)
    }
    var random = RandomGenerator(seed: seed, keys: Stream.facts.rawValue)
    var names = random.sample(categoryCount + groupCount + adjectiveCount + verbCount, of: words)
    func take(_ count: Int) -> [String] {
      defer { names.removeFirst(count) }
      return Array(names.prefix(count))
    }
    let adjectives = take(adjectiveCount)
    let verbs = take(verbCount)

    var content = Content(
      dataset: .hierarchy, splits: [.trained, .rephrased, .reversed, .deduced, .holdout],
      stated: [],
      deduced: [], classes: [], sentencesPerArticle: 4...20, usesPreambles: false,
      manners: [.varied, .varied, .even, .entries, .questions])
    for group in 0..<groupCount {
      let size = min(categoriesPerGroup, categoryCount - group * categoriesPerGroup)
      // Each tree has few adjectives, so that what is true of one category is a wrong choice for
      // another.
      let own = random.sample(16, of: adjectives)
      var builder = HierarchyBuilder(adjectives: own, verbs: random.sample(2, of: verbs))
      for (place, name) in take(size).enumerated() {
        let parent = place == 0 ? nil : place <= 4 ? 0 : 1 + (place - 5) % min(4, place - 1)
        let number = builder.addCategory(name, under: parent)
        for _ in 0..<MentionPlan.inverselyDrawn(from: 1...6, using: &random) {
          builder.addProperty(to: number, using: &random)
        }
      }
      for number in builder.categories.indices where size > 1 && random.chance(0.5) {
        let others = builder.categories.indices.filter { $0 != number }
        builder.addRelation(to: number, object: random.element(of: others), using: &random)
      }
      // What follows in two ways has the number of steps of the shorter one.
      func deductions(_ conclusions: some Sequence<Theory.Conclusion>) -> [Deduction] {
        let steps = Dictionary(
          conclusions.map { ($0.fact, $0.premises.count) }, uniquingKeysWith: min)
        return conclusions.map {
          Deduction(fact: $0.fact, steps: steps[$0.fact, default: 0], group: group)
        }
      }
      content.deduced += deductions(builder.theory.conclusions)
      let stated = builder.theory
      let parents = builder.categories.indices.filter { builder.categories[$0].depth == 1 }
      let held = take(1)[0]
      _ = builder.addCategory(held, under: parents.isEmpty ? 0 : random.element(of: parents))
      content.heldBack += deductions(
        builder.theory.conclusions.dropFirst(stated.conclusions.count))
      content.stated += builder.theory.facts.map {
        StatedFact(fact: $0, sides: [.forward], group: group)
      }
      content.classes.append(builder.categories.map(\.name))
      content.classes.append(
        Set(builder.theory.facts.filter { $0.relation == .property }.map(\.object)).sorted())
    }
    content.classes = content.classes.disjoint()
    return FactWorld(seed: seed, content)
  }
}

extension [[String]] {
  /// The same sets, those that share a member united.
  func disjoint() -> [[String]] {
    var result: [Set<String>] = []
    for members in self {
      var union = Set(members)
      result = result.filter { other in
        if other.isDisjoint(with: union) { return true }
        union.formUnion(other)
        return false
      }
      result.append(union)
    }
    return result.map { $0.sorted() }
  }
}
