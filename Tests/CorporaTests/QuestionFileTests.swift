import Foundation
import Support
import TestSupport
import Testing

@testable import Corpora

@Suite struct QuestionFileTests {
  private func read(
    _ text: String, name: String = "asked", split: Split? = nil
  ) throws -> [UserQuestion] {
    var questions: [UserQuestion] = []
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent(name + ".jsonl")
      try Data(text.utf8).write(to: file)
      questions = try QuestionFile.read(file, split: split)
    }
    return questions
  }

  @Test func `an answer may be the text of a choice`() throws {
    let text = #"{"prompt": "It is", "choices": ["b.", "c."], "answer": " c."}"#
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("q.jsonl")
      try Data(text.utf8).write(to: file)
      #expect(try QuestionFile.read(file).map(\.completion) == [" c."])
    }
  }

  @Test func `both forms are read`() throws {
    let questions = try read(
      #"""
      {"prompt": "Glimmer is for", "choices": ["mail.", " data."], "answer": 1, "split": "reversed", "fact": 7}

      {"prompt": "Daphne,", "completion": " the director.", "id": "x"}
      """#)
    #expect(
      questions == [
        UserQuestion(
          prompt: "Glimmer is for", choices: [" mail.", " data."], completion: " data.",
          split: .reversed, fact: "7"),
        UserQuestion(
          prompt: "Daphne,", choices: nil, completion: " the director.",
          split: Split(rawValue: "asked"), fact: " the director.", unread: ["id"]),
      ])
  }

  @Test func `a file may be one array`() throws {
    let line = #"{"prompt": "a", "completion": "b"}"#
    #expect(try read("[\(line),\n\(line)]").count == 2)
    let error = #expect(throws: LineError.self) { try read("[\(line), {\"prompt\": 3}]") }
    #expect(error?.problem.contains("[1] prompt must be a string") == true)
  }

  @Test func `what was read of each file is said, and the keys that were not`() throws {
    try withTemporaryFolder { folder in
      func file(_ name: String, _ text: String) throws -> URL {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file
      }
      let files = try UserFiles(
        documents: [
          file("d.jsonl", #"{"text": "a", "title": "A", "id": 3, "url": null}"#),
          file("e.csv", "text,author\nb,Ada\n"),
          file(
            "f.jsonl",
            #"{"messages": [{"role": "assistant", "content": "x", "name": "y"}], "output": "z"}"#),
        ],
        questions: [
          .init(
            file("q.jsonl", #"{"prompt": "a", "choices": ["b", "c"], "answer": 0, "fct": "x"}"#)),
          .init(file("r.jsonl", #"{"prompt": "a", "choices": ["b", "c"], "answer": 0}"#)),
        ])
      let names = ["d.jsonl", "e.csv", "f.jsonl", "q.jsonl", "r.jsonl"]
      let ends = [
        "1 document; not read: \"id\", \"title\"", "1 document; not read: \"author\"",
        "1 document; not read: \"messages[].name\", \"output\"",
        "1 question; not read: \"fct\"", "1 question",
      ]
      #expect(files.report.count == 5)
      for (line, (name, end)) in zip(files.report, zip(names, ends)) {
        #expect(line.hasSuffix("\(name): \(end)"), "\(line)")
      }
    }
  }

  @Test func `a split is the line's, or the one given, or the file's name`() throws {
    let line = #"{"prompt": "a", "completion": "b"}"#
    #expect(try read(line, name: "d2p_test").map(\.split.rawValue) == ["d2p_test"])
    #expect(try read(line, split: .deduced).map(\.split) == [.deduced])
    let own = #"{"prompt": "a", "completion": "b", "split": "who owns it"}"#
    #expect(try read(own, split: .deduced).map(\.split.rawValue) == ["who owns it"])
  }

  /// The white space between prompt and completion belongs to the completion.
  @Test(arguments: [
    ("Who", "Ada", "Who", " Ada"), ("Who", " Ada", "Who", " Ada"), ("Who ", "Ada", "Who", " Ada"),
    ("Who ", " Ada", "Who", " Ada"), ("Who:\n", "Ada", "Who:", "\nAda"),
    ("Who", ", he", "Who", ", he"),
    ("Who", "\"A\"", "Who", " \"A\""), ("是", "人", "是", "人"), ("Who", "\n\tAda", "Who", "\n\tAda"),
    ("In", "2025", "In", " 2025"),
  ])
  func `prompt and completion are split before the white space between them`(
    prompt: String, completion: String, expectedPrompt: String, expected: String
  ) throws {
    let line = try String(
      decoding: JSONEncoder().encode(["prompt": prompt, "completion": completion]), as: UTF8.self)
    let question = try #require(try read(line).first)
    #expect(question.prompt == expectedPrompt)
    #expect(question.completion == expected)
  }

  @Test(arguments: [
    (#"{"prompt": "a", "choices": ["b", "c"], "answer": 2}"#, "answer 2"),
    (#"{"prompt": "a", "choices": ["b", "c"], "answer": -1}"#, "0 to 1"),
    (
      #"{"prompt": "a", "choices": ["b", "c"], "answer": "A"}"#,
      "counted from 0 (the first is 0, not 1 or A)"
    ),
    (#"{"prompt": "a", "choices": ["b", "c"], "answer": true}"#, "answer must be"),
    (#"{"prompt": "a", "choices": ["b", "c"], "answer": 0.5}"#, "has the answer 0.5,"),
    (#"{"prompt": "a", "choices": ["b", "c"], "answer": 1e30}"#, "has the answer 1e+30,"),
    (#"{"prompt": "a", "choices": ["b", "c"], "answer": 1e400}"#, "has the answer inf,"),
    (#"{"prompt": "a", "completion": "b", "completion": "c"}"#, "\"completion\" comes twice"),
    (#"{"prompt": "a", "choices": ["b", "c"]}"#, "lacks \"answer\""),
    (#"{"prompt": "a", "choices": ["b"], "answer": 0}"#, "1 choice;"),
    (#"{"prompt": "a", "choices": [], "answer": 0}"#, "0 choices;"),
    (#"{"prompt": "a", "choices": ["b", " b"], "answer": 0}"#, "twice"),
    (#"{"prompt": "a", "choices": ["b", " "], "answer": 0}"#, "empty choice"),
    (#"{"prompt": "a", "choices": ["b", 3], "answer": 0}"#, "choices[1] must be a string"),
    (#"{"prompt": "a", "completion": ""}"#, "empty \"completion\""),
    (#"{"prompt": "a", "completion": "b", "answer": 0}"#, "no \"choices\""),
    (#"{"prompt": "a", "completion": "b", "choices": ["b", "c"]}"#, "remove one of them"),
    (#"{"prompt": "a"}"#, "neither"), (#"{"prompt": " ", "completion": "b"}"#, "empty \"prompt\""),
    (#"{"completion": "b"}"#, "prompt is missing; add it"),
    (#"{"prompt": "a", "completion": "b", "split": ""}"#, "split"),
    (#"{"prompt": "a", "completion": "b", "split": "a\nb"}"#, "split"),
    (#"{"prompt": "a", "completion": "b", "fact": {}}"#, "fact"), ("nonsense", "JSON"),
  ])
  func `the line and what is wrong are named`(line: String, problem: String) throws {
    let error = #expect(throws: LineError.self) {
      try read(#"{"prompt": "good", "completion": "b"}"# + "\n" + line)
    }
    #expect(error?.line == 2)
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
  }

  @Test func `a file without a question is an error`() throws {
    let error = #expect(throws: LineError.self) { try read("\n") }
    #expect(error?.problem.contains("has no questions") == true)
  }
}
