import ArgumentParser
import Foundation
import ModelFiles
import Study
import Support
import Tokenization
import Training
import Transformer

/// `probe generate`: lets a model continue a text.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Let a model continue a text.",
    discussion: """
      Prints the prompt and the model's continuation, token by token, until the model ends its text, \
      --max-tokens tokens are generated or the context is full. Without --prompt, the text is read \
      from standard input. The same seed gives the same text. With --chat, only the model's answer is \
      printed.
      """)

  @OptionGroup var source: ModelOptions
  @OptionGroup var chatting: ChatOptions

  @Option(help: ArgumentHelp("With --chat: a system message before the prompt.", valueName: "text"))
  var system: String?

  @Option(help: "The text to continue. (default: standard input)")
  var prompt: String?

  @Option(help: "The maximum number of tokens to generate.")
  var maxTokens = 64

  @Option(
    help: """
      0 takes the most likely token, 1 samples from the model's own distribution, higher values are \
      more random.
      """)
  var temperature = 0.7

  @Option(help: "Sample only from this number of most likely tokens.")
  var topK: Int?

  @Option(
    help: "Sample only from the smallest set of most likely tokens with this total probability.")
  var topP = 1.0

  @Option(
    help: """
      Sample only tokens with at least this fraction of the most likely token's probability; 0 \
      allows all.
      """)
  var minP = 0.0

  @Option(help: "The seed of the sampling; the same seed gives the same text.")
  var seed: UInt64 = 1

  @Option(help: "The number of texts to generate.")
  var count = 1

  @Flag(
    help: """
      Print one line of JSON per text: prompt, text, number of tokens, and whether the model ended it.
      """)
  var json = false

  func validate() throws {
    guard chatting.chatFormat == nil || chatting.chat else {
      throw ValidationError("--chat-format needs --chat.")
    }
    guard system == nil || chatting.chat else {
      throw ValidationError("--system needs --chat.")
    }
    guard system == nil || chatting.chatFormat != Chat.noFormat else {
      throw ValidationError("--system needs a chat format other than \(Chat.noFormat).")
    }
    try check("--max-tokens", maxTokens, in: 1...1_000_000)
    try check("--temperature", temperature, in: 0...10)
    guard (topK ?? 1) > 0 else {
      throw ValidationError("--top-k is \(topK ?? 0); it must be 1 or more.")
    }
    guard topP > 0, topP <= 1 else {
      throw ValidationError("--top-p is \(topP); it must be above 0 and at most 1.")
    }
    try check("--min-p", minP, in: 0...1)
    try check("--count", count, in: 1...1_000_000)
  }

  func run() throws {
    StandardStreams.prepare()
    let (model, tokenizer) = try source.read()
    let text = try prompt ?? Self.standardInput()
    let chat = try chatting.chat(of: tokenizer)
    let tokens =
      try chat.map {
        tokenizer.encodeWhole(try $0.text(user: text, system: system), addsTemplate: false)
      } ?? tokenizer.prompt(text.isEmpty ? [] : [text])
    let stops = tokenizer.stopTokens.union(chat.map { [$0.stopToken] } ?? [])
    let context = model.configuration.contextLength
    guard !tokens.isEmpty else {
      throw ValidationError("The prompt is empty; this model needs a text to continue.")
    }
    guard tokens.count < context else {
      throw PromptTooLong(
        description: "the prompt has \(tokens.count) tokens and the model's context is \(context); "
          + "shorten it, or use a model with a longer context")
    }
    let session = InferenceSession(model, capacity: min(context, tokens.count + maxTokens))
    session.read(tokens)
    var sampler = Sampler(
      temperature: temperature, topK: topK, topP: topP, minP: minP, seed: seed)
    for number in 0..<count {
      // The logits that followed the prompt were overwritten, so its last token is read again.
      if number > 0 {
        session.rewind(to: tokens.count - 1)
        session.read(tokens.suffix(1))
      }
      var output = json ? nil : TextStream()
      if number > 0 { try output?.write([10]) }
      if chat == nil { try output?.write(Array(text.utf8)) }
      let written = try session.generate(&sampler, limit: maxTokens) { token in
        if stops.contains(token) { return true }
        try output?.write(tokenizer.decodeBytes([token]))
        return false
      }
      try output?.end()
      if json {
        let hasEnded = written.last.map(stops.contains) ?? false
        try StandardStreams.printResult(
          JSONValue.object([
            ("prompt", .string(text)),
            ("text", .string(tokenizer.decode(hasEnded ? written.dropLast() : written[...]))),
            ("tokens", .integer(written.count)), ("ended", .boolean(hasEnded)),
          ]).line)
      }
    }
  }

  /// The text of standard input, without its last newline.
  ///
  /// - Throws: `ValidationError` where it is not UTF-8.
  private static func standardInput() throws -> String {
    if isatty(FileHandle.standardInput.fileDescriptor) == 1 {
      StandardStreams.report("Type the text to continue, then Control-D:\n")
    }
    let data = try FileHandle.standardInput.readToEnd() ?? Data()
    guard let text = String(data: data, encoding: .utf8) else {
      throw ValidationError("Standard input is not UTF-8; convert it, or use --prompt.")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

/// Writes bytes to standard output as they come, in whole characters.
private struct TextStream {
  private var waiting: [UInt8] = []

  mutating func write(_ bytes: [UInt8]) throws {
    waiting += bytes
    // The bytes of an incomplete character, at most three, wait for the rest of it.
    var end = waiting.count
    for back in 1...3 where back <= waiting.count {
      let byte = waiting[waiting.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      if length > back { end = waiting.count - back }
      break
    }
    try flush(waiting[..<end])
    waiting.removeFirst(end)
  }

  mutating func end() throws {
    try flush(waiting[...])
    try flush([10])
    waiting = []
  }

  private func flush(_ bytes: ArraySlice<UInt8>) throws {
    // Invalid UTF-8 becomes U+FFFD, as everywhere else.
    try StandardStreams.writeResult(String(decoding: bytes, as: UTF8.self))
  }
}
