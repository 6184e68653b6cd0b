import Corpora
import Foundation
import ModelFiles

/// A study's results, as `results.json` holds them.
public struct Results: Codable, Sendable {
  public var run: Run
  public var rows: [Row]
  public var kinds: [Kind]
  public var comparisons: [Comparison]
  public var costs: [Cost]
  public var breakEvens: [BreakEven]
  public var curves: [Curve]
  public var augmentations: [Augmentation]
  public var prompts: [PromptSize]
  public var findings: [Finding]
  public var examples: [Sample]
  /// The dose curve of the augmented arm; empty where it was not asked for.
  public var doses: [Dose]

  /// What was run, with what.
  public struct Run: Codable, Sendable {
    public var command: String
    public var model: String
    /// The adapter that is laid on it, if one is.
    public var adapter: String?
    public var parameters: Int
    public var seeds: [UInt64]
    public var fineTuning: FineTuning
    public var augmentation: Study.Augmentation
    public var blasCore: String
    public var workers: Int
    public var seconds: Double
    public var peakMemoryBytes: Int
    public var createdAt: String
    /// What the user's documents are, where they were asked about.
    public var documents: UserDocuments.Summary?

    public init(
      command: String, model: String, adapter: String? = nil, parameters: Int, study: StudyRun,
      blasCore: String,
      seconds: Double, peakMemoryBytes: Int, createdAt: Date,
      documents: UserDocuments.Summary? = nil
    ) {
      self.command = command
      self.model = model
      self.adapter = adapter
      self.parameters = parameters
      seeds = study.seeds
      fineTuning = study.fineTuning
      augmentation = study.augmentation
      workers = study.workerCount
      self.blasCore = blasCore
      self.seconds = seconds
      self.peakMemoryBytes = peakMemoryBytes
      self.createdAt = ISO8601DateFormatter().string(from: createdAt)
      self.documents = documents
    }
  }

  /// One arm on one split of one dataset, over all worlds; of the user's own documents, of which
  /// there is one set, over the facts that are asked about.
  public struct Row: Codable, Sendable, Equatable {
    public var dataset: String
    public var split: Split
    public var arm: String
    public var accuracy: Double
    public var stderr: Double
    public var ci95: [Double]
    /// Accuracy with log-likelihoods divided by the number of tokens of the choice.
    public var accuracyNormalized: Double
    /// Accuracy with log-likelihoods minus those of the pretrained model that sees no fact.
    public var accuracyCorrected: Double
    public var chance: Double
    /// The accuracy in each world, in the order of the seeds.
    public var worlds: [Double]
    /// Questions in all worlds together.
    public var questions: Int
    public var seeds: Int
    public var tokensTrained: Double
    public var tokensPerQuery: Double
    public var secondsTrain: Double
    public var secondsPerQuery: Double
    /// The facts that the standard error and the interval are over; nil where they are over worlds.
    public var facts: Int?
    /// The mean rank of the right completion, of questions that have other questions' completions
    /// as choices, and how often greedy decoding gives just that.
    public var meanRank: Double?
    public var exactMatch: Double?

    /// Whether there is more than one of what the standard error is over.
    package var hasError: Bool { (facts ?? seeds) > 1 }
  }

  /// One arm on the questions of a split that ask for the same, in splits whose questions ask for
  /// several kinds of things.
  public struct Kind: Codable, Sendable {
    public var dataset: String
    public var split: Split
    public var arm: String
    /// Such as `sibling, 2 steps`.
    public var kind: String
    /// The mean score of all worlds' questions together: one world may have few of a kind.
    public var accuracy: Double
    /// With the worlds as clusters.
    public var stderr: Double
    /// Questions in all worlds together.
    public var questions: Int
    public var seeds: Int

    /// Whether there is more than one of what the standard error is over.
    package var hasError: Bool { seeds > 1 }
  }

  /// One arm minus another on the same worlds, or the same questions.
  public struct Comparison: Codable, Sendable {
    public var dataset: String
    public var split: Split
    public var arm: String
    public var minus: String
    public var difference: Double
    public var ci95: [Double]
  }

  /// What an arm costs: once, and with every query. Means over worlds.
  public struct Cost: Codable, Sendable {
    public var dataset: String
    public var arm: String
    public var tokensTrained: Double
    /// Tokens that the model wrote for its own training.
    public var tokensWritten: Double
    /// Seconds of one thread, writing and training together.
    public var secondsOnce: Double
    public var operationsOnce: Double
    public var tokensPerQuery: Double
    /// Seconds of a query whose prompt is read for it alone.
    public var secondsPerQuery: Double
    /// Seconds of a query whose prompt has been read before and is kept.
    public var secondsPerQueryKept: Double
    public var operationsPerQuery: Double
  }

