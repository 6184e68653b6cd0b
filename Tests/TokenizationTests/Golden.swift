import Foundation

/// What the Hugging Face `tokenizers` library says; `Golden/make_golden.py` makes the files anew.
struct Golden: Decodable {
  struct Case: Decodable {
    var text: String
    var pieces: [String]
    var ids: [Int32]
  }

  var corpus: [String]
  var cases: [Case]

  static func load() throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
  }

  static let tokenizerFile = folder.appending(path: "tokenizer.json")

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")
}
