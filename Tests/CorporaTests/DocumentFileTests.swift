import Corpora
import Foundation
import Support
import TestSupport
import Testing

@Suite struct DocumentFileTests {
  private func read(_ bytes: Data) throws -> [UserDocument] {
    var documents: [UserDocument] = []
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("docs.jsonl")
      try bytes.write(to: file)
      documents = try DocumentFile.read(file)
    }
    return documents
  }

  @Test func `both forms are read, other keys and blank lines are ignored`() throws {
    let text = """
      \u{FEFF}{"text": "XYZ is a tool.\\n", "id": 3}\r

      {"prompt": "Who owns it?", "completion": " Ödön 👍🏽", "text": null}
      \t\u{20}
      {"completion":"b","prompt":""}
      """
    #expect(
      try read(Data(text.utf8)) == [
        UserDocument(completion: "XYZ is a tool.\n"),
        UserDocument(prompt: "Who owns it?", completion: " Ödön 👍🏽"),
        UserDocument(completion: "b"),
      ])
    #expect(UserDocument(prompt: "Who?", completion: " X").text == "Who? X")
  }

  @Test(arguments: [
    (#"{"text": "a""#, "is not valid JSON"), (#"{"text": 3}"#, "text must be a string"),
    (#"{"txet": "a"}"#, "has neither"), (#"["a"]"#, "is not a JSON object"),
    (#"{"prompt": "a"}"#, "no \"completion\""), (#"{"completion": "a"}"#, "no \"prompt\""),
    (#"{"text": "a", "prompt": "b"}"#, "only one of the two forms"),
    (#"{"text": ""}"#, "nothing to learn"),
    (#"{"prompt": "a", "completion": ""}"#, "nothing to learn"), ("null", "is not a JSON object"),
    (#"{"text": "\ud800"}"#, "is not valid JSON"),
    (#"{"text": "a"} {"text": "b"}"#, "is not valid JSON"),
    (String(repeating: "[", count: 100_000), "is not valid JSON"),
  ])
  func `the first wrong line is named`(line: String, problem: String) throws {
    let error = #expect(throws: LineError.self) {
      try read(Data("{\"text\": \"good\"}\n\n\(line)\n{".utf8))
    }
    #expect(error?.line == 3)
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    #expect(error?.description.contains("docs.jsonl:3: ") == true)
  }

  @Test func `bytes that are not UTF-8 are an error`() throws {
    let error = #expect(throws: LineError.self) {
      try read(Data(#"{"text": ""#.utf8) + [0xFF, 0xFE] + Data("\"}\n".utf8))
    }
    #expect(error?.description.contains(":1: is not UTF-8") == true)
  }

  @Test func `a file without documents is an error`() throws {
    for text in ["", "\n\n"] {
      let error = #expect(throws: LineError.self) { try read(Data(text.utf8)) }
      #expect(error?.line == nil)
      #expect(error?.problem.contains("has no documents") == true)
    }
    try withTemporaryFolder { folder in
      #expect(throws: LineError.self) {
        try DocumentFile.read(folder.appendingPathComponent("none"))
      }
      let error = #expect(throws: LineError.self) { try DocumentFile.read(folder) }
      #expect(error?.problem.contains("folder") == true)
    }
  }
}
