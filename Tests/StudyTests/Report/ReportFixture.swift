import Corpora
import Foundation
import Randomness

@testable import Study
@testable import StudyReport

/// Results of a whole study with invented numbers, like those that a run might have.
enum ReportFixture {
  /// Five datasets, all arms, five worlds.
  static let whole = results()

  static func results(
    datasets: [Dataset] = Dataset.all, arms: [Arm] = Arm.all,
    seeds: [UInt64] = [1, 2, 3, 4, 5],
    model: String = "models/recto", command: String = "probe --all --seeds 5 --output runs/study",
    prompt: String? = nil
  ) -> Results {
    let outcomes = datasets.flatMap { dataset in
      arms.flatMap { arm in
        seeds.map { outcome(dataset, arm, seed: $0, prompt: prompt) }
      }
    }
    var results = Results(
      run: .init(
        command: command, model: model, parameters: 1_246_080,
        study: StudyRun(datasets: datasets, arms: arms, seeds: seeds, workerCount: 2),
        blasCore: "SkylakeX", seconds: 5_423, peakMemoryBytes: 412 << 20,
        createdAt: Date(timeIntervalSince1970: 1_780_000_000)),
      outcomes: outcomes)
    results.augmentations = datasets.flatMap { dataset in
      arms.filter { FactLocation(arm: $0.name) == .inferences }.map { arm in
        let isFalse = 0.02 + 0.1 * share(dataset.name, arm.name, "false")
        let isMalformed = 0.03 * share(dataset.name, arm.name, "malformed")
        return Results.Augmentation(
          dataset: dataset.name, arm: arm.name, sentences: 4644,
          isTrue: 1 - isFalse - isMalformed, isFalse: isFalse, isMalformed: isMalformed,
          coverage: Dictionary(
            uniqueKeysWithValues: splits(dataset).filter(\.isInferred).map {
              ($0.rawValue, share(dataset.name, arm.name, $0.rawValue))
            }), samples: 12_800, samplesTrue: 1 - isFalse / 2, samplesFalse: isFalse / 2,
          samplesMalformed: 0)
      }
    }
    results.doses = datasets.flatMap { dataset in
      [4, 8, 16, 32, 64].compactMap { dose in
        guard
          let written = results.augmentations.first(where: {
            $0.dataset == dataset.name && $0.arm == Arm.augmented.name
          })
        else { return nil }
        return Results.Dose(
          dataset: dataset.name, sentencesPerFact: dose,
          splits: splits(dataset).map { split in
            Results.DoseSplit(
              split: split, accuracy: 1 - 1 / Double(dose).squareRoot(), stderr: 0.01,
              coverage: split.isInferred ? 1 - 1.5 / Double(dose) : nil)
          },
          augmentation: written, tokensTrained: Double(dose) * 10_000,
          secondsOnce: Double(dose), seeds: seeds.count)
      }
    }
    return results
  }

  static func splits(_ dataset: Dataset) -> [Split] {
    switch dataset {
    case .reversal, .celebrities: [.trained, .rephrased, .reversed]
    case .syllogism: [.trained, .rephrased, .deduced]
    case .family: [.trained, .rephrased, .reversed, .deduced]
    default: Split.allCases
    }
  }

  /// Always the same number between 0 and 1 for the same words.
  private static func share(_ words: String...) -> Double {
    let hash = FNV1a.hash(of: words.joined(separator: "/"))
    let mixed = (hash ^ (hash >> 31)) &* 0x9e37_79b9_7f4a_7c15
    return Double(mixed >> 40) / Double(1 << 24)
  }

  private static func choices(_ dataset: Dataset) -> [String] {
    switch dataset {
    case .reversal: [" are more rony than glon.", " are less rony than glon."]
    case .syllogism:
      [
        " All yomp are troff.", " All troff are yomp.", " Some yomp are troff.",
        " Some troff are yomp.", " No yomp are troff.", " No troff are yomp.",
      ]
    case .celebrities: [" femp glon.", " troff yomp.", " zept rony.", " telk gruds."]
    default: [" glon.", " troff.", " gruds.", " abmes."]
    }
  }

