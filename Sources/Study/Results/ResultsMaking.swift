import Corpora
import Foundation

// How results are computed from the outcomes of arms on worlds.

extension Results {
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
      let interval = estimate.intervalOfShare(of: facts?.count ?? worlds.joined().count)
      let ranked = worlds.joined().filter { $0.rank != nil }
      rows.append(
        Row(
          dataset: dataset, split: split, arm: arm, accuracy: estimate.mean,
          stderr: estimate.standardError,
          ci95: [interval.lowerBound, interval.upperBound],
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
    let fits = own.compactMap(\.fit)
    if !fits.isEmpty {
      self.fits = (self.fits ?? []) + [Fit(arm: arm, bitsPerByte: fits.map(\.bitsPerByte).mean)]
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
            ? difference(a, b) : differenceOverFacts(a, b, outcomes)
          comparisons.append(
            Comparison(
              dataset: dataset, split: split, arm: arm, minus: other, difference: mean,
              ci95: [interval.lowerBound, interval.upperBound]))
        }
      }
    }
    guard let reading = cost(dataset, Arm.inContext.name) else { return }
    for arm in arms {
      // An arm that both trains and reads is never cheaper than reading.
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

  /// Three questions of the first world, as every arm answered them, the hardest splits first.
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
}

extension Results.Augmentation {
  /// Nil where nothing was generated.
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
