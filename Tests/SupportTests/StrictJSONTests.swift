import Foundation
import TestSupport
import Testing

@testable import Support

@Suite struct StrictJSONTests {
  struct Part: Codable, Equatable {
    var rowLength: Int
    var share: Double?
    var isFirst: Bool?
    var seed: UInt8?
  }

  struct Whole: Codable, Equatable {
    var name: String
    var parts: [Part]
    var counts: [String: Int]?
  }

  private func failure(_ text: String, _ keys: StrictJSON.Keys = .snakeCase) -> String? {
    #expect(throws: StrictJSON.Failure.self) {
      try StrictJSON.decode(Whole.self, from: Array(text.utf8), keys: keys)
    }?.description
  }

  @Test func `keys are read as declared or in snake case`() throws {
    let expected = Whole(name: "a", parts: [Part(rowLength: 3)])
    let snake = #"{"name": "a", "parts": [{"row_length": 3}], "other": null}"#
    #expect(
      try StrictJSON.decode(Whole.self, from: Array(snake.utf8), keys: .snakeCase) == expected)
    let declared = #"{"name": "a", "parts": [{"rowLength": 3}]}"#
    #expect(try StrictJSON.decode(Whole.self, from: Array(declared.utf8)) == expected)
  }

  @Test(arguments: [
    (#"{"parts": []}"#, "name is missing; add it"),
    (#"{"name": 3, "parts": []}"#, "name must be a string; correct it"),
    (#"{"name": "a", "parts": {}}"#, "parts must be a list; correct it"),
    (#"{"name": "a", "parts": [3]}"#, "parts[0] must be a JSON object; correct it"),
    (#"{"name": "a", "parts": [{}]}"#, "parts[0].row_length is missing; add it"),
    (
      #"{"name": "a", "parts": [{"row_length": null}]}"#,
      "parts[0].row_length is missing or null; it must be a whole number"
    ),
    (
      #"{"name": "a", "parts": [{"row_length": 1, "share": "b"}]}"#,
      "parts[0].share must be a number; correct it"
    ),
    (
      #"{"name": "a", "parts": [{"row_length": 1, "is_first": 1}]}"#,
      "parts[0].is_first must be true or false; correct it"
    ),
    (
      #"{"name": "a", "parts": [], "counts": {"7": "b"}}"#,
      "counts.7 must be a whole number; correct it"
    ),
    (
      #"{"name": "a", "parts": [], "counts": {"\n": "b"}}"#,
      #"counts."\n" must be a whole number; correct it"#
    ),
    ("[]", "is not a JSON object; write one"), ("null", "is not a JSON object; write one"),
    ("{", "is not valid JSON (byte 1: a string was expected); the file may be cut short"),
    (
      #"{"name": "a", "name": "b"}"#,
      #"is not valid JSON (byte 21: the key "name" comes twice); the file may be cut short"#
    ),
  ])
  func `what is wrong is one sentence with its key and the way out`(text: String, error: String) {
    #expect(failure(text) == error)
  }

  /// Foundation's decoder does not say which number it is.
  @Test(arguments: ["-1", "256", "1.5", "1e999"])
  func `a number that does not fit is named`(number: String) {
    for before in ["", #"{"row_length": 7, "share": 0.5, "seed": 255},"#] {
      let last = #"{"row_length": 2, "seed": \#(number)}"#
      let text = #"{"counts": {"a": 1}, "name": "a", "parts": [\#(before)\#(last)]}"#
      #expect(
        failure(text)
          == "parts[\(before.isEmpty ? 0 : 1)].seed is \(number), which does not fit; it may have "
          + "to be whole, not negative or smaller")
    }
  }

  @Test func `a file's key that the value does not have is named`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("mine.json")
      for (text, key) in [
        (#"{"name": "a", "parts": [{"row_length": 1, "shar": 1}]}"#, "parts[0].shar"),
        (#"{"name": "a", "parts": [], "no way": 1}"#, #""no way""#),
      ] {
        try Data(text.utf8).write(to: file)
        let error = #expect(throws: FileError.self) {
          try JSONFile.read(Whole.self, from: file) { _ in }
        }
        #expect(
          error?.description
            == "\(file.path): \(key) is not known; correct its spelling, or remove it")
      }
    }
  }
}
