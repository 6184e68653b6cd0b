import Testing

@testable import Transformer

struct InferenceSessionTests {
  @Test(arguments: ModelFamily.all)
  func `a shared prefix is read once`(family: ModelFamily) throws {
    let model = try randomModel(family)
    let prefix = randomTokens(11, of: model, seed: 10)
    let continuations = (0..<5).map { index in
      InferenceSession.Continuation(
        prompt: randomTokens(1 + index, of: model, seed: 20 + UInt64(index)),
        choice: randomTokens(4 - index % 3, of: model, seed: 30 + UInt64(index)))
    }
    let session = InferenceSession(model)
    session.read(prefix)
    let shared = session.logLikelihoods(continuations)
    #expect(session.count == prefix.count)

    let alone = continuations.map { continuation in
      InferenceSession(model).logLikelihoods([
        InferenceSession.Continuation(
          prompt: prefix + continuation.prompt, choice: continuation.choice)
      ])[0]
    }
    let trained = continuations.map { continuation in
      // The loss of the same tokens as a row to learn from.
      let tokens = prefix + continuation.prompt + continuation.choice
      let first = prefix.count + continuation.prompt.count
      let batch = Batch(
        rowLength: tokens.count - 1, tokens: Array(tokens.dropLast()),
        targets: Array(tokens.dropFirst()),
        weights: (1..<tokens.count).map { $0 >= first ? 1 : 0 })
      return -lossAndGradients(model, batch).loss
    }
    for index in continuations.indices {
      #expect(abs(shared[index] - alone[index]) < 1e-4)
      #expect(abs(shared[index] - trained[index]) < 1e-4)
      #expect(shared[index] < -0.1)
    }
  }

  /// The model is wide enough for its products to be divided.
  @Test(arguments: [2, 3])
  func `several threads score and sample as one does`(threadCount: Int) throws {
    let model = try randomModel(isWide: true)
    let prefix = randomTokens(40, of: model, seed: 10)
    let continuations = (0..<9).map { index in
      InferenceSession.Continuation(
        prompt: randomTokens(3, of: model, seed: 20 + UInt64(index)),
        choice: randomTokens(4, of: model, seed: 30 + UInt64(index)))
    }
    func scores(_ threadCount: Int) -> [Double] {
      let session = InferenceSession(model, threadCount: threadCount)
      session.read(prefix)
      return session.logLikelihoods(continuations)
    }
    let (one, several, again) = (scores(1), scores(threadCount), scores(threadCount))
    #expect(several == again)
    for (a, b) in zip(one, several) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func `empty choices and no continuations are certain`() throws {
    let session = InferenceSession(try randomModel())
    #expect(session.logLikelihoods([]).isEmpty)
    let empty = InferenceSession.Continuation(prompt: [1, 2], choice: [])
    #expect(session.logLikelihoods([empty]) == [0])
  }

  /// Seventy continuations of ten tokens are more than one pass takes.
  @Test func `many continuations equal each alone`() throws {
    let model = try randomModel()
    let session = InferenceSession(model)
    session.read(randomTokens(7, of: model, seed: 40))
    let continuations = (0..<70).map { index in
      InferenceSession.Continuation(
        prompt: randomTokens(6 + index % 3, of: model, seed: 50 + UInt64(index)),
        choice: randomTokens(3, of: model, seed: 150 + UInt64(index)))
    }
    let together = session.logLikelihoods(continuations)
    let alone = continuations.map { session.logLikelihoods([$0])[0] }
    #expect(together.count == 70)
    #expect(zip(together, alone).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// Choices of a question share its rows, over the borders of passes too, with a prompt read
  /// before and without one.
  @Test(arguments: [0, 7])
  func `choices of one question equal each alone`(read: Int) throws {
    let model = try randomModel()
    let session = InferenceSession(model)
    session.read(randomTokens(read, of: model, seed: 48))
    let continuations = (0..<60).flatMap { index in
      let prompt = randomTokens(1 + index % 9, of: model, seed: 300 + UInt64(index))
      return [3, 1, 0, 5, 1].enumerated().map { place, length in
        InferenceSession.Continuation(
          prompt: prompt,
          choice: randomTokens(length, of: model, seed: 400 + UInt64(5 * index + place)))
      }
    }
    let together = session.scores(continuations)
    let alone = continuations.map { session.scores([$0])[0] }
    #expect(session.count == read)
    #expect(
      zip(together, alone).allSatisfy { abs($0.logLikelihood - $1.logLikelihood) < 1e-4 })
    #expect(zip(together, alone).allSatisfy { $0.isGreedy == $1.isGreedy })
  }

  /// A pass takes 512 tokens; longer continuations go through in parts, between shorter ones.
  @Test func `continuations longer than a pass equal reading their prompts`() throws {
    let model = try randomModel(contextLength: 1300)
    let prefix = randomTokens(20, of: model, seed: 46)
    let lengths = [(10, 5), (512, 1), (700, 580), (1, 1200), (3, 4), (511, 1), (600, 0)]
    let continuations = lengths.enumerated().map { index, length in
      InferenceSession.Continuation(
        prompt: randomTokens(length.0, of: model, seed: 250 + UInt64(index)),
        choice: randomTokens(length.1, of: model, seed: 260 + UInt64(index)))
    }
    let session = InferenceSession(model)
    session.read(prefix)
    let scores = session.logLikelihoods(continuations)
    #expect(session.count == prefix.count)
    for (continuation, score) in zip(continuations, scores) {
      let tokens = prefix + continuation.prompt + continuation.choice
      let batch = Batch(
        rowLength: tokens.count - 1, tokens: Array(tokens.dropLast()),
        targets: Array(tokens.dropFirst()),
        weights: (1..<tokens.count).map {
          $0 >= prefix.count + continuation.prompt.count ? 1 : 0
        })
      let loss = lossAndGradients(model, batch).loss
      #expect(abs(score + loss) <= 1e-5 * max(10, loss))
    }
  }

  /// Prompts longer than one pass are read in several; however they are cut, the outcome is the
  /// same.
  @Test(arguments: [[600], [512, 88], [1, 599], [511, 1, 1, 87], [3, 0, 597]])
  func `reading in pieces equals reading at once`(pieces: [Int]) throws {
    let model = try randomModel(contextLength: 640)
    let tokens = randomTokens(600, of: model, seed: 41)
    let session = InferenceSession(model)
    var start = 0
    for count in pieces {
      session.read(Array(tokens[start..<start + count]))
      start += count
    }
    #expect(session.count == 600 && session.capacity == 640)
    let expected = logits(model, tokens)[599]
    #expect(deviation(session.logits.array, from: expected) < 1e-5)
  }

  @Test func `rewinding forgets`() throws {
    let model = try randomModel()
    let tokens = randomTokens(12, of: model, seed: 42)
    let session = InferenceSession(model)
    session.read(tokens)
    session.rewind(to: 5)
    #expect(session.count == 5)
    let rest = randomTokens(4, of: model, seed: 43)
    session.read(rest)
    #expect(
      deviation(session.logits.array, from: logits(model, Array(tokens[..<5]) + rest)[8]) < 1e-5)
    session.rewind(to: 0)
    session.read([tokens[0]])
    #expect(deviation(session.logits.array, from: logits(model, [tokens[0]])[0]) < 1e-5)
  }

