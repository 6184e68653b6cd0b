import Corpora
import Foundation
import Support
import Training
import Transformer

/// How the machine is divided: arms that run at the same time, and threads that share the work of
/// one arm.
///
/// Arms of a small model run beside each other, one thread each. Where memory does not hold that
/// many fine-tuned copies of a model, or there are fewer arms than workers, several threads share
/// the work of each arm.
public struct WorkPlan: Sendable, Equatable {
  public var armsAtOnce: Int
  public var threadsPerArm: Int
  /// The bytes that all of them will use at most, by estimate.
  public var bytes: Int
  /// The bytes that this process may use in all; nil where that is not known.
  public var limit: Int?
  private let usesAdapter: Bool

  /// Memory that is left to other programs, and to what is not counted.
  private static let reserve = 512 << 20

  /// - Parameters:
  ///   - workerCount: threads, in all.
  ///   - worldCount: how often each arm is run.
  ///   - longest: the most tokens of a prompt with what follows it.
  ///   - rowLength: the most tokens of a row of training.
  init(
    workerCount: Int, worldCount: Int, _ model: Model, _ arms: [Arm], _ settings: FineTuning,
    longest: Int, rowLength: Int, availableBytes: Int? = Memory.available
  ) {
    let used = Memory.used
    limit = availableBytes.map { $0 + used }
    usesAdapter = settings.loraRank != nil
    func bytesPerArm(threads: Int) -> Int {
      let asking = InferenceSession.byteCount(
        model, capacity: min(2 * longest, model.configuration.contextLength), threadCount: threads)
      guard arms.contains(where: \.trains) else { return asking }
      let generates = arms.contains(where: \.samplesSentences)
      let generating = asking + (generates ? ContinuationSettings.standardMemory(model) : 0)
      let (kept, training) = Self.trainingBytes(
        model, settings, rowLength: rowLength, threads: threads)
      // Sentences are generated before training. Questions are asked during it too, for its curve.
      return max(generating, kept + training + asking)
    }
    /// What fine-tuned arms leave for each other: weights and the optimizer's state.
    let kept =
      arms.contains { $0.usesFineTuned && $0.role != .fineTuning }
      ? (usesAdapter ? 1 : 3) * 4 * model.parameterCount : 0
    // Arms that only read are short; they should not take threads from those that train.
    let training = arms.count(where: \.trains)
    let most = max(1, min(workerCount, (training > 0 ? training : arms.count) * worldCount))
    func total(_ armCount: Int) -> Int {
      armCount * (bytesPerArm(threads: max(1, workerCount / armCount)) + kept)
    }
    let fitting = (1...most).reversed().first { count in
      total(count) + Self.reserve <= availableBytes ?? .max
    }
    armsAtOnce = fitting ?? 1
    threadsPerArm = max(1, workerCount / armsAtOnce)
    bytes = used + total(armsAtOnce)
  }

  /// The bytes of one fine-tuning: of what is kept to the end of the arm, and of the pass.
  private static func trainingBytes(
    _ model: Model, _ settings: FineTuning, rowLength: Int, threads: Int
  ) -> (kept: Int, pass: Int) {
    let adapter = settings.loraRank.flatMap { _ in
      try? settings.adapterPlan?.settings(on: model.configuration)
    }
    let parameters = 4 * model.parameterCount
    // A copy, its gradients and two moments; with an adapter the copy alone, for asking.
    return (
      (adapter == nil ? 4 : 1) * parameters,
      TrainingPass.byteCount(
        model, adapter: adapter, tokensPerChunk: FineTuner.tokensPerChunk,
        rowLength: min(rowLength, model.configuration.contextLength), threadCount: threads)
    )
  }

  /// Whether it needs more memory than there is.
  public var exceedsMemory: Bool { limit.map { bytes > $0 } ?? false }

  /// One line for the start of a run.
  public var summary: String {
    func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
    let free = limit.map { " of the \(gigabytes($0)) there are" } ?? ""
    return "\(armsAtOnce) arm\(armsAtOnce == 1 ? "" : "s") at once, "
      + "\(threadsPerArm) thread\(threadsPerArm == 1 ? "" : "s") each; about \(gigabytes(bytes))"
      + free + " will be needed"
      + (exceedsMemory
        ? ". That is too much: the system may end this process. Use "
          + (usesAdapter ? "a smaller model" : "--lora-rank, or a smaller model")
        : "")
  }
}
