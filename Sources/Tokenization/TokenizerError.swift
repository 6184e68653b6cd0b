/// Why a tokenizer could not be trained, read or written, and what to do about it.
public struct TokenizerError: Error, CustomStringConvertible, Equatable {
  /// One sentence that names what is wrong and the mend.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension TokenizerError {
  /// Says where in the JSON a value is missing or has the wrong type.
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(
        "\(Self.place(context.codingPath + [key])) is missing; is this a tokenizer.json?")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self.init(
        "\(Self.place(context.codingPath)) has the wrong type (\(context.debugDescription)); "
          + "write the file again with the Hugging Face tokenizers library")
    case .dataCorrupted(let context):
      self.init(
        "\(Self.place(context.codingPath)) is not valid JSON (\(context.debugDescription)); "
          + "the file may be cut short or no tokenizer.json at all")
    @unknown default:
      self.init("the file cannot be decoded: \(error)")
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the document" }
    return path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
      .joined(separator: ".")
  }
}
