/// Why a tokenizer could not be trained, read or written, and what to do about it.
public struct TokenizerError: Error, CustomStringConvertible, Equatable {
  /// One sentence that says what is wrong and how to fix it.
  public let description: String

  package init(_ description: String) {
    self.description = description
  }
}