  /// How many queries make an arm that trains cheaper than reading the facts every time.
  public struct BreakEven: Codable, Sendable {
    public var dataset: String
    public var arm: String
    /// By seconds; nil where reading is never dearer.
    public var queries: Double?
    /// By floating-point operations.
    public var queriesByOperations: Double?
    /// By seconds, where either arm's prompt is read once and kept.
    public var queriesKept: Double?
  }

  /// Accuracy along steps of fine-tuning, or along facts in the prompt.
  public struct Curve: Codable, Sendable {
    public var dataset: String
    public var arm: String
    public var points: [CurvePoint]
  }

  /// What the model wrote for an arm, over all worlds.
  public struct Augmentation: Codable, Sendable {
    public var dataset: String
    public var arm: String
    /// Sentences a world.
    public var sentences: Double
    public var isTrue: Double
    public var isFalse: Double
    public var isMalformed: Double
    public var coverage: [String: Double]
    /// The share that nothing can judge.
    public var isUnjudged: Double?
    /// Samples a world that ended in time, and the shares of these.
    public var samples: Double
    public var samplesTrue: Double
    public var samplesFalse: Double
    public var samplesMalformed: Double
  }

  /// The augmented arm with some number of samples a fact: a point of the dose curve. Means over
  /// worlds.
  public struct Dose: Codable, Sendable {
    public var dataset: String
    /// Samples of each kind for each fact.
    public var sentencesPerFact: Int
    public var splits: [DoseSplit]
    /// Of what the model wrote.
    public var augmentation: Augmentation
    public var tokensTrained: Double
    public var secondsOnce: Double
    public var seeds: Int
  }

  /// Accuracy and coverage of a split at a point of the dose curve.
  public struct DoseSplit: Codable, Sendable {
    public var split: Split
    public var accuracy: Double
    public var stderr: Double
    /// The share of its questions whose answer is among the true sentences; nil of what the
    /// documents tell.
    public var coverage: Double?
  }

  /// How many of a world's facts stand in one prompt.
  public struct PromptSize: Codable, Sendable {
    public var dataset: String
    public var facts: Double
    public var ofFacts: Double
  }

  public init(run: Run, outcomes: [StudyRun.Outcome]) {
    self.run = run
    rows = []
    kinds = []
    comparisons = []
    costs = []
    breakEvens = []
    curves = []
    augmentations = []
    prompts = []
    findings = []
    examples = []
    doses = []
    let points = outcomes.filter { $0.dose != nil }
    let outcomes = outcomes.filter { $0.dose == nil }
    for dataset in outcomes.map(\.dataset).uniqued() {
      let own = outcomes.filter { $0.dataset == dataset }
      let arms = own.map(\.arm).uniqued()
      for arm in arms { add(dataset, arm, own.filter { $0.arm == arm }) }
      compare(dataset, arms, own)
      addExamples(own)
      let first = own.filter { Arm.named($0.arm)?.role == .inContext }
      if !first.isEmpty {
        prompts.append(
          PromptSize(
            dataset: dataset, facts: first.map(\.factsPerPrompt).mean,
            ofFacts: first.map { Double($0.facts) }.mean))
      }
    }
    for dataset in points.map(\.dataset).uniqued() {
      let own = points.filter { $0.dataset == dataset }
      for dose in own.compactMap(\.dose).uniqued().sorted() {
        add(dose, dataset, own.filter { $0.dose == dose })
      }
    }
    findings = Finding.all(self)
  }

  private mutating func add(_ dose: Int, _ dataset: String, _ own: [StudyRun.Outcome]) {
    guard
      let written = Augmentation(dataset, Arm.augmented.name, own, ofUser: run.documents?.dataset)
    else { return }
    doses.append(
      Dose(
        dataset: dataset, sentencesPerFact: dose,
        splits: Split.ordered(own.flatMap(\.samples).map(\.split)).map { split in
          let estimate = Estimate(
            own.map { $0.samples.filter { $0.split == split }.map(\.score) }
              .filter { !$0.isEmpty }.map(\.mean))
          return DoseSplit(
            split: split, accuracy: estimate.mean, stderr: estimate.standardError,
            coverage: written.coverage[split.rawValue])
        },
        augmentation: written, tokensTrained: own.map { Double($0.cost.once.tokensTrained) }.mean,
        secondsOnce: own.map(\.cost.once.seconds).mean, seeds: own.count))
  }

