import Transformer

/// How often a run is saved, and how many of its checkpoints stay.
public struct CheckpointSchedule: Codable, Equatable, Sendable {
  /// Tokens between two checkpoints; nil for the recipe's interval. One is also written at the end
  /// of every stage.
  public var tokens: Int?
  /// The number of newest checkpoints that are kept.
  public var kept = 3

  /// The largest values of the two settings.
  public static let maxTokens = Recipe.maxTokensPerStage
  public static let maxKept = 1_000_000

  public init() {}

  /// - Throws: `SettingsError` naming the setting.
  func validate() throws {
    guard (1...Self.maxTokens).contains(tokens ?? 1) else {
      throw SettingsError(
        "checkpoints.tokens is \(tokens ?? 0); it must lie between 1 and \(Self.maxTokens)")
    }
    guard (1...Self.maxKept).contains(kept) else {
      throw SettingsError(
        "checkpoints.kept is \(kept); it must lie between 1 and \(Self.maxKept)")
    }
  }
}
