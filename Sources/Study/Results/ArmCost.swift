/// What an arm costs on one world: once, and with every query.
public struct ArmCost: Codable, Sendable, Equatable {
  public var once: PreparationCost
  public var perQuery: QueryCost

  public init(once: PreparationCost = .init(), perQuery: QueryCost = .init()) {
    self.once = once
    self.perQuery = perQuery
  }
}

/// What it costs to prepare a model, generation and training together.
public struct PreparationCost: Codable, Sendable, Equatable {
  /// Tokens of training, those of every epoch counted.
  public var tokensTrained = 0
  /// Tokens that the model generated for its own training.
  public var tokensWritten = 0
  /// Seconds of one thread.
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

/// What one query costs on average.
public struct QueryCost: Codable, Sendable, Equatable {
  /// Tokens of the prompt, the question and its choices.
  public var tokens = 0.0
  /// Seconds of one thread where the prompt is read for this query alone.
  public var seconds = 0.0
  /// Floating-point operations, counted in the same way.
  public var operations = 0.0
  /// Seconds where the prompt has been read before and is kept.
  public var secondsKept = 0.0

  public init() {}
}
