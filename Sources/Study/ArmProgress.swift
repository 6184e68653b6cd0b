import Foundation
import Synchronization

/// What a running arm is doing at the moment.
public struct ArmProgress: Sendable {
  public enum Phase: String, Sendable {
    /// Sampling sentences.
    case generating
    /// Reading generated sentences after the documents, for soft targets.
    case reading
    case training
    /// Answering the questions.
    case answering
  }

  public var phase: Phase
  /// Parts of the phase that are finished, such as steps of training.
  public var done: Int
  public var total: Int
  /// The loss of the last step of training.
  public var loss: Double?

  typealias Listener = @Sendable (ArmProgress) -> Void

  /// The listener of the arm that runs on each thread. What several arms share is made by one of
  /// them, so it reports to the listener of the thread on which it is made.
  private static let listeners = Mutex<[pthread_t: Listener]>([:])

  /// Runs an arm whose progress goes to a listener.
  static func heard<Result>(
    by listener: @escaping Listener, _ body: () throws -> Result
  ) rethrows -> Result {
    let thread = pthread_self()
    listeners.withLock { $0[thread] = listener }
    defer { listeners.withLock { $0[thread] = nil } }
    return try body()
  }

  static func report(_ phase: Phase, _ done: Int, of total: Int, loss: Double? = nil) {
    let listener = listeners.withLock { $0[pthread_self()] }
    listener?(ArmProgress(phase: phase, done: done, total: total, loss: loss))
  }
}
