/// What an arm costs on one world: once, and per query.
public struct ArmCost: Codable, Sendable, Equatable {
  public var once: PreparationCost
  public var perQuery: QueryCost

  public init(once: PreparationCost = .init(), perQuery: QueryCost = .init()) {
    self.once = once
    self.perQuery = perQuery
  }
}

/// The cost of preparing a model, generation and training together.
public struct PreparationCost: Codable, Sendable, Equatable {
  /// Tokens of training, over all epochs.
  public var tokensTrained = 0
  /// Tokens that the model generated for its own training.
  public var tokensWritten = 0
  /// Processor seconds, of all threads together.
  public var seconds = 0.0
  /// Floating-point operations.
  public var operations = 0.0

  public init() {}

  static func += (sum: inout PreparationCost, other: PreparationCost) {
    sum.tokensTrained += other.tokensTrained
    sum.tokensWritten += other.tokensWritten
    sum.seconds += other.seconds
    sum.operations += other.operations
  }
}

/// The mean cost of one query.
public struct QueryCost: Codable, Sendable, Equatable {
  /// Tokens of the prompt, the question and its choices.
  public var tokens = 0.0
  /// Processor seconds where the prompt is read for this query alone.
  public var seconds = 0.0
  /// Floating-point operations, counted in the same way.
  public var operations = 0.0
  /// Processor seconds where the prompt has been read before and is kept.
  public var secondsKept = 0.0

  public init() {}
}