  private static func kinds(_ dataset: Dataset, _ split: Split) -> [String]? {
    switch (dataset, split) {
    case (.syllogism, _): ["all", "some", "no"]
    case (.hierarchy, .deduced), (.hierarchy, .holdout):
      [
        "kind, 2 steps", "object of a verb, 2 steps", "object of a verb, 3 steps",
        "property, 2 steps", "property, 3 steps",
      ]
    case (.family, .deduced): ["sibling, 2 steps", "grandparent, 2 steps", "grandchild, 2 steps"]
    default: nil
    }
  }

  /// The share of a split's questions that an arm answers right.
  private static func accuracy(
    _ dataset: Dataset, _ place: FactLocation, _ arm: String, _ split: Split
  ) -> Double {
    let chance = 1 / Double(choices(dataset).count)
    switch place {
    case .nowhere: return chance
    case .weights where split.isInferred: return chance + (dataset == .hierarchy ? 0.15 : 0.01)
    case .weights: return 0.97
    case .prompt, .both:
      return arm == Arm.retrieval.name && split == .deduced ? 0.6 : split == .holdout ? 0.7 : 0.98
    case .inferences: return split == .holdout ? 0.45 : split == .deduced ? 0.88 : 0.96
    }
  }

  private static func outcome(
    _ dataset: Dataset, _ arm: Arm, seed: UInt64, prompt: String?
  ) -> StudyRun.Outcome {
    let place = FactLocation(arm: arm.name)
    let choices = choices(dataset)
    let samples = splits(dataset).flatMap { split in
      (0..<20).map { fact in
        let goal = accuracy(dataset, place, arm.name, split)
        let drawn = share(dataset.name, arm.name, split.rawValue, "\(seed)", "\(fact)")
        let answer = fact % choices.count
        let picked = drawn < goal ? answer : (answer + 1) % choices.count
        return Sample(
          dataset: dataset.name, arm: arm.name, seed: seed, split: split,
          kind: kinds(dataset, split).map { $0[fact % $0.count] }, fact: fact,
          prompt: prompt ?? "Did you know that femp", choices: choices, answer: answer,
          logLikelihoods: choices.indices.map { $0 == picked ? -0.4 - drawn : -3.25 - Double($0) },
          score: picked == answer ? 1 : 0, scoreNormalized: picked == answer ? 1 : 0,
          scoreCorrected: drawn < goal - 0.01 ? 1 : 0)
      }
    }
    let reads = place == .prompt || place == .both || arm.name == Arm.inContextShuffled.name
    let writes = place == .inferences
    var cost = ArmCost()
    if arm.trains {
      cost.once.tokensTrained = writes ? 434_071 : 78_468
      cost.once.tokensWritten = writes ? 92_310 : 0
      cost.once.seconds = writes ? 61.4 : 9.7
      cost.once.operations = writes ? 3.4e12 : 5.9e11
    }
    cost.perQuery.tokens = reads ? 1496 : 30
    cost.perQuery.seconds = reads ? 0.0716 : 0.0011
    cost.perQuery.secondsKept = reads ? 0.0022 : 0.0010
    cost.perQuery.operations = reads ? 4.1e9 : 7.5e7
    return StudyRun.Outcome(
      dataset: dataset.name, arm: arm.name, seed: seed, samples: samples, cost: cost,
      augmentation: nil,
      curve: curve(dataset, arm), factsPerPrompt: dataset == .hierarchy ? 72 : 100,
      facts: dataset == .hierarchy ? 288 : 100)
  }

  private static func curve(_ dataset: Dataset, _ arm: Arm) -> [CurvePoint] {
    let reads = arm.name == Arm.inContext.name
    guard reads || arm.name == Arm.fineTuned.name else { return [] }
    let chance = 1 / Double(choices(dataset).count)
    return (reads ? [1, 2, 4, 8, 16, 32, 64, 100] : [0, 25, 50, 100, 150, 200, 300, 400, 500])
      .map { x in
        CurvePoint(
          x: x, place: Int(x),
          accuracies: Dictionary(
            uniqueKeysWithValues: splits(dataset).map { split in
              let end = accuracy(dataset, FactLocation(arm: arm.name), arm.name, split)
              let part = reads ? 1 - x / 4000 : 1 - exp(-x / (split == .rephrased ? 140 : 90))
              return (split.rawValue, chance + (end - chance) * part)
            }))
      }
  }
}
