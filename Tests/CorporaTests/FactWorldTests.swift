import Randomness
import Testing

@testable import Corpora

/// Hierarchies, families and celebrities: what they state, and what follows from it.
@Suite struct FactWorldTests {
  static let datasets: [Dataset] = [.hierarchy, .family, .celebrities]

  /// A world, with everything that follows from its articles.
  struct Sample {
    let world: FactWorld
    let reader: Reader
    /// What every sentence of the articles says.
    let readings: [Reading]
    let stated: Set<Fact>
    let truth: Set<Fact>
    /// The categories of which nothing but the parent is stated.
    let held: Set<String>

    init(_ dataset: Dataset, seed: UInt64) throws {
      world = try #require(try dataset.world(seed: seed) as? FactWorld)
      let reader = Reader(verbs: world.verbs)
      self.reader = reader
      readings = try world.articles.flatMap { Reader.sentences($0.text) }
        .map { try #require(reader.read($0)) }
      stated = Set(readings.map(\.fact))
      truth = closure(stated)
      let described = Set(
        stated.filter { $0.relation != .kind }.flatMap { [$0.subject, $0.object] }
      )
      .union(stated.filter { $0.relation == .kind }.map(\.object))
      held = Set(stated.filter { $0.relation == .kind }.map(\.subject)).subtracting(described)
    }
  }

  static let samples: [Dataset: [Sample]] = Dictionary(
    uniqueKeysWithValues: datasets.map { dataset in
      (dataset, (7..<10).map { try! Sample(dataset, seed: $0) })
    })

  private func samples(_ dataset: Dataset) throws -> [Sample] {
    try #require(Self.samples[dataset])
  }

