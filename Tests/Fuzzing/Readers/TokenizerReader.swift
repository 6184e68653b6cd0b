import Foundation
import Tokenization

extension FuzzedReader {
  private static let text = Array(
    "Femp aren't  more rony than\n 12345 glon.<|endoftext|>é\u{301}".utf8)

  /// `tokenizer.json`, and what its tokenizer makes of a text and of the file's own bytes.
  public static let tokenizer = FuzzedReader("tokenizer") { bytes in
    let tokenizer = try Tokenizer(json: Data(bytes))
    for text in [Self.text, Array(bytes.prefix(200))] {
      let tokens = tokenizer.encode(bytes: text)
      precondition(
        !tokenizer.missingBytes.isEmpty || tokenizer.decodeBytes(tokens) == text,
        "a text does not come back")
      _ = tokenizer.encodeWhole(String(decoding: text, as: UTF8.self))
    }
    let again = try Tokenizer(json: tokenizer.json())
    precondition(again.vocabularySize == tokenizer.vocabularySize)
  }
}
