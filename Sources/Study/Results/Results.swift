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
  /// How well arms that trained predict the user's documents; nil where there are none.
  public var fits: [Fit]?

  public struct Fit: Codable, Sendable {
    public var arm: String
    /// The mean over the seeds, after training; see `LanguageFit`.
    public var bitsPerByte: Double
  }

  /// What was run, with what.
  public struct Run: Codable, Sendable {
    public var command: String
    public var model: String
    /// The adapter that is added to it, if any.
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
    /// A summary of the user's documents, if the study is about them.
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

  /// One arm on one split of one dataset, over all worlds; for the user's own documents, of which
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
    /// The number of facts that the standard error and the interval are over; nil where they are
    /// over worlds.
    public var facts: Int?
    /// The mean rank of the right completion, for questions whose choices are the completions of
    /// other questions.
    public var meanRank: Double?
    /// The share of these questions for which greedy decoding gives exactly the right completion.
    public var exactMatch: Double?

    /// Whether there is more than one of what the standard error is over.
    package var hasError: Bool { (facts ?? seeds) > 1 }
  }

  /// One arm on one kind of question, in splits that have several kinds.
  public struct Kind: Codable, Sendable {
    public var dataset: String
    public var split: Split
    public var arm: String
    /// Such as `sibling, 2 steps`.
    public var kind: String
    /// The mean score of all worlds' questions together: one world may have few of a kind.
    public var accuracy: Double
    /// The standard error, with the worlds as clusters.
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

  /// What an arm costs: once, and per query. Means over worlds.
  public struct Cost: Codable, Sendable {
    public var dataset: String
    public var arm: String
    public var tokensTrained: Double
    /// Tokens that the model generated for its own training.
    public var tokensWritten: Double
    /// Processor seconds, generation and training together.
    public var secondsOnce: Double
    public var operationsOnce: Double
    public var tokensPerQuery: Double
    /// Seconds of a query whose prompt is read for it alone.
    public var secondsPerQuery: Double
    /// Seconds of a query whose prompt has been read before and is kept.
    public var secondsPerQueryKept: Double
    public var operationsPerQuery: Double
  }

  /// The number of queries from which an arm that trains is cheaper than reading the facts every
  /// time.
  public struct BreakEven: Codable, Sendable {
    public var dataset: String
    public var arm: String
    /// By seconds; nil where reading is never more expensive.
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

  /// The sentences that the model generated for an arm, over all worlds.
  public struct Augmentation: Codable, Sendable {
    public var dataset: String
    public var arm: String
    /// Different sentences per world, and the shares of these.
    public var sentences: Double
    public var isTrue: Double
    public var isFalse: Double
    public var isMalformed: Double
    public var coverage: [String: Double]
    /// The share of sentences that cannot be judged.
    public var isUnjudged: Double?
    /// Samples per world that ended within the limit, and the shares of these.
    public var samples: Double
    public var samplesTrue: Double
    public var samplesFalse: Double
    public var samplesMalformed: Double
  }

  /// The augmented arm with some number of samples per fact: a point of the dose curve. Means over
  /// worlds.
  public struct Dose: Codable, Sendable {
    public var dataset: String
    /// Samples of each kind per fact.
    public var sentencesPerFact: Int
    public var splits: [DoseSplit]
    /// The sentences that the model generated.
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
    /// The share of its questions whose answer is among the true sentences; nil for what the
    /// documents state.
    public var coverage: Double?
  }

  /// The number of a world's facts in one prompt.
  public struct PromptSize: Codable, Sendable {
    public var dataset: String
    public var facts: Double
    public var ofFacts: Double
  }

  /// The row of an arm and split, where there is one.
  public func row(_ dataset: String, _ arm: String, _ split: Split) -> Row? {
    rows.first { $0.dataset == dataset && $0.arm == arm && $0.split == split }
  }

  public func cost(_ dataset: String, _ arm: String) -> Cost? {
    costs.first { $0.dataset == dataset && $0.arm == arm }
  }
}
