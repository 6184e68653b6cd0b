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
    session.read(tokens)
    func write() -> (tokens: [[Int32]], logLikelihoods: [Double]) {
      var written = [[Int32]](repeating: [], count: branches)
      var sums = [Double](repeating: 0, count: branches)
      var sampler = Sampler(temperature: 1, seed: 1)
      session.branch(count: branches, limit: length) { branch, logits in
        let token = sampler.next(logits)
        written[branch].append(token)
        sums[branch] += logProbability(logits, target: token)
        return token
      }
      return (written, sums)
    }
    let written = write()
    session.rewind(to: promptLength - 1)
    let read = session.logLikelihoods(
      written.tokens.map { .init(prompt: tokens.suffix(1), choice: $0) })
    for (found, expected) in zip(written.logLikelihoods, read) {
      try Mismatch.check("log-likelihood", found, expected, tolerance: 1e-3)
    }
    session.read(tokens.suffix(1))
    return { _ = write() }
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
