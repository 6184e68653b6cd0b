import Foundation
import TestSupport
import Testing
import Tokenization

/// Prompts begin with what the tokenizer's own template says.
@Suite struct PromptingTests {
  private static let models = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Interop/models")

  private func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(
      contentsOf: Self.models.appending(path: name + "/tokenizer.json"), endOfText: nil)
  }

  @Test func `a tokenizer of our own begins with the end of a text, and every text with a space`() {
    let tokenizer = Tokenizer.tiny
    #expect(tokenizer.templatePrefix == [tokenizer.endOfText])
    #expect(
      tokenizer.prompt(["femp are.", "glon."])
        == [tokenizer.endOfText] + tokenizer.encode(" femp are.") + tokenizer.encode(" glon."))
    #expect(tokenizer.prompt([]) == [tokenizer.endOfText])
    #expect(
      tokenizer.continuation("glon", isFirst: true) == tokenizer.encode(" glon"))
  }

  /// Like the whole text in the `tokenizers` library.
  @Test(arguments: ["llama3", "qwen2", "smollm"])
  func `another's begins as its template says`(name: String) throws {
    let tokenizer = try tokenizer(name)
    #expect(tokenizer.templatePrefix.isEmpty == (name != "llama3"))
    #expect(
      tokenizer.prompt(["Femp are.", "Glon."]) == tokenizer.encodeWhole("Femp are.\n\nGlon."))
    // A question stands after an empty line too.
    let prompting = Prompting(tokenizer)
    #expect(
      prompting.prompt(["Femp are.", "Glon."]) + prompting.question("Who is")
        == tokenizer.encodeWhole("Femp are.\n\nGlon.\n\nWho is"))
    #expect(
      prompting.prompt([]) + prompting.question("Who is", isFirst: true)
        == tokenizer.encodeWhole("Who is"))
    var spaced = tokenizer
    spaced.separator = " "
    #expect(
      Prompting(spaced).prompt(["Femp are.", "Glon."]) + Prompting(spaced).question("Who is")
        == tokenizer.encodeWhole("Femp are. Glon. Who is"))
    #expect(
      tokenizer.prompt(["Femp are"]) + tokenizer.choice(" more.")
        == tokenizer.encodeWhole("Femp are more."))
    #expect(
      tokenizer.templatePrefix + tokenizer.continuation("Femp", isFirst: true)
        == tokenizer.encodeWhole("Femp"))
  }

  @Test func `the spelling of an added token is that token`() throws {
    let tokenizer = try tokenizer("llama3")
    let tool = tokenizer.encodeWhole("<tool>", addsTemplate: false)
    #expect(tool.count == 1)
    #expect(tokenizer.prompt(["<tool>"]).suffix(1) == tool[...])
    #expect(tokenizer.choice("<tool>") == tool)
  }
}
