import Corpora
import Foundation
import ModelFiles
import Support
import Tokenization
import Transformer

/// Everything that decides what a fine-tuning run computes.
public struct FineTuningRecipe: Codable, Equatable, Sendable {
  /// The folder of the model that it starts from.
  public var model: String
  /// The files of documents, read one after the other.
  public var documents: [String]
  /// The hash of the documents' rows when the run began; a resumed run must find the same.
  public internal(set) var documentsDigest: UInt64?
  /// The checksum of the parameters of the model that the run started from. The run reads that
  /// model again where it trains an adapter or is resumed before its first checkpoint.
  public internal(set) var modelDigest: UInt32?
  public var seed: UInt64 = 1
  /// How many times every document is learned.
  public var epochs = 3
  /// The numbers of epochs that the run had before it was extended, the first one first; nil for a
  /// run that was not.
  public internal(set) var earlierEpochs: [Int]?
  /// A step of the optimiser ends with the document that reaches this number of tokens.
  public var tokensPerStep = 4096
  /// Tokens that each worker runs at a time, unless one row has more: gradients add up over such
  /// chunks, so that memory does not grow with the step.
  public var tokensPerChunk = 512
  /// The maximum number of tokens per row; longer documents continue in the next row. nil: the
  /// model's context, but at most 1,024.
  public var rowLength: Int?
  /// Whether prompts have a loss, as completions do.
  public var learnsPrompts = true
  /// The share of the steps in which the learning rate rises from nothing.
  public var warmup: Float = 0.03
  /// The factor on the learning rate at the end; it falls linearly after the warm-up.
  public var rateAtEnd: Float = 0.1
  public var optimizer: OptimizerSettings
  /// Trains a low-rank adapter in place of the parameters.
  public var adapter: AdapterPlan?
  /// Whether layers run twice to save memory; see `TrainingPass`.
  public var recomputes = false
  /// Tokens between two checkpoints.
  public var checkpointInterval = 500_000

  /// - Parameters:
  ///   - model: the folder of the model.
  ///   - documents: files of JSON lines, as `DocumentFile` reads them.
  public init(model: URL, documents: [URL], learningRate: Float) {
    self.model = model.absoluteURL.path
    self.documents = documents.map(\.absoluteURL.path)
    optimizer = OptimizerSettings(learningRate: learningRate, beta2: 0.999)
  }

  var modelFolder: URL { URL(fileURLWithPath: model) }

  /// The largest values of the settings.
  public static let maxEpochs = 10_000
  public static let maxTokensPerStep = Recipe.maxTokensPerStep
  public static let maxTokensPerRow = 1 << 20

  /// The row length where none is set and the model's context is no shorter.
  private static let defaultRowLength = 1024
  /// The plan of all steps is held in memory: four bytes per row and epoch.
  private static let maxRows = 1 << 28