  private mutating func add(_ dataset: String, _ arm: String, _ own: [StudyRun.Outcome]) {
    for split in Split.ordered(own.flatMap(\.samples).map(\.split)) {
      let worlds = own.map { $0.samples.filter { $0.split == split } }.filter { !$0.isEmpty }
      let accuracies = worlds.map { $0.map(\.score).mean }
      let facts = dataset == run.documents?.dataset ? Self.scoresOfFacts(worlds) : nil
      let estimate =
        facts.map { Estimate(clusters: $0.map { $0.map(\.score) }) } ?? Estimate(accuracies)
      let ranked = worlds.joined().filter { $0.rank != nil }
      rows.append(
        Row(
          dataset: dataset, split: split, arm: arm, accuracy: estimate.mean,
          stderr: estimate.standardError,
          ci95: [max(0, estimate.interval.lowerBound), min(1, estimate.interval.upperBound)],
          accuracyNormalized: worlds.map { $0.map(\.scoreNormalized).mean }.mean,
          accuracyCorrected: worlds.map { $0.map(\.scoreCorrected).mean }.mean,
          chance: worlds.flatMap { $0 }.map { 1 / Double($0.choices.count) }.mean,
          worlds: accuracies, questions: worlds.reduce(0) { $0 + $1.count }, seeds: worlds.count,
          tokensTrained: own.map { Double($0.cost.once.tokensTrained) }.mean,
          tokensPerQuery: own.map(\.cost.perQuery.tokens).mean,
          secondsTrain: own.map(\.cost.once.seconds).mean,
          secondsPerQuery: own.map(\.cost.perQuery.seconds).mean, facts: facts?.count,
          meanRank: ranked.isEmpty ? nil : ranked.compactMap(\.rank).mean,
          exactMatch: ranked.isEmpty ? nil : ranked.map { $0.isExact ? 1.0 : 0.0 }.mean))
      addKinds(dataset, arm, split, worlds)
    }
    costs.append(
      Cost(
        dataset: dataset, arm: arm,
        tokensTrained: own.map { Double($0.cost.once.tokensTrained) }.mean,
        tokensWritten: own.map { Double($0.cost.once.tokensWritten) }.mean,
        secondsOnce: own.map(\.cost.once.seconds).mean,
        operationsOnce: own.map(\.cost.once.operations).mean,
        tokensPerQuery: own.map(\.cost.perQuery.tokens).mean,
        secondsPerQuery: own.map(\.cost.perQuery.seconds).mean,
        secondsPerQueryKept: own.map(\.cost.perQuery.secondsKept).mean,
        operationsPerQuery: own.map(\.cost.perQuery.operations).mean))
    let points = Dictionary(grouping: own.flatMap(\.curve), by: \.place)
    if !points.isEmpty {
      curves.append(
        Curve(
          dataset: dataset, arm: arm,
          points: points.sorted { $0.key < $1.key }.map { place, here in
            CurvePoint(
              x: here.map(\.x).mean, place: place,
              accuracies: Dictionary(
                uniqueKeysWithValues: here[0].accuracies.keys.map { split in
                  (split, here.compactMap { $0.accuracies[split] }.mean)
                }))
          }))
    }
    if let written = Augmentation(dataset, arm, own, ofUser: run.documents?.dataset) {
      augmentations.append(written)
    }
  }

  private mutating func addKinds(
    _ dataset: String, _ arm: String, _ split: Split, _ worlds: [[Sample]]
  ) {
    let names = Set(worlds.joined().compactMap(\.kind))
    guard names.count > 1 else { return }
    for name in names.sorted() {
      let own = worlds.map { $0.filter { $0.kind == name }.map(\.score) }.filter { !$0.isEmpty }
      let estimate = Estimate(clusters: own)
      kinds.append(
        Kind(
          dataset: dataset, split: split, arm: arm, kind: name, accuracy: estimate.mean,
          stderr: estimate.standardError, questions: own.joined().count, seeds: own.count))
    }
  }

  private mutating func compare(
    _ dataset: String, _ arms: [String], _ outcomes: [StudyRun.Outcome]
  ) {
    for split in Split.ordered(outcomes.flatMap(\.samples).map(\.split)) {
      for (place, arm) in arms.enumerated() {
        for other in arms.prefix(place) {
          guard let a = row(dataset, arm, split), let b = row(dataset, other, split), a.hasError,
            a.seeds == b.seeds
          else { continue }
          let (mean, interval) =
            a.facts == nil
            ? difference(a, b) : differenceOverFacts(arm, other, split, outcomes)
          comparisons.append(
            Comparison(
              dataset: dataset, split: split, arm: arm, minus: other, difference: mean,
              ci95: [interval.lowerBound, interval.upperBound]))
        }
      }
    }
    guard let reading = cost(dataset, Arm.inContext.name) else { return }
    for arm in arms {
      // An arm that trains and reads as well is never cheaper than reading.
      guard let cost = cost(dataset, arm), cost.tokensTrained > 0,
        Arm.named(arm)?.facts != .both
      else { continue }
      func queries(_ once: Double, _ perQuery: Double, _ other: Double) -> Double? {
        other > perQuery ? max(0, once) / (other - perQuery) : nil
      }
      breakEvens.append(
        BreakEven(
          dataset: dataset, arm: arm,
          queries: queries(cost.secondsOnce, cost.secondsPerQuery, reading.secondsPerQuery),
          queriesByOperations: queries(
            cost.operationsOnce, cost.operationsPerQuery, reading.operationsPerQuery),
          queriesKept: queries(
            cost.secondsOnce - (reading.secondsPerQuery - reading.secondsPerQueryKept),
            cost.secondsPerQueryKept, reading.secondsPerQueryKept)))
    }
  }

