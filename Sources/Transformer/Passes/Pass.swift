import Kernels

/// Consecutive rows of a pass that are one sequence of tokens.
struct Segment {
  /// The first row in the pass.
  let first: Int
  let count: Int
  /// Tokens of the sequence that come before these.
  var past = 0
  /// Rows of the same pass that hold the last of those tokens, if other sequences share them.
  var stem = 0..<0

  var rows: Range<Int> { first..<first + count }
}

/// What a pass does with a cache: every segment continues what the cache holds.
enum CacheUse {
  /// There is none: every segment is a sequence of its own.
  case none
  /// Nothing of the pass is kept.
  case read(KeyValueCache)
  /// The one segment is added to what the cache holds.
  case append(KeyValueCache)
  /// Segment i is the next tokens of branch `branches[i]`.
  case branch(KeyValueCache, branches: [Int])
}

/// What the blocks of one pass share.
struct Pass {
  /// All rows of the pass, in order.
  let segments: [Segment]
  /// Where the keys of each segment are: in the pass itself, or with those of its branch.
  let suffixes: [AttentionSuffix]
  let cache: CacheUse
  let keeping: Activations.Keeping
  let rotary: RotaryTable
  /// For layers whose attention slides.
  let slidingRotary: RotaryTable
  /// The threads that divide the work of the pass.
  let threadCount: Int
  /// What attention needs, for each of the threads.
  let scratch: [Floats]
  /// The adapter that the model runs with.
  let lowRank: LowRank?

  struct LowRank {
    let adapter: AdapterWeights
    /// Where a backward pass adds the adapter's gradients.
    let sums: AdapterWeights?
    let scratch: LowRankProduct.Scratch
  }

  /// - Precondition: the segments are all rows of the pass, in order.
  init(
    _ model: Model, _ segments: [Segment], _ activations: Activations, cache: CacheUse = .none,
    adapter: AdapterWeights?, sums: AdapterWeights? = nil
  ) {
    self.segments = segments
    suffixes = Self.suffixes(of: segments, cache)
    self.cache = cache
    keeping = activations.keeping
    rotary = model.rotary
    slidingRotary = model.slidingRotary
    threadCount = activations.threadCount
    scratch = activations.scratch
    if let adapter, let scratch = activations.lowRank {
      lowRank = LowRank(adapter: adapter, sums: sums, scratch: scratch)
    } else {
      lowRank = nil
    }
  }

  private static func suffixes(
    of segments: [Segment], _ cache: CacheUse
  ) -> [AttentionSuffix] {
    precondition(zip(segments, segments.dropFirst()).allSatisfy { $0.rows.upperBound == $1.first })
    guard case .branch(let cache, let branches) = cache else {
      return segments.map { AttentionSuffix(queries: $0.rows, stem: $0.stem, keys: $0.rows) }
    }
    precondition(branches.count == segments.count)
    return zip(segments, branches).map { segment, branch in
      AttentionSuffix(
        queries: segment.rows,
        keys: cache.rows(ofBranch: branch, length: segment.past + segment.count - cache.count))
    }
  }

  /// The cache, if the sequences of the pass share anything.
  var cacheToShare: KeyValueCache? {
    switch cache {
    case .none: nil
    case .branch(let cache, _): cache
    case .read(let cache), .append(let cache):
      cache.count > 0 || segments.contains { !$0.stem.isEmpty } ? cache : nil
    }
  }
}
