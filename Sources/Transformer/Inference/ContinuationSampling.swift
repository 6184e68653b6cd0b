import Kernels
import Randomness

/// A continuation of a text, and how often it was sampled.
public struct SampledContinuation: Sendable, Equatable {
  /// The number of the text that it continues.
  public var text: Int
  /// The tokens, including the one that ended it.
  public var tokens: [Int32]
  public var count: Int
}

/// How continuations are sampled.
public struct ContinuationSettings: Sendable {
  /// How tokens are drawn.
  public var sampler: Sampler
  /// How the first ``openingLength`` tokens are drawn instead.
  public var openingSampler: Sampler
  public var openingLength = 0
  /// The most tokens of a continuation; fewer if the session has no room for them.
  public var limit: Int
  /// The tokens that end a continuation.
  public var ends: Set<Int32>
  /// Memory for the keys and values of continuations that run side by side, in bytes; nil for
  /// ``standardMemory(_:)``.
  public var memory: Int?

  /// 256 MiB, or half of what the model's parameters take: each pass reads those, so the larger
  /// they are, the more continuations should run side by side.
  public static func standardMemory(_ model: Model) -> Int {
    max(256 << 20, 2 * model.parameterCount)
  }

  public init(_ sampler: Sampler, limit: Int, ends: Set<Int32>) {
    self.sampler = sampler
    openingSampler = sampler
    self.limit = limit
    self.ends = ends
  }
}

extension InferenceSession {
  /// Samples `count` continuations of each of several texts, which all follow what was read.
  ///
  /// Samples of a text that begin with the same tokens are one branch of a tree. A branch runs
  /// through the model once, however many samples it stands for, so the cost depends on the number
  /// of different continuations. Branches of many texts run side by side. At each branch
  /// `Sampler.next(_:count:)` divides its samples among the next tokens.
  ///
  /// The draws of a text depend only on the seed and its number. The session's own tokens stay as
  /// they were.
  ///
  /// - Parameters:
  ///   - texts: none of them empty.
  ///   - report: is called after each pass with the number of samples made so far; one that has not
  ///     ended counts by its share of the limit.
  /// - Returns: the continuations in the order of the texts, none for a text that leaves no room
  ///   for a token; and the number of tokens that ran through the model.
  public func sampleContinuations(
    of texts: [[Int32]], count: Int, seed: UInt64, _ settings: ContinuationSettings,
    report: (_ samples: Int) -> Void = { _ in }
  ) -> (continuations: [SampledContinuation], tokensRun: Int) {
    grow(
      texts, count: count, limit: settings.limit,
      memory: settings.memory ?? ContinuationSettings.standardMemory(model), seed: seed,
      report: report
    ) { branch, logits, random in
      var sampler =
        branch.tokens.count < settings.openingLength ? settings.openingSampler : settings.sampler
      sampler.random = random
      defer { random = sampler.random }
      return sampler.next(logits, count: branch.count).map {
        (token: $0.token, count: $0.count, isLast: settings.ends.contains($0.token))
      }
    }
  }

  /// A branch of the tree of continuations.
  struct Branch {
    let text: Int
    /// The tokens after the text.
    fileprivate(set) var tokens: [Int32] = []
    /// The samples that begin with these tokens.
    fileprivate(set) var count: Int
    /// The number of its place in the cache.
    fileprivate var slot: Int
    /// Tokens of text and continuation that have run through the model.
    fileprivate var length = 0
    /// Those that have not yet run.
    fileprivate var unread: ArraySlice<Int32>
    /// The part of a text's samples to which it belongs.
    fileprivate let part: Int
  }

