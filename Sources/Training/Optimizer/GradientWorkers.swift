import Kernels
import Transformer

/// Data-parallel gradients: each worker runs its shard of the rows with single-threaded BLAS, then
/// the shards' gradients are summed in fixed order, and then over the processes.
public final class GradientWorkers: Sendable {
  private let workers: [Worker]
  private let processes: ProcessGroup
  private let threadCount: Int

  private struct Worker: Sendable {
    let pass: TrainingPass
    let gradients: GradientArena
  }

  /// - Parameters:
  ///   - adapter: the adapter that is trained in place of the model.
  ///   - rowLength: the length of the longest row that a batch will hold, in tokens.
  ///   - recomputes: whether layers run twice to save memory; see `TrainingPass`.
  ///   - threadCount: the threads that divide the work of each worker: they need less memory than
  ///     workers, which have gradients of their own, and suit large models.
  ///   - processes: the processes that compute a batch together, each on its own rows.
  public init(
    _ model: Model, adapter: Adapter? = nil, workerCount: Int, rowLength: Int,
    tokensPerChunk: Int = 1024, recomputes: Bool = false, threadCount: Int = 1,
    processes: ProcessGroup = .alone
  ) {
    self.processes = processes
    self.threadCount = threadCount
    workers = (0..<workerCount).map { _ in
      Worker(
        pass: TrainingPass(
          model, adapter: adapter, tokensPerChunk: tokensPerChunk, rowLength: rowLength,
          recomputes: recomputes, threadCount: threadCount),
        gradients: GradientArena(model, adapter: adapter))
    }
  }

  public var workerCount: Int { workers.count }
  /// The gradients of the last batch.
  public var gradients: Floats { workers[0].gradients.floats }

  /// Computes the gradients of the batch's mean loss: Σ weight · loss / Σ weight.
  ///
  /// - Parameters:
  ///   - batch: this process's rows of the batch.
  ///   - layerCount: the layers to run, from the first.
  ///   - repeats: layers that share the parameters of lower layers, whose gradients then include
  ///     theirs.
  /// - Returns: the mean loss in nats, and the gradient norm; the same in every process, and the
  ///   same bits for two processes of one worker as for two workers of one process.
  public func run(
    _ batch: Batch, layerCount: Int? = nil, repeats: LayerRepeats? = nil
  ) -> (loss: Double, gradientNorm: Double) {
    let weight = processes.sum(batch.weight)
    guard weight > 0 else {
      gradients.fill(0)
      return (0, 0)
    }
    let losses = concurrently(workerCount: workerCount) { worker in
      workers[worker].gradients.floats.fill(0)
      return workers[worker].pass.accumulate(
        batch, rows: Self.rows(of: batch, worker: worker, workerCount: workerCount),
        gradients: workers[worker].gradients.sums, gradientScale: Float(1 / weight),
        layerCount: layerCount)
    }
    _ = concurrently(workerCount: workerCount) { worker in
      let part = share(of: gradients.count, worker: worker, workerCount: workerCount)
      let sum = gradients.slice(part.lowerBound, part.count)
      for other in workers.dropFirst() {
        sum.add(other.gradients.floats.slice(part.lowerBound, part.count))
      }
    }
    processes.sum(gradients)
    repeats?.addGradients(gradients)
    return (
      processes.sum(losses.reduce(0, +)) / weight,
      gradients.sumOfSquares(workerCount: workerCount * threadCount).squareRoot()
    )
  }

  /// A worker's rows: every worker has about the same number of tokens, or of rows where all rows
  /// have the same length.
  static func rows(of batch: Batch, worker: Int, workerCount: Int) -> Range<Int> {
    let rows = batch.rows
    guard let length = rows.first?.count, rows.contains(where: { $0.count != length }) else {
      return share(of: rows.count, worker: worker, workerCount: workerCount)
    }
    /// The row that begins nearest to the first token of the worker's share.
    func bound(_ worker: Int) -> Int {
      let goal = batch.tokens.count * worker / workerCount
      let after = rows.firstIndex { $0.upperBound > goal } ?? rows.count
      guard after < rows.count else { return after }
      return rows[after].upperBound - goal < goal - rows[after].lowerBound ? after + 1 : after
    }
    return bound(worker)..<bound(worker + 1)
  }
}
