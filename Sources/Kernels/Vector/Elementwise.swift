extension Floats {
  /// self += factor · other, element by element; both have the same count.
  public func add(_ other: Floats, scale factor: Float = 1) {
    precondition(other.count == count)
    let (a, b) = (base, other.base)
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      a[i] = a[i].addingProduct(b[i], factor)
    }
    forEachLane(of: count, step, step)
  }

  /// self = a · x + b · y, element by element; all have the same count.
  public func combine(_ a: Float, _ x: Floats, _ b: Float, _ y: Floats) {
    precondition(x.count == count && y.count == count)
    let (target, x, y) = (base, x.base, y.base)
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      target[i] = (x[i] * a).addingProduct(y[i], b)
    }
    forEachLane(of: count, step, step)
  }

  /// self *= factor, element by element.
  public func scale(by factor: Float) {
    let x = base
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) { x[i] = x[i] * factor }
    forEachLane(of: count, step, step)
  }

  /// Σ x² of these floats, summed in blocks so that the rounding error stays small for millions of
  /// them.
  public var sumOfSquares: Double {
    (0..<(count + Self.block - 1) / Self.block).reduce(0) { $0 + sumOfSquares(ofBlock: $1) }
  }

  /// The same by several workers, with the same bits as by one.
  public func sumOfSquares(workerCount: Int) -> Double {
    let blocks = (count + Self.block - 1) / Self.block
    let sums = concurrently(workerCount: workerCount) { worker in
      share(of: blocks, worker: worker, workerCount: workerCount).map(sumOfSquares(ofBlock:))
    }
    return sums.reduce(0) { $1.reduce($0, +) }
  }

  private static var block: Int { 4096 }

  private func sumOfSquares(ofBlock block: Int) -> Double {
    let start = block * Self.block
    return Double(dot(base + start, base + start, Swift.min(Self.block, count - start)))
  }

  /// A hash for comparing the bits of two processes (FNV-1a, over words of 32 bits).
  public var checksum: UInt32 {
    var hash: UInt32 = 2_166_136_261
    for index in 0..<count { hash = (hash ^ base[index].bitPattern) &* 16_777_619 }
    return hash
  }
}
