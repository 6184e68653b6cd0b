/// A kind of world that a study compares arms on. Each dataset is a file in `Datasets/`.
public struct Dataset: Sendable {
  /// What files and options call it.
  public let name: String
  /// What its facts are, with an example, in lower case and without a full stop of its own.
  public let summary: String
  /// What the size of a world counts: "family", and several of them: "families".
  public let unit: String
  public let units: String
  public let standardSize: Int
  /// The choices of each question, of which one is right.
  public let choiceCount: Int
  /// Whether it is a dataset of Lampinen et al. 2025, arXiv 2505.00661. Of another one, the
  /// directions that they found are expected.
  public let isInPaper: Bool
  /// What the paper found about it, or what is expected.
  public let claims: [Claim]
  /// The pretraining documents that teach what its questions ask for; nil where there are none.
  public let pretraining: DocumentKind?
  /// The questions by which pretraining is watched.
  public let probes: [Probe]
  private let makeWorld: WorldMaker

  /// Makes the world of a seed and a size; the size is positive.
  public typealias WorldMaker =
    @Sendable (_ seed: UInt64, _ size: Int) throws(CorpusError) -> any World

  /// Questions of one split about worlds of one size.
  public struct Probe: Hashable, Sendable {
    public let split: Split
    public let size: Int

    public init(_ split: Split, size: Int) {
      self.split = split
      self.size = size
    }
  }

  public init(
    name: String, summary: String, unit: String, units: String, standardSize: Int,
    choiceCount: Int, isInPaper: Bool, claims: [Claim] = [], pretraining: DocumentKind? = nil,
    probes: [Probe] = [], makeWorld: @escaping WorldMaker
  ) {
    self.name = name
    self.summary = summary
    self.unit = unit
    self.units = units
    self.standardSize = standardSize
    self.choiceCount = choiceCount
    self.isInPaper = isInPaper
    self.claims = claims
    self.pretraining = pretraining
    self.probes = probes
    self.makeWorld = makeWorld
  }

  /// Every dataset, in the order of the tables.
  public static let all: [Dataset] = [
    .reversal, .syllogism, .hierarchy, .family, .celebrities,
  ]

  /// Nil where no dataset has the name.
  public init?(named name: String) {
    guard let dataset = Self.all.first(where: { $0.name == name }) else { return nil }
    self = dataset
  }

  /// A fresh world: the same for the same seed and size, on every machine.
  ///
  /// - Parameter size: how many of ``units`` it has; the standard size where nil.
  /// - Throws: ``CorpusError`` where there are too few held-out words for the size.
  public func world(seed: UInt64, size: Int? = nil) throws(CorpusError) -> any World {
    let size = size ?? standardSize
    guard size > 0 else { throw .emptyWorld(units: units) }
    return try makeWorld(seed, size)
  }

  /// A size with what it counts: "1 family", "6 families".
  public func counted(_ size: Int) -> String { "\(size) \(size == 1 ? unit : units)" }

  /// The summary as a sentence: the help text of its option.
  public var help: String {
    let end = summary.hasSuffix(".\"") ? "" : "."
    return summary.prefix(1).uppercased() + summary.dropFirst() + end
  }

  /// How often a guess is right: "1/2 for reversal, 1/6 for syllogism and 1/4 for the others".
  public static var chances: String {
    var counts: [Int: Int] = [:]
    for dataset in all { counts[dataset.choiceCount, default: 0] += 1 }
    let commonest = all.map(\.choiceCount).max { (counts[$0] ?? 0) < (counts[$1] ?? 0) }
    return all.filter { $0.choiceCount != commonest }
      .map { "1/\($0.choiceCount) for \($0.name)" }.joined(separator: ", ")
      + " and 1/\(commonest ?? 1) for the others"
  }
}

// A dataset is its name: there is one of each.
extension Dataset: Hashable {
  public static func == (first: Dataset, second: Dataset) -> Bool { first.name == second.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

// In files it is its name.
extension Dataset: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let dataset = Dataset(named: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "there is no dataset \"\(name)\"; there are "
          + Dataset.all.map(\.name).joined(separator: ", "))
    }
    self = dataset
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension Dataset: CustomStringConvertible {
  public var description: String { name }
}
