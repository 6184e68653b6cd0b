import ArgumentParser
import Foundation
import Study
import Support

/// `probe requests`: what chat models are asked for.
struct Requests: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requests",
    abstract: "Print what a chat model is asked for in the augmented arms.",
    discussion: """
      The conversations, as JSON, that ask a chat model to state in its own words what your documents \
      say. \(ChatRequest.documentMark) stands for one document and \(ChatRequest.documentsMark) for as \
      many as fit the model's context. Save them, edit them, and name the file with --requests:

        probe requests > requests.json
        probe --documents FOLDER --questions FILE --model FOLDER --requests requests.json
      """)

  func run() throws {
    StandardStreams.prepare()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try StandardStreams.printResult(
      String(decoding: try encoder.encode(ChatRequest.standard), as: UTF8.self))
  }
}
