/// A recipe or a run's settings that cannot be run.
public struct SettingsError: Error, CustomStringConvertible, Equatable {
  /// Which setting, as its file spells it, what is wrong with it and what it may be.
  public let description: String
  public init(_ description: String) { self.description = description }
}
