import Randomness

/// Trees of categories with properties and relations, which the categories below inherit.
///
/// After the *semantic structure* data of Lampinen et al. 2025, arXiv 2505.00661.
struct HierarchyBuilder {
  private(set) var theory = Theory()
  private(set) var categories: [Category] = []
  private var adjectives: [String]
  private var verbs: [String]

  struct Category {
    var name: String
    var parent: Int?
    /// The number of the fact that states the parent.
    var link: Int?
    var depth: Int
    /// The numbers of the facts about this category itself.
    var own: [Int] = []
  }

  init(adjectives: [String], verbs: [String]) {
    self.adjectives = adjectives
    self.verbs = verbs
  }

  /// Adds a category under a parent, with what follows for it from its ancestors' facts.
  mutating func addCategory(_ name: String, under parent: Int?) -> Int {
    let number = categories.count
    var category = Category(
      name: name, parent: parent, depth: parent.map { categories[$0].depth + 1 } ?? 0)
    if let parent {
      category.link = theory.state(.kind, name, categories[parent].name)
    }
    categories.append(category)
    // Every category above the parent is also above the new one.
    for (ancestor, links) in ancestors(of: number).dropFirst() {
      theory.conclude(.kind, name, categories[ancestor].name, from: links)
    }
    for (ancestor, links) in ancestors(of: number) {
      for fact in categories[ancestor].own { inherit(fact, number, links) }
    }
    return number
  }

  /// Gives a category a property that no category above or below it has, if one is found.
  mutating func addProperty(to number: Int, using random: inout RandomGenerator) {
    let line = [number] + ancestors(of: number).map(\.number) + descendants(of: number)
    let taken = Set(line.flatMap { categories[$0].own }.map { theory.facts[$0].object })
    for _ in 0..<8 {
      let adjective = random.element(of: adjectives)
      if taken.contains(adjective) { continue }
      add(theory.state(.property, categories[number].name, adjective), to: number)
      return
    }
  }

  /// Says that a category does something to another one.
  mutating func addRelation(to number: Int, object: Int, using random: inout RandomGenerator) {
    let verb = random.element(of: verbs)
    add(
      theory.state(.verb(verb), categories[number].name, categories[object].name), to: number)
  }

  private mutating func add(_ fact: Int, to number: Int) {
    categories[number].own.append(fact)
    for descendant in descendants(of: number) {
      let links = ancestors(of: descendant).first { $0.number == number }?.links ?? []
      inherit(fact, descendant, links)
    }
  }

  private mutating func inherit(_ fact: Int, _ heir: Int, _ links: [Int]) {
    let stated = theory.facts[fact]
    theory.conclude(stated.relation, categories[heir].name, stated.object, from: links + [fact])
  }

  /// The categories above, the parent first, each with the facts that lead to it.
  func ancestors(of number: Int) -> [(number: Int, links: [Int])] {
    var result: [(Int, [Int])] = []
    var links: [Int] = []
    var place = number
    while let parent = categories[place].parent, let link = categories[place].link {
      links.append(link)
      result.append((parent, links))
      place = parent
    }
    return result
  }

  func descendants(of number: Int) -> [Int] {
    categories.indices.filter { candidate in
      var ancestor = categories[candidate].parent
      while let place = ancestor, place != number { ancestor = categories[place].parent }
      return ancestor != nil
    }
  }
}

extension Theory {
  /// A random forest of categories with about `factCount` facts.
  static func hierarchy(
    factCount: Int, words: inout WordSampler, using random: inout RandomGenerator
  ) -> Theory {
    let adjectiveCount = max(2, factCount / 3)
    var builder = HierarchyBuilder(
      adjectives: words.words(adjectiveCount, using: &random),
      verbs: words.words(1 + adjectiveCount / 12, using: &random))
    // In some forests each category has many properties, so that much is inherited.
    let maxProperties = random.integer(in: 1...6)
    // The categories that a new one can be placed under: those of the current tree.
    var tree: [Int] = []
    while builder.theory.facts.count < factCount {
      let startsTree = tree.isEmpty || tree.count > 12 || random.chance(0.12)
      if startsTree { tree = [] }
      let open = tree.filter { builder.categories[$0].depth < 3 }
      let number = builder.addCategory(
        words.word(using: &random), under: open.isEmpty ? nil : random.element(of: open))
      tree.append(number)
      for _ in 0..<random.integer(in: 0...maxProperties)
      where builder.theory.facts.count < factCount {
        builder.addProperty(to: number, using: &random)
      }
      if number > 0, random.chance(0.5), builder.theory.facts.count < factCount {
        builder.addRelation(to: number, object: random.integer(below: number), using: &random)
      }
    }
    return builder.theory
  }

  /// Small trees that are all alike, so that every step is needed to find the right one: in a
  /// forest of different trees, what is inherited can often be guessed.
  ///
  /// - Parameter areDeep: whether each has three levels.
  static func parallelHierarchies(
    factCount: Int, areDeep: Bool, words: inout WordSampler, using random: inout RandomGenerator
  ) -> Theory {
    let treeCount = max(2, factCount / 2)
    let depth = areDeep || random.chance(0.4) ? 2 : 1
    let property = random.chance(0.5)
    var builder = HierarchyBuilder(
      adjectives: words.words(2 * treeCount, using: &random),
      verbs: words.words(1, using: &random))
    var heads: [Int] = []
    for _ in 0..<treeCount {
      var number = builder.addCategory(words.word(using: &random), under: nil)
      heads.append(number)
      for _ in 0..<depth {
        number = builder.addCategory(words.word(using: &random), under: number)
      }
    }
    for head in random.shuffled(heads) {
      if property {
        builder.addProperty(to: head, using: &random)
      } else {
        let object = builder.addCategory(words.word(using: &random), under: nil)
        builder.addRelation(to: head, object: object, using: &random)
      }
    }
    return builder.theory
  }
}

extension DocumentKind {
  public static let hierarchies = theories("hierarchies") { request, words, random in
    request.areAlike
      ? .parallelHierarchies(
        factCount: request.factCount, areDeep: request.isDeep, words: &words, using: &random)
      : .hierarchy(factCount: request.factCount, words: &words, using: &random)
  }
}
