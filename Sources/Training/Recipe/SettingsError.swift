/// Why a recipe or a run's settings cannot be run.
public struct SettingsError: Error, CustomStringConvertible, Equatable {
  /// The setting as its file spells it, what is wrong with it, and which values are allowed.
  public let description: String
  public init(_ description: String) { self.description = description }
}