  /// Three questions of the first world, as every arm answered them: of the hardest splits first.
  private mutating func addExamples(_ outcomes: [StudyRun.Outcome]) {
    guard let seed = outcomes.first?.seed else { return }
    let own = outcomes.filter { $0.seed == seed }
    let first = own.first?.samples ?? []
    let splits = first.map(\.split).uniqued()
    let known: [Split] = [.deduced, .reversed, .holdout, .rephrased, .trained]
    let order = splits.filter { !known.contains($0) } + known.filter(splits.contains)
    let chosen = order.prefix(3).compactMap { split in
      first.firstIndex { $0.split == split }
    }
    for index in chosen {
      examples += Sample.shortened(
        own.filter { $0.samples.indices.contains(index) }.map { $0.samples[index] })
    }
  }

  /// The row of an arm and split, where there is one.
  public func row(_ dataset: String, _ arm: String, _ split: Split) -> Row? {
    rows.first { $0.dataset == dataset && $0.arm == arm && $0.split == split }
  }

  public func cost(_ dataset: String, _ arm: String) -> Cost? {
    costs.first { $0.dataset == dataset && $0.arm == arm }
  }
}

extension Results.Augmentation {
  /// Nil where nothing was written.
  init?(_ dataset: String, _ arm: String, _ own: [StudyRun.Outcome], ofUser user: String?) {
    let reports = own.compactMap(\.augmentation)
    if reports.isEmpty { return nil }
    func share(_ judgement: Judgement) -> Double {
      reports.map { $0.share(judgement) }.mean
    }
    func shareOfSamples(_ judgement: Judgement) -> Double {
      reports.map { $0.shareOfSamples(judgement) }.mean
    }
    self.init(
      dataset: dataset, arm: arm, sentences: reports.map { Double($0.written.count) }.mean,
      isTrue: share(.isTrue(answers: nil)), isFalse: share(.isFalse),
      isMalformed: share(.isMalformed),
      coverage: Dictionary(
        uniqueKeysWithValues: reports.flatMap(\.coverage.keys).uniqued().map { split in
          (split.rawValue, reports.map { $0.coverage[split] ?? 0 }.mean)
        }), isUnjudged: dataset == user ? share(.isUnjudged) : nil,
      samples: reports.map { Double($0.samples) }.mean,
      samplesTrue: shareOfSamples(.isTrue(answers: nil)),
      samplesFalse: shareOfSamples(.isFalse), samplesMalformed: shareOfSamples(.isMalformed))
  }
}

extension Sample {
  /// Whether greedy decoding gives the right choice.
  package var isExact: Bool { isGreedy.indices.contains(answer) && isGreedy[answer] }

  private static let maxShown = 8

  /// One question as several arms answered it, with no more choices than a table holds: the right
  /// one, those that an arm picked, and the first of the others.
  static func shortened(_ samples: [Sample]) -> [Sample] {
    guard let first = samples.first, first.choices.count > maxShown else { return samples }
    let picked = samples.compactMap { sample in
      sample.logLikelihoods.indices.max { sample.logLikelihoods[$0] < sample.logLikelihoods[$1] }
    }
    let kept = ([first.answer] + picked + first.choices.indices).uniqued()
      .prefix(max(maxShown, Set(picked + [first.answer]).count)).sorted()
    return samples.map { sample in
      var short = sample
      short.choices = kept.map { sample.choices[$0] }
      short.logLikelihoods = kept.map { sample.logLikelihoods[$0] }
      short.isGreedy = kept.map { sample.isGreedy[$0] }
      short.answer = kept.firstIndex(of: sample.answer) ?? 0
      return short
    }
  }
}

extension [Double] {
  /// 0 of none.
  package var mean: Double { reduce(0, +) / Double(Swift.max(1, count)) }
}

extension Array where Element: Hashable {
  /// Each element once, in the order of first appearance.
  package func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
