import Transformer

/// How often a run is saved, and how many of its checkpoints stay.
public struct CheckpointSchedule: Codable, Equatable, Sendable {
  /// Tokens between two checkpoints; nil for what the recipe says. One is written at the end of every
  /// stage too.
  public var tokens: Int?
  /// The newest checkpoints that are kept.
  public var kept = 3

  /// The largest values of the two.
  public static let mostTokens = Recipe.mostTokensPerStage
  public static let mostKept = 1_000_000

  public init() {}

  /// - Throws: `ConfigurationError` naming the setting.
  func validate() throws {
    guard (1...Self.mostTokens).contains(tokens ?? 1) else {
      throw ConfigurationError(
        "checkpoints.tokens is \(tokens ?? 0); it must lie between 1 and \(Self.mostTokens)")
    }
    guard (1...Self.mostKept).contains(kept) else {
      throw ConfigurationError(
        "checkpoints.kept is \(kept); it must lie between 1 and \(Self.mostKept)")
    }
  }
}