  /// - Throws: `SettingsError` naming the setting, as `config.json` spells it.
  func validate() throws {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard range.contains(value) else {
        throw SettingsError(
          "\(name) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)")
      }
    }
    guard !documents.isEmpty else { throw SettingsError("documents is empty; name a file") }
    try check("epochs", epochs, 1...Self.maxEpochs)
    try check("tokens_per_step", tokensPerStep, 1...Self.maxTokensPerStep)
    try check("tokens_per_chunk", tokensPerChunk, 1...Self.maxTokensPerRow)
    try check("row_length", rowLength ?? 1, 1...Self.maxTokensPerRow)
    try check("checkpoint_interval", checkpointInterval, 1...Recipe.maxTokensPerStage)
    for (name, value) in [("warmup", warmup), ("rate_at_end", rateAtEnd)]
    where !(0...1).contains(value) {
      throw SettingsError("\(name) is \(value); it must lie between 0 and 1")
    }
    try optimizer.validate()
  }

  /// Reads the documents.
  ///
  /// - Throws: `LineError` naming the file and the line; `SettingsError` where rows are longer than
  ///   the model's context, or there are too many, or only completions are to be learned and there
  ///   are none.
  func rows(for model: Model, _ tokenizer: Tokenizer, workerCount: Int) throws -> DocumentRows {
    let context = model.configuration.contextLength
    if let rowLength, rowLength > context {
      throw SettingsError(
        "row_length is \(rowLength), but the model's context is \(context) tokens")
    }
    let read = try DocumentFolder(documents.map { URL(fileURLWithPath: $0) }).documents
    guard learnsPrompts || read.contains(where: { !$0.prompt.isEmpty }) else {
      throw SettingsError(
        "no document has a \"prompt\" and a \"completion\", and a \"text\" is learned whole; leave out "
          + "--completions-only")
    }
    let rows = DocumentRows(
      read, tokenizer: tokenizer, rowLength: rowLength ?? min(context, Self.defaultRowLength),
      learnsPrompts: learnsPrompts, workerCount: workerCount)
    guard rows.count <= Self.maxRows / epochs else {
      throw SettingsError(
        "\(epochs) epochs of \(rows.count) rows are more than \(Self.maxRows) rows; use fewer "
          + "epochs, then fine-tune the resulting model again")
    }
    return rows
  }

  /// Lets a run go on for more epochs.
  ///
  /// The steps of the epochs so far are the first of the longer run too, since a step ends with its
  /// epoch. The learning rate of the other steps is that of a run of the new length.
  ///
  /// - Throws: `FileError` where there would be no more epochs.
  mutating func extend(to epochs: Int, run: URL) throws {
    guard epochs > self.epochs else {
      throw FileError(
        run,
        "has \(self.epochs) epoch\(self.epochs == 1 ? "" : "s") already; give a higher --epochs, "
          + "or leave it out to resume the run as it is")
    }
    earlierEpochs = (earlierEpochs ?? []) + [self.epochs]
    self.epochs = epochs
  }

  /// - Throws: `FileError` where the documents have changed since the run began.
  func check(_ rows: DocumentRows, run: URL) throws {
    guard let documentsDigest, documentsDigest == rows.digest else {
      throw FileError(
        run,
        "was started with other documents than are now in \(documents.joined(separator: ", ")); "
          + "put the old ones back, or start a new run")
    }
  }

  /// - Throws: `FileError` where the model has changed since the run began.
  func check(_ model: Model) throws {
    // Older runs have a digest only where they train an adapter.
    guard modelDigest == model.parameters.checksum || modelDigest == nil && adapter == nil else {
      throw FileError.otherModel(modelFolder)
    }
  }

  /// The steps that the trainer takes.
  func curriculum(_ rows: DocumentRows, _ configuration: Configuration) -> Curriculum {
    let plan = rows.plan(epochs: epochs, tokensPerStep: tokensPerStep, seed: seed)
    let steps = plan.ends.count
    let tokens = plan.tokens.reduce(0, +)
    let (warmup, rateAtEnd) = (Int(warmup * Float(steps)), rateAtEnd)
    let meanContext = Double(tokens) / Double(max(1, plan.order.count)) / 2
    let stage = Curriculum.Stage(
      name: "fine-tuning", steps: steps, tokens: tokens, rowLength: rows.longest,
      tokensPerChunk: tokensPerChunk, recomputes: recomputes,
      workPerToken: 3 * configuration.operations(tokens: 1, context: meanContext),
      rateScale: { step in
        step < warmup
          ? Float(step + 1) / Float(warmup + 1)
          : 1 + (rateAtEnd - 1) * Float(step - warmup) / Float(max(1, steps - 1 - warmup))
      },
      data: { step, _, share in
        let range = plan.range(of: step)
        let own = share.rows(of: range.count)
        return Curriculum.StepData(
          batch: rows.batch(
            plan.order[range.lowerBound + own.lowerBound..<range.lowerBound + own.upperBound]),
          rows: range.count, tokens: plan.tokens[step])
      })
    return Curriculum(
      stages: [stage], metricsInterval: max(1, tokens / Self.maxMetrics),
      checkpointInterval: checkpointInterval)
  }

  /// The approximate number of lines of metrics in a run.
  private static let maxMetrics = 1000
}
