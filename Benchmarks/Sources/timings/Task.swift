import Foundation
import Kernels
import ModelFiles
import Randomness
import Training
import Transformer

/// What compare.py asks for.
struct Task: Decodable {
  enum Workload: String, Decodable {
    case train, finetune, evaluate, adamw, muon, score, decode
  }
  struct Shape: Decodable {
    let d, f, layers, heads, vocab, rows, length: Int
    /// Of a model as others make them; Recto's own where nil.
    let family: Family?
    let keyValueHeads: Int?
    /// The rank of the adapter that is trained in the model's place.
    let rank: Int?
    /// Whether layers run twice to save memory.
    let recompute: Bool?
  }
  enum Family: String, Decodable { case llama }

  let workload: Workload
  /// The model and its batch; not for `decode`.
  let shape: Shape?
  /// A model folder, for `decode`.
  let model: String?
  let threads: Int
  let warmups: Int
  let repetitions: Int

  struct Incomplete: Error {}

  /// Makes everything the workload needs.
  ///
  /// - Returns: one run of it.
  func prepare() throws -> () -> Void {
    switch workload {
    case .train, .finetune: try train()
    case .evaluate: try evaluate()
    case .adamw: try update(muonLearningRate: nil)
    case .muon: try update(muonLearningRate: 0.02)
    case .score: try score()
    case .decode: try decode()
    }
  }

  private func shaped(contextLength: Int? = nil) throws -> (shape: Shape, model: Model) {
    guard let shape else { throw Incomplete() }
    let model = try Model(
      Configuration(
        family: shape.family == .llama ? .llama : .qwen3, vocabularySize: shape.vocab,
        hiddenSize: shape.d, intermediateSize: shape.f, layerCount: shape.layers,
        headCount: shape.heads, keyValueHeadCount: shape.keyValueHeads,
        contextLength: contextLength ?? shape.length, tiesEmbeddings: shape.family == .llama))
    model.initialize(seed: 1)
    return (shape, model)
  }

  /// A row of tokens and, for each, its successor.
  private func rows(_ shape: Shape) -> [[Int32]] {
    var random = RandomGenerator(seed: 2)
    return (0..<shape.rows).map { _ in
      (0...shape.length).map { _ in Int32(random.integer(below: shape.vocab)) }
    }
  }

  /// Forward, backward, clipping and AdamW.
  private func train() throws -> () -> Void {
    let (shape, model) = try shaped()
    let rows = rows(shape)
    let batch = Batch(
      rowLength: shape.length, tokens: rows.flatMap { $0.dropLast() },
      targets: rows.flatMap { $0.dropFirst() },
      weights: Array(repeating: 1, count: shape.rows * shape.length))
    let adapter = try shape.rank.map { rank in
      try Adapter(
        AdapterPlan(rank: rank, alpha: 2 * Float(rank)), on: model.configuration)
    }
    adapter?.initialize(seed: 1)
    let gradients = GradientWorkers(
      model, adapter: adapter, workerCount: threads, rowLength: shape.length, tokensPerChunk: 512,
      recomputes: shape.recompute ?? false)
    let optimizer = Optimizer(
      model, adapter: adapter, settings: OptimizerSettings(learningRate: 1e-3),
      workerCount: threads)
    var step = 0
    return {
      step += 1
      let norm = gradients.run(batch).gradientNorm
      optimizer.update(
        gradients: gradients.gradients, step: step, gradientScale: Float(norm > 1 ? 1 / norm : 1))
    }
  }

  /// The loss of every token of the batch.
  private func evaluate() throws -> () -> Void {
    let (shape, model) = try shaped()
    let rows = rows(shape).map {
      InferenceSession.Continuation(prompt: [$0[0]], choice: Array($0[1..<shape.length]))
    }
    let sessions = (0..<threads).map { _ in InferenceSession(model) }
    let workers = Workers(sessions)
    return {
      _ = workers.run { session, worker, count in
        session.logLikelihoods(
          Array(rows[share(of: rows.count, worker: worker, workerCount: count)]))
      }
    }
  }

  /// The optimiser alone.
  private func update(muonLearningRate: Float?) throws -> () -> Void {
    let (_, model) = try shaped()
    let gradients = GradientArena(model)
    var random = RandomGenerator(seed: 3)
    for index in 0..<model.parameterCount {
      gradients.floats[index] = Float(random.integer(below: 2001)) / 1e5 - 0.01
    }
    let optimizer = Optimizer(
      model, settings: OptimizerSettings(learningRate: 1e-3, muonLearningRate: muonLearningRate),
      workerCount: threads)
    var step = 0
    return {
      step += 1
      optimizer.update(gradients: gradients.floats, step: step)
    }
  }

  /// A prompt of 1,000 tokens, and after it a hundred questions of two choices, twelve tokens each.
  private func score() throws -> () -> Void {
    let (shape, model) = try shaped(contextLength: 2048)
    let prompt = (0..<1000).map { Int32($0 * 7919 % shape.vocab) }
    let choices = (0..<200).map { index in
      InferenceSession.Continuation(
        prompt: (0..<8).map { Int32((index / 2 * 31 + $0 * 17) % shape.vocab) },
        choice: (0..<4).map { Int32((index * 13 + $0 * 5) % shape.vocab) })
    }
    let workers = Workers((0..<threads).map { _ in InferenceSession(model, capacity: 1100) })
    return {
      _ = workers.run { session, worker, count in
        session.rewind(to: 0)
        session.read(prompt)
        return session.logLikelihoods(
          Array(choices[share(of: choices.count, worker: worker, workerCount: count)]))
      }
    }
  }

  /// 200 tokens, greedily, after a prompt of one; on one thread.
  private func decode() throws -> () -> Void {
    guard let model else { throw Incomplete() }
    let session = InferenceSession(
      try LanguageModel.read(URL(fileURLWithPath: model)).model, capacity: 256)
    return {
      session.rewind(to: 0)
      session.read([0])
      var sampler = Sampler(temperature: 0, seed: 1)
      _ = session.generate(&sampler, limit: 200) { _ in false }
    }
  }
}

/// Sessions, one for each worker.
struct Workers: @unchecked Sendable {
  let sessions: [InferenceSession]

  init(_ sessions: [InferenceSession]) { self.sessions = sessions }

  func run(_ body: @Sendable (InferenceSession, Int, Int) -> [Double]) -> [Double] {
    concurrently(workerCount: sessions.count) { body(sessions[$0], $0, sessions.count) }
      .flatMap { $0 }
  }
}