  /// To the last bit: closed-book after in-context is closed-book.
  @Test func `what was read leaves nothing`() throws {
    let model = try randomModel(contextLength: 80)
    let continuations = ([2, 3] as [UInt64]).map { seed in
      InferenceSession.Continuation(
        prompt: randomTokens(3, of: model, seed: seed),
        choice: randomTokens(2, of: model, seed: seed + 10))
    }
    let session = InferenceSession(model)
    let before = session.logLikelihoods(continuations)
    session.read(randomTokens(60, of: model, seed: 44))
    #expect(session.logLikelihoods(continuations) != before)
    session.rewind(to: 0)
    #expect(session.logLikelihoods(continuations) == before)
  }

  @Test func `scoring leaves the prompt and its logits`() throws {
    let model = try randomModel()
    let tokens = randomTokens(9, of: model, seed: 44)
    let session = InferenceSession(model)
    session.read(tokens)
    let before = session.logits.array
    _ = session.logLikelihoods([.init(prompt: [1, 2, 3], choice: [4, 5])])
    #expect(session.logits.array == before)
    session.read([6])
    #expect(deviation(session.logits.array, from: logits(model, tokens + [6])[9]) < 1e-5)
  }

  @Test func `greedy generation follows the likeliest token`() throws {
    let model = try randomModel()
    let prompt = randomTokens(6, of: model, seed: 45)
    func generate(limit: Int, until stop: (Int32) -> Bool = { _ in false }) -> [Int32] {
      let session = InferenceSession(model, capacity: 30)
      session.read(prompt)
      var sampler = Sampler(temperature: 0, seed: 0)
      return session.generate(&sampler, limit: limit, until: stop)
    }
    let tokens = generate(limit: 15)
    #expect(tokens.count == 15 && tokens == generate(limit: 15))
    var read = prompt
    for token in tokens {
      let last = logits(model, read)[read.count - 1]
      #expect(last[Int(token)] == last.max())
      read.append(token)
    }
    #expect(generate(limit: 15, until: { $0 == tokens[3] }).count <= 4)
    #expect(generate(limit: 0).isEmpty)
    // A full session ends the text.
    #expect(generate(limit: 1000).count == 24)
  }

  @Test func `texts are read ahead each on its own`() throws {
    let model = try randomModel(contextLength: 700)
    let prompt = randomTokens(7, of: model, seed: 46)
    // More tokens than a pass holds, and a text of none.
    let texts = [3, 0, 400, 1, 300].enumerated().map {
      randomTokens($0.element, of: model, seed: 60 + UInt64($0.offset))
    }
    let session = InferenceSession(model)
    session.read(prompt)
    let before = session.logits.array
    var seen = texts.map { [[Float]](repeating: [], count: $0.count) }
    session.readAhead(texts) { text, count, logits in seen[text][count - 1] = logits.array }
    for (text, own) in zip(texts, seen) {
      let expected = logits(model, prompt + text).suffix(text.count)
      #expect(zip(own, expected).allSatisfy { deviation($0, from: $1) < 1e-5 })
    }
    #expect(session.count == prompt.count && session.logits.array == before)
  }
}
