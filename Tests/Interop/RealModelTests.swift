import Foundation
import ModelFiles
import Testing
import Tokenization
import Transformer

/// A real model in Recto and in transformers. `Tests/RealModels/compare` makes the files and sets
/// the variables; without them there is nothing to compare.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["RECTO_REAL_MODEL"] != nil))
struct RealModelTests {
  private struct Expected: Decodable {
    struct Coded: Decodable {
      let text: String
      let ids: [Int32]
    }
    struct Chosen: Decodable {
      let prompt, choice: String
      let logLikelihood: Double
    }
    struct Continued: Decodable {
      let prompt: String
      let ids: [Int32]
    }
    struct Answered: Decodable {
      let user: String
      let system: String?
      let prompt, ids: [Int32]
    }
    let strings: [Coded]
    let choices: [Chosen]
    let texts: [Continued]
    let chats: [Answered]
  }

  private func greedy(_ model: Model, after tokens: [Int32], _ stop: Int32) -> [Int32] {
    let session = InferenceSession(model, capacity: tokens.count + 24)
    session.read(tokens)
    var sampler = Sampler(temperature: 0, seed: 1)
    return session.generate(&sampler, limit: 24) { $0 == stop }
  }

  /// The converted folder, and the GGUF file itself.
  @Test(arguments: ["RECTO_REAL_MODEL", "RECTO_REAL_GGUF"])
  func `a real model is the same in both`(variable: String) throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = URL(filePath: try #require(environment["RECTO_REAL_MODEL"]))
    let isFolder = variable == "RECTO_REAL_MODEL"
    let url =
      isFolder ? folder.appending(path: "model") : URL(filePath: environment[variable] ?? "")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let expected = try decoder.decode(
      Expected.self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    let (model, tokenizer) = try LanguageModel.read(url)

    let wrong = expected.strings.filter { tokenizer.encodeWhole($0.text) != $0.ids }
    #expect(wrong.isEmpty, "\(wrong.prefix(5).map(\.text.debugDescription))")

    var furthest = 0.0
    for one in expected.choices {
      let found = InferenceSession(model).logLikelihoods([
        .init(prompt: tokenizer.prompt([one.prompt]), choice: tokenizer.choice(one.choice))
      ])
      furthest = max(furthest, abs(found[0] - one.logLikelihood))
    }
    #expect(furthest < 1e-3)

    let chat = try Chat(tokenizer)
    var same = 0
    for one in expected.texts {
      let found = greedy(model, after: tokenizer.prompt([one.prompt]), chat.stopToken)
      same += found == one.ids ? 1 : 0
    }
    for one in expected.chats {
      let text = try chat.text(user: one.user, system: one.system)
      let prompt = tokenizer.encodeWhole(text, addsTemplate: false)
      #expect(prompt == one.prompt, "\(one.user.debugDescription)")
      same += greedy(model, after: prompt, chat.stopToken) == one.ids ? 1 : 0
    }
    let count = expected.texts.count + expected.chats.count
    #expect(same == count)
    print(
      "\(url.lastPathComponent): \(expected.strings.count - wrong.count) of "
        + "\(expected.strings.count) strings, log-likelihoods within \(furthest), "
        + "\(same) of \(count) greedy texts")
  }
}