  @Test(arguments: datasets)
  func `what is true is what follows`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      let world = sample.world
      #expect(Set(world.stated.map(\.fact.normalised)) == sample.stated)
      #expect(world.stated.count == sample.stated.count)
      let deduced = world.deduced.map(\.fact.normalised)
      let heldBack = world.heldBack.map(\.fact.normalised)
      #expect(Set(deduced).union(heldBack) == sample.truth.subtracting(sample.stated))
      #expect(Set(deduced + heldBack).count == deduced.count + heldBack.count)
    }
  }

  /// What a category inherits from two others is one thing to ask.
  @Test func `nothing follows twice`() throws {
    for seed in 20..<40 as Range<UInt64> {
      let world = try FactWorld.hierarchy(seed: seed, categoryCount: 110)
      let facts = world.stated.map(\.fact) + (world.deduced + world.heldBack).map(\.fact)
      #expect(Set(facts).count == facts.count)
    }
  }

  @Test(arguments: datasets)
  func `nothing deduced is stated`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      let secret = Set((sample.world.deduced + sample.world.heldBack).map(\.fact.normalised))
      #expect(secret.isEmpty == (dataset == .celebrities))
      #expect(sample.stated.isDisjoint(with: secret))
      #expect(sample.stated.allSatisfy { $0.relation != .sibling && $0.relation != .grandparent })
      let prompt = sample.world.prompt(groups: Array(0..<sample.world.groupCount), seed: 1)
      for sentence in prompt.flatMap({ Reader.sentences($0.text) }) {
        #expect(!secret.contains(try #require(sample.reader.read(sentence)).fact))
      }
    }
  }

  @Test(arguments: datasets)
  func `each fact is stated from its own sides`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      var sides: [Fact: Set<Side>] = [:]
      for reading in sample.readings { sides[reading.fact, default: []].insert(reading.side) }
      func share(_ wanted: Set<Side>) -> Double {
        Double(sides.values.filter { $0 == wanted }.count) / Double(sides.count)
      }
      switch dataset {
      case .hierarchy: #expect(share([.forward]) == 1)
      case .family:
        // A marriage reads the same from either side.
        let oneWay = sides.filter { !$0.key.relation.isSymmetric }
        #expect(oneWay.values.allSatisfy { $0 == [.forward] })
      default:
        #expect(abs(share([.forward]) - 1.0 / 3) < 1e-9)
        #expect(abs(share([.backward]) - 1.0 / 3) < 1e-9)
      }
      for stated in sample.world.stated where !stated.fact.relation.isSymmetric {
        #expect(sides[stated.fact] == Set(stated.sides))
      }
    }
  }

  @Test(arguments: datasets)
  func `articles are as long as the dataset says`(_ dataset: Dataset) throws {
    let most = [Dataset.hierarchy: 20, .family: 8, .celebrities: 1]
    for sample in try samples(dataset) {
      let lengths = sample.world.articles.map { Reader.sentences($0.text).count }
      #expect(lengths.max() == most[dataset])
      // Many wordings of each relation are in use.
      let patterns = Dictionary(grouping: sample.readings, by: \.fact.relation)
        .mapValues { Set($0.map(\.pattern)).count }
      #expect(patterns.values.allSatisfy { $0 >= 2 })
    }
  }

  /// Articles in the same wording throughout, as questions, and by entity: each more often than by
  /// chance.
  @Test func `articles of a hierarchy have several styles`() throws {
    for sample in try samples(.hierarchy) {
      let articles = try sample.world.articles.map { article in
        try Reader.sentences(article.text).map { try #require(sample.reader.read($0)) }
      }.filter { $0.count >= 8 }
      let even = articles.filter { article in
        Dictionary(grouping: article, by: \.fact.relation).values
          .allSatisfy { Set($0.map(\.pattern)).count == 1 }
      }
      // A world may keep the question of a relation for `rephrased`.
      func asks(_ reading: Reading) -> Bool { reading.pattern.contains("question") }
      let askable = Set(sample.readings.filter(asks).map(\.fact.relation))
      let asking = articles.filter { article in
        let readings = article.filter { askable.contains($0.fact.relation) }
        return readings.count >= 4 && readings.allSatisfy(asks)
      }
      let byEntity = articles.filter { article in
        let subjects = article.map(\.fact.subject)
        let starts = zip(subjects, [""] + subjects).filter { $0 != $1 }.count
        return starts == Set(subjects).count && starts < subjects.count
      }
      for articles in [even, asking, byEntity] { #expect(articles.count > 5) }
    }
  }

  @Test func `a hierarchy is trees of three levels`() throws {
    for sample in try samples(.hierarchy) {
      let kinds = sample.stated.filter { $0.relation == .kind }
      let parents = Dictionary(grouping: kinds, by: \.subject)
      #expect(parents.values.allSatisfy { $0.count == 1 })
      let categories = Set(kinds.flatMap { [$0.subject, $0.object] })
      #expect(categories.count == 120)
      let heads = categories.subtracting(parents.keys)
      #expect(heads.count == 10)
      func depth(_ name: String) -> Int { parents[name].map { depth($0[0].object) + 1 } ?? 0 }
      #expect(Set(categories.map(depth)) == [0, 1, 2])

      #expect(sample.held.count == 10)
      #expect(sample.held.allSatisfy { depth($0) == 2 })
      #expect(Set(sample.world.heldBack.map(\.fact.subject)) == sample.held)
      #expect(sample.world.deduced.allSatisfy { !sample.held.contains($0.fact.subject) })
      let properties = Dictionary(
        grouping: sample.stated.filter { $0.relation == .property }, by: \.subject)
      #expect(properties.count == 110)
      #expect(properties.values.allSatisfy { (1...6).contains($0.count) })
    }
  }

  @Test func `a family is twelve people`() throws {
    for sample in try samples(.family) {
      let parents = sample.stated.filter { $0.relation == .parent }
      #expect(parents.count == 160)
      #expect(sample.stated.filter { $0.relation == .spouse }.count == 30)
      #expect(Dictionary(grouping: parents, by: \.object).values.allSatisfy { $0.count == 2 })
      #expect(sample.truth.filter { $0.relation == .grandparent }.count == 100)
      // Three children, and couples of two and three.
      #expect(sample.truth.filter { $0.relation == .sibling }.count == 70)
    }
  }

  @Test func `celebrities share three roles`() throws {
    for sample in try samples(.celebrities) {
      let roles = Dictionary(grouping: sample.stated) { $0.object.split(separator: " ")[0] }
      #expect(roles.count == 3 && roles.values.allSatisfy { $0.count == 30 })
      #expect(Set(sample.stated.map(\.subject)).count == 90)
      // The sides of the statements are equally frequent in each role.
      for facts in roles.values {
        let sides = sample.world.stated.filter { facts.contains($0.fact) }.map(\.sides)
        #expect(sides.filter { $0 == [.forward] }.count == 10)
        #expect(sides.filter { $0 == [.backward] }.count == 10)
      }
    }
  }
}
