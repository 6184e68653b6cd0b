import Foundation

/// Results of the Hugging Face `tokenizers` library; `Golden/make_golden.py` makes the files.
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
