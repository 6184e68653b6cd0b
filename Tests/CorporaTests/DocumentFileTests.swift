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

  @Test func `both forms are read, and blank lines are skipped`() throws {
    let text = """
      \u{FEFF}{"text": "XYZ is a tool.\\n", "id": 3}\r

      {"prompt": "Who owns it?", "completion": " Ödön 👍🏽", "text": null}
      \t\u{20}
      {"completion":"b","prompt":""}
      """
    #expect(
      try read(Data(text.utf8)) == [
        UserDocument(completion: "XYZ is a tool.\n", unread: ["id"]),
        UserDocument(prompt: "Who owns it?", completion: " Ödön 👍🏽"),
        UserDocument(completion: "b"),
      ])
    #expect(UserDocument(prompt: "Who?", completion: " X").text == "Who? X")
  }

  @Test(arguments: [
    (#"{"text": "a""#, "is not valid JSON"), (#"{"text": "a"},"#, "end no line with a comma"),
    (#"{"instruction": "a"}"#, "no \"output\""), (#"{"messages": 3}"#, "messages must be a list"),
    (#"{"messages": [{"role": "user", "content": "a"}]}"#, "does not end with one of the role"),
    (#"{"messages": [{"role": "user"}]}"#, "messages[0] needs"),
    (#"{"prompt": "a", "completion": "b", "space": 1}"#, "space must be true or false"),
    (#"{"text": 3}"#, "text must be a string"),
    (#"{"txet": "a"}"#, "has no document; it needs"), (#"["a"]"#, "is not a JSON object"),
    (#"{"prompt": "a"}"#, "no \"completion\""), (#"{"completion": "a"}"#, "no \"prompt\""),
    (#"{"text": "a", "prompt": "b"}"#, "no \"completion\""),
    (#"{"text": "a", "prompt": "b", "completion": "c"}"#, "only one of the forms"),
    (#"{"text": ""}"#, "nothing to learn"),
    (#"{"prompt": "a", "completion": ""}"#, "nothing to learn"),
    ("null", "is neither a JSON object nor a string"),
    ("\"\"", "nothing to learn"), ("\" \"", "nothing to learn"),
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

  private func read(_ name: String, _ text: String) throws -> [UserDocument] {
    var documents: [UserDocument] = []
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent(name)
      try Data(text.utf8).write(to: file)
      documents = try DocumentFile.read(file)
    }
    return documents
  }

  private let leave = UserDocument(prompt: "How many days?", completion: " 27 days.")

  @Test(arguments: [
    ("a.jsonl", #"{"prompt": "How many days?", "completion": "27 days."}"#),
    ("a.jsonl", #"{"instruction": "How many days?", "input": "", "output": "27 days."}"#),
    ("a.json", #"[{"question": "How many days?", "answer": "27 days."}]"#),
    ("a.csv", "question,answer\r\nHow many days?,27 days.\r\n"),
    ("a.csv", "Answer;Note;Question\n27 days.;;\"How many days?\"\n\n"),
    ("a.tsv", "prompt\tcompletion\nHow many days?\t27 days."),
  ])
  func `forms of data for fine-tuning`(name: String, text: String) throws {
    #expect(try read(name, text) == [leave])
  }

  @Test func `conversations end with what is learned`() throws {
    let text = #"""
      {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [
      {"type": "text", "text": "How many"}, {"type": "text", "text": " days?"}]},
      {"role": "assistant", "content": "27 days."}]}
      """#.replacing("\n", with: "")
    #expect(
      try read("a.jsonl", text)
        == [UserDocument(prompt: "Be brief.\n\nHow many days?", completion: "\n\n27 days.")])
  }

  @Test func `an array may hold texts`() throws {
    #expect(
      try read("a.json", #"["a", {"text": "b"}]"#)
        == ["a", "b"].map {
          UserDocument(completion: $0)
        })
    let error = #expect(throws: LineError.self) { try read("a.json", #"[{"text": "a"}, 3]"#) }
    #expect(error?.problem.contains("[1] is neither") == true)
  }

  @Test(arguments: [
    ("a,a\n1,2", "the column \"a\" twice"), ("note\nx", "row 2 has no document"),
    ("text\n\"a\"b", "no table"), ("text\n\"a", "quotation mark without its partner"),
    ("text,note\na,b\nc,d,e", "row 3 has more values"),
    ("question,answer\na,", "row 2 has a \"question\" but no \"answer\""),
  ])
  func `the first wrong row is named`(text: String, problem: String) throws {
    let error = #expect(throws: LineError.self) { try read("a.csv", text) }
    #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
  }

  @Test func `a short text is one document, a long one its sections`() throws {
    let short = "# Leave\n\n27 days.\n"
    #expect(try read("a.md", short).map(\.text) == ["# Leave\n\n27 days."])
    let filler = (0..<45).map { "Sentence \($0) says what it says." }.joined(separator: " ")
    let long = """
      Before.

      # Travel
      ## Booking
      \(filler)

      \(filler)

      ```
      # no heading
      ```
      ## Costs
      Two.
      Rules
      -----
      Three.
      """
    let documents = try read("a.md", long).map(\.text)
    #expect(documents.count == 5)
    #expect(documents[0] == "Before.")
    #expect(documents[1].hasPrefix("# Travel\n## Booking\n\nSentence 0"))
    #expect(documents[2].hasPrefix("# Travel\n## Booking\n\nSentence 0"))
    #expect(documents[2].hasSuffix("# no heading\n```"))
    #expect(documents[3] == "# Travel\n## Costs\n\nTwo.")
    #expect(documents[4] == "# Travel\nRules\n\nThree.")
    // Plain text has no headings.
    #expect(try read("a.txt", long).map(\.text).allSatisfy { !$0.hasPrefix("# Travel\n## C") })
    #expect(try read("a.txt", long).count == 2)
  }

  @Test func `a folder is read with the folders in it`() throws {
    try withTemporaryFolder { folder in
      let deep = folder.appendingPathComponent("b/deep")
      try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
      for (name, text) in [
        ("c.txt", "Third."), ("a.md", "First."), ("b/deep/x.jsonl", #"{"text": "Second."}"#),
        ("picture.png", "x"), (".hidden.txt", "x"),
      ] {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
      }
      let read = try DocumentFolder([folder])
      #expect(read.documents.map(\.text) == ["First.", "Second.", "Third."])
      #expect(read.skipped.map(\.lastPathComponent) == ["picture.png"])
      #expect(read.report.count == 4)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("a.md"))
      let none = folder.appendingPathComponent("none")
      try FileManager.default.createDirectory(at: none, withIntermediateDirectories: true)
      let error = #expect(throws: LineError.self) { try DocumentFolder([none]) }
      #expect(error?.problem.contains(".md") == true)
    }
  }

  /// A prompt and a text, and what they give together.
  @Test(arguments: [
    ("The head is", "Ines.", "The head is Ines."), ("The head is", " Ines.", "The head is Ines."),
    ("The head is ", "Ines.", "The head is Ines."), ("It is\n", " Ines.", "It is\nInes."),
    ("The price is $", "900.", "The price is $900."),
    ("He lives in New-", "York.", "He lives in New-York."),
    ("(", "A)", "(A)"), ("https://", "example.com", "https://example.com"),
    ("In 19", "84.", "In 1984."), ("She said \"", "hello\"", "She said \"hello\""),
    ("She said \"no\"", "and left", "She said \"no\" and left"),
    ("the dogs'", "bowl", "the dogs' bowl"),
    ("It costs", "$9", "It costs $9"), ("Yes", ", he does", "Yes, he does"),
    ("snake_", "case", "snake_case"),
    ("issue #", "12", "issue #12"), ("either/", "or", "either/or"), ("首都は", "東京", "首都は東京"),
    ("", "Start", "Start"), ("l'", "or", "l'or"), ("2 + 2 =", "4", "2 + 2 = 4"),
    ("It is", "-5 degrees", "It is -5 degrees"), ("Emoji:", "😀", "Emoji: 😀"),
    ("It is -", "5", "It is -5"),
  ])
  func `one rule joins a prompt and what follows`(
    prompt: String, text: String, expected: String
  ) throws {
    let record = try JSONSerialization.data(
      withJSONObject: ["prompt": prompt, "completion": text])
    #expect(try read(record).map(\.text) == [expected])
    guard !prompt.isEmpty else { return }
    // A question joins them in the same way.
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("q.jsonl")
      try record.write(to: file)
      let question = try #require(try QuestionFile.read(file).first)
      #expect(question.prompt + question.completion == expected)
    }
  }

  @Test func `a record may forbid the space`() throws {
    let text = #"{"prompt": "un", "completion": "known", "space": false}"#
    #expect(try read("a.jsonl", text).map(\.text) == ["unknown"])
  }
}
