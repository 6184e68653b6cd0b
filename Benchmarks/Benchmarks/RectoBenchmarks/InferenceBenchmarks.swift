import Foundation
import Kernels
import Transformer

/// Reading a prompt, scoring questions after it, and writing on from it, on one thread.
func registerInference(_ shape: Shape) {
  let promptLength = 1000
  let tokens = (0..<promptLength).map { Int32(($0 * 7919) % shape.vocabulary) }

  func session() throws -> InferenceSession {
    let model = try shape.model(contextLength: 2048)
    // A head of zeros makes every token as likely.
    let head = model.layout.entries.last!
    for index in 0..<head.count {
      model.parameters[head.offset + index] = Float((index * 7919) % 1000) / 5000 - 0.1
    }
    return InferenceSession(model)
  }
  let configuration = try! shape.model(contextLength: 2048).configuration
  func operations(_ count: Int, after past: Int) -> Amount {
    .operations(
      configuration.operations(
        tokens: Double(count), context: Double(past) + Double(count + 1) / 2))
  }

  register(
    "\(shape.name) prefill of \(promptLength) tokens", operations(promptLength, after: 0),
    tokens: promptLength
  ) {
    let session = try session()
    session.read(tokens)
    let whole = session.logits.array
    // In two parts, the second attends to what is kept of the first.
    session.rewind(to: 0)
    session.read(tokens.prefix(400))
    session.read(tokens.dropFirst(400))
    for (found, expected) in zip(session.logits.array, whole) {
      try Mismatch.check("logits", Double(found), Double(expected), tolerance: 1e-3)
    }
    return {
      session.rewind(to: 0)
      session.read(tokens)
    }
  }

  let steps = 200
  register("\(shape.name) decode of \(steps) tokens", operations(steps, after: 1), tokens: steps) {
    let session = try session()
    func decode() -> [Int32] {
      session.rewind(to: 0)
      session.read(tokens.prefix(1))
      var sampler = Sampler(temperature: 0, seed: 1)
      return session.generate(&sampler, limit: steps) { _ in false }
    }
    let written = decode()
    session.rewind(to: 0)
    session.read(tokens.prefix(1) + written.dropLast())
    let logits = session.logits.array
    guard logits.indices.max(by: { logits[$0] < logits[$1] }) == Int(written[steps - 1]) else {
      throw Mismatch(description: "the last token is not the likeliest one")
    }
    return { _ = decode() }
  }

  // The first token follows from the prompt, and the last is not read.
  let (branches, length) = (8, 24)
  register(
    "\(shape.name) writing of \(branches) × \(length) tokens after \(promptLength) tokens",
    .operations(
      Double(branches)
        * configuration.operations(
          tokens: Double(length - 1), context: Double(promptLength) + Double(length) / 2)),
    tokens: branches * length
  ) {
    let session = try session()
    session.read(tokens.dropLast())
    func write(temperature: Double) -> [SampledContinuation] {
      session.sampleContinuations(
        of: [[tokens[promptLength - 1]]], count: branches, seed: 1,
        ContinuationSettings(
          Sampler(temperature: temperature, seed: 0), limit: length, ends: [])
      ).continuations
    }
    // At temperature 0 all samples are the likeliest continuation, as decoding finds it token by
    // token.
    let likeliest = write(temperature: 0)
    session.read(tokens.suffix(1))
    var sampler = Sampler(temperature: 0, seed: 1)
    let decoded = session.generate(&sampler, limit: length) { _ in false }
    guard likeliest.map(\.count) == [branches], likeliest[0].tokens == decoded else {
      throw Mismatch(description: "the samples at temperature 0 are not what decoding gives")
    }
    session.rewind(to: promptLength - 1)
    return { _ = write(temperature: 1) }
  }

  // A hundred questions of two choices, twelve tokens each.
  let choices = (0..<200).map { index in
    InferenceSession.Continuation(
      prompt: (0..<8).map { Int32((index / 2 * 31 + $0 * 17) % shape.vocabulary) },
      choice: (0..<4).map { Int32((index * 13 + $0 * 5) % shape.vocabulary) })
  }
  // A question's own tokens are run once, and of a choice all but the last.
  let scored = 100 * (8 + 2 * 3)
  register(
    "\(shape.name) scoring of 100 questions after \(promptLength) tokens",
    .operations(
      configuration.operations(tokens: Double(promptLength), context: Double(promptLength) / 2)
        + configuration.operations(tokens: Double(scored), context: Double(promptLength + 6))),
    tokens: promptLength + scored
  ) {
    let session = try session()
    func score() -> [Double] {
      session.rewind(to: 0)
      session.read(tokens)
      return session.logLikelihoods(choices)
    }
    let together = score()
    for index in [0, 57, 199] {
      try Mismatch.check(
        "log-likelihood", together[index], session.logLikelihoods([choices[index]])[0],
        tolerance: 1e-3)
    }
    return { _ = score() }
  }
}
