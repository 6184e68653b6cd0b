import Corpora
import Foundation
import TestSupport
import Testing

/// `probe questions`.
@Suite struct QuestionsCommandTests {
  private func probe(_ arguments: String, in folder: URL) async throws -> Command.Result {
    try await Command(name: "probe", folder: folder)
      .run(["questions"] + arguments.split(separator: " ").map(String.init))
  }

  /// A folder "handbook" of five short pages.
  private func writeHandbook(in folder: URL) throws {
    let handbook = folder.appendingPathComponent("handbook")
    try FileManager.default.createDirectory(at: handbook, withIntermediateDirectories: true)
    for (place, people, days) in [
      ("Cork", "Ines Costa", 27), ("Lisbon", "Dana Novak", 15), ("Oslo", "Chen Wei", 32),
      ("Porto", "Elif Kaya", 40), ("Delft", "Hugo Martin", 20),
    ] {
      let text =
        "# \(place)\n\nThe office in \(place) is led by \(people). \(place) gives \(days) days.\n"
      try Data(text.utf8).write(to: handbook.appendingPathComponent(place + ".md"))
    }
  }

  @Test func `a draft of a folder is read as questions about it`() async throws {
    try await inTemporaryFolder { folder in
      try writeHandbook(in: folder)
      let result = try await probe("--documents handbook --output q.jsonl", in: folder)
      #expect(result.status == 0 && result.output.isEmpty, "\(result.error)")
      #expect(result.error.contains("handbook/Cork.md: 1 document\n"))
      #expect(result.error.contains("questions from 5 of 5 documents\n"))
      #expect(result.error.contains("read and edit every question"))
      let file = folder.appendingPathComponent("q.jsonl")
      let questions = try QuestionFile.read(file)
      #expect(Set(questions.map(\.split)) == [.trained, .reversed])
      #expect(
        questions.contains {
          $0.prompt == "The office in Cork is led by" && $0.completion == " Ines Costa"
        })
      let text = try String(contentsOf: file, encoding: .utf8)
      let printed = try await probe("--documents handbook --quiet", in: folder)
      #expect(printed.output == text && printed.error.isEmpty)
      #expect(
        try await probe("--documents handbook --quiet --seed 2", in: folder).output != text)

      // The user may have edited the file.
      let again = try await probe("--documents handbook --output q.jsonl --seed 2", in: folder)
      #expect(again.status == 1 && again.error.contains("q.jsonl: exists"), "\(again.error)")
      #expect(try String(contentsOf: file, encoding: .utf8) == text)
      let forced = try await probe(
        "--documents handbook --output q.jsonl --seed 2 --force --per-document 1 --choices 2",
        in: folder)
      #expect(forced.status == 0, "\(forced.error)")
      let fewer = try QuestionFile.read(file)
      #expect(fewer.count <= 10 && fewer.allSatisfy { $0.choices?.count == 2 })
    }
  }

  @Test(arguments: [
    ("{\"text\": \"\"}", "docs.jsonl:1: has an empty"), ("", "docs.jsonl: has no documents"),
    ("{\"text\": \"It is so.\"}", "the documents gave no question: no sentence"),
    ("{\"text\": \"The office in Cork is led by Ines Costa.\"}", "lower --choices"),
  ])
  func `documents that give nothing are an error`(text: String, message: String) async throws {
    try await inTemporaryFolder { folder in
      try Data(text.utf8).write(to: folder.appendingPathComponent("docs.jsonl"))
      let result = try await probe("--documents docs.jsonl --output q.jsonl --quiet", in: folder)
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(
        result.error.hasPrefix("Error: ") && result.error.contains(message), "\(result.error)")
      #expect(try names(in: folder) == ["docs.jsonl"])
    }
  }

  @Test(arguments: [
    ("", "--documents is missing"), ("--documents a --choices 1", "--choices is 1"),
    ("--documents a --per-document 0", "--per-document is 0"),
    ("--documents a --force", "--force needs --output"), ("--docments a", "--docments"),
  ])
  func `wrong usage is reported`(arguments: String, message: String) async throws {
    try await inTemporaryFolder { folder in
      let result = try await probe(arguments, in: folder)
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.error.contains(message), "\(result.error)")
    }
  }
}