  /// Grows the tree: `next` divides a branch's samples among the tokens that may follow.
  func grow(
    _ texts: [[Int32]], count samples: Int, limit: Int, memory: Int, seed: UInt64,
    report: (_ samples: Int) -> Void = { _ in },
    next: (_ branch: Branch, _ logits: Floats, _ random: inout RandomGenerator)
      -> [(token: Int32, count: Int, isLast: Bool)]
  ) -> (continuations: [SampledContinuation], tokensRun: Int) {
    precondition(texts.allSatisfy { !$0.isEmpty })
    let past = count
    let longest = texts.map(\.count).max() ?? 0
    // A branch's last token is drawn, but not run.
    let rows = min(longest + limit - 1, capacity - past)
    guard samples > 0, limit > 0, rows > 0 else { return ([], 0) }
    let slotCount = max(
      1, min(Self.maxBranches, memory / (4 * rows * cache.floatsPerToken), samples * texts.count))
    cache.branch(count: slotCount, limit: rows)
    var freeSlots = Array((0..<slotCount).reversed())
    // A branch stands for at least one sample: if no more samples start than there are slots, every
    // branch has a slot.
    let partSize = min(samples, slotCount)
    let partCount = (samples + partSize - 1) / partSize
    var unused = slotCount
    var upcoming = 0
    var active: [Branch] = []
    var generators: [Int: RandomGenerator] = [:]
    var results = [[SampledContinuation]](repeating: [], count: texts.count)

    var tokensRun = 0
    var ended = 0
    while true {
      while upcoming < texts.count * partCount {
        let (text, part) = upcoming.quotientAndRemainder(dividingBy: partCount)
        let size = min(partSize, samples - part * partSize)
        guard size <= unused else { break }
        upcoming += 1
        guard texts[text].count < capacity - past else { continue }
        unused -= size
        generators[upcoming - 1] = RandomGenerator(
          seed: seed, keys: UInt64(text), UInt64(part))
        active.append(
          Branch(
            text: text, count: size, slot: freeSlots.removeLast(), unread: texts[text][...],
            part: upcoming - 1))
      }
      if active.isEmpty { break }
      let pass = run(&active, past: past)
      tokensRun += pass.tokenCount
      var row = 0
      var after: [Branch] = []
      after.reserveCapacity(active.count)
      for (index, branch) in active.enumerated() {
        guard pass.isComplete[index] else {
          after.append(branch)
          continue
        }
        let logits = pass.logits.row(row)
        row += 1
        let children = next(branch, logits, &generators[branch.part, default: .init(seed: seed)])
        var isSlotTaken = false
        for child in children {
          var grown = branch
          grown.tokens.append(child.token)
          grown.count = child.count
          if child.isLast || grown.tokens.count >= limit || past + grown.length >= capacity {
            results[grown.text].append(
              SampledContinuation(text: grown.text, tokens: grown.tokens, count: grown.count))
            unused += grown.count
            ended += grown.count
            continue
          }
          if isSlotTaken {
            grown.slot = freeSlots.removeLast()
            cache.copyBranch(branch.slot, to: grown.slot, length: branch.length)
          }
          isSlotTaken = true
          grown.unread = [child.token]
          after.append(grown)
        }
        if !isSlotTaken { freeSlots.append(branch.slot) }
      }
      active = after
      report(ended + active.reduce(0) { $0 + $1.count * $1.tokens.count } / limit)
    }
    return (results.flatMap { $0 }, tokensRun)
  }

  /// Runs as many unread tokens of the branches through the model as fit into a pass.
  ///
  /// - Returns: which branches have no unread tokens left, the logits after each of these, and how
  ///   many tokens were run.
  private func run(
    _ branches: inout [Branch], past: Int
  ) -> (isComplete: [Bool], logits: Matrix, tokenCount: Int) {
    // One token of each branch is certain; texts that are still read fill the rest of the pass.
    var room = Self.rowsPerPass - branches.count
    var tokens: [Int32] = []
    var segments: [Segment] = []
    var last: [Int32] = []
    var isComplete: [Bool] = []
    for index in branches.indices {
      let part = branches[index].unread.prefix(1 + max(0, room))
      room -= part.count - 1
      segments.append(
        Segment(first: tokens.count, count: part.count, past: past + branches[index].length))
      tokens += part
      branches[index].length += part.count
      branches[index].unread = branches[index].unread.dropFirst(part.count)
      isComplete.append(branches[index].unread.isEmpty)
      if branches[index].unread.isEmpty { last.append(Int32(tokens.count - 1)) }
    }
    let output = forward(tokens[...], segments, .branch(cache, branches: branches.map(\.slot)))
    return (isComplete, logits(output, rows: last), tokens.count)
  }

  /// The most branches that run side by side.
  static let maxBranches = 256
}
