import Foundation
import TestSupport
import Testing

/// What `--help` prints is what `Help/` holds, so that a change of options or texts shows in a
/// review.
///
/// `Tests/CommandTests/update-help` writes the files anew.
@Suite struct HelpTests {
  @Test func `help of a command is asked in either order`() async throws {
    try await inTemporaryFolder { folder in
      let probe = Command(name: "probe", folder: folder)
      let asked = try await probe.run(["help", "compare"])
      #expect(asked.status == 0 && asked.output.contains("USAGE: probe compare"))
      #expect(try await probe.run(["compare", "--help"]).output == asked.output)
      #expect(try await probe.run(["help"]).output == probe.run(["--help"]).output)
    }
  }

  @Test(arguments: [
    "train", "train pretrain", "train finetune", "train tokenizer", "train export",
    "probe", "probe compare", "probe questions", "probe requests",
    "probe generate", "probe report",
  ])
  func `help is the committed one`(command: String) async throws {
    let words = command.split(separator: " ").map(String.init)
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Help/\(words.joined(separator: "-")).txt")
    let expected = try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    try await inTemporaryFolder { folder in
      let result = try await Command(name: words[0], folder: folder)
        .run(Array(words.dropFirst()) + ["--help"])
      #expect(result.status == 0 && result.error.isEmpty)
      let found = result.output.split(separator: "\n", omittingEmptySubsequences: false)
      let difference = zip(found, expected).first { $0 != $1 }
      #expect(difference == nil && found.count == expected.count, "run update-help, and look at it")
    }
  }
}
