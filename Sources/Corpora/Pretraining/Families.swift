import Randomness

/// Family trees: parents and spouses are stated, siblings and grandparents follow.
struct FamilyBuilder {
  private(set) var theory = Theory()
  private(set) var people: [String] = []
  /// The parents of each person, with the numbers of the facts that state them.
  private var parents: [[(person: Int, fact: Int)]] = []
  private var children: [[(person: Int, fact: Int)]] = []

  mutating func addPerson(_ name: String) -> Int {
    people.append(name)
    parents.append([])
    children.append([])
    return people.count - 1
  }

  mutating func marry(_ first: Int, _ second: Int) {
    theory.state(.spouse, people[first], people[second])
  }

  /// States a parent of a child, and adds what follows.
  mutating func addParent(_ parent: Int, of child: Int) {
    let fact = theory.state(.parent, people[parent], people[child])
    for (grandparent, link) in parents[parent] {
      theory.conclude(.grandparent, people[grandparent], people[child], from: [link, fact])
    }
    for (grandchild, link) in children[child] {
      theory.conclude(.grandparent, people[parent], people[grandchild], from: [fact, link])
    }
    for (sibling, link) in children[parent] {
      theory.conclude(.sibling, people[child], people[sibling], from: [fact, link])
    }
    parents[child].append((parent, fact))
    children[parent].append((child, fact))
  }
}

extension Theory {
  /// Random family trees of up to four generations with about `factCount` facts.
  static func family(
    factCount: Int, words: inout WordSampler, using random: inout RandomGenerator
  ) -> Theory {
    var builder = FamilyBuilder()
    func isFull() -> Bool { builder.theory.facts.count >= factCount }
    while !isFull() {
      // In some families only one parent of each child is stated.
      let statesBoth = random.chance(0.6)
      func couple(with first: Int) -> [Int] {
        guard random.chance(0.7), !isFull() else { return [first] }
        let second = builder.addPerson(words.word(using: &random))
        builder.marry(first, second)
        return statesBoth ? [first, second] : [first]
      }
      var generation = [couple(with: builder.addPerson(words.word(using: &random)))]
      for _ in 0..<3 {
        var next: [[Int]] = []
        for parents in generation {
          for _ in 0..<random.integer(in: 1...3) where !isFull() {
            let child = builder.addPerson(words.word(using: &random))
            for parent in parents where !isFull() { builder.addParent(parent, of: child) }
            next.append([child])
          }
        }
        generation = next.prefix(4).filter { _ in random.chance(0.7) }.map { couple(with: $0[0]) }
      }
    }
    return builder.theory
  }

  /// Small families that are all alike, so that every step is needed to find the right one.
  static func parallelFamilies(
    factCount: Int, words: inout WordSampler, using random: inout RandomGenerator
  ) -> Theory {
    // Siblings, a step up and a step down, are learned early; grandparents, two steps up, last.
    let areSiblings = random.chance(0.33)
    var builder = FamilyBuilder()
    for _ in 0..<max(2, factCount / 2) {
      let people = (0..<3).map { _ in builder.addPerson(words.word(using: &random)) }
      builder.addParent(people[0], of: people[1])
      builder.addParent(people[areSiblings ? 0 : 1], of: people[2])
    }
    return builder.theory
  }
}

extension DocumentKind {
  public static let families = theories("families") { request, words, random in
    request.areAlike
      ? .parallelFamilies(factCount: request.factCount, words: &words, using: &random)
      : .family(factCount: request.factCount, words: &words, using: &random)
  }
}
