extension Floats {
  /// Adds `factor · other` to these floats, element by element.
  public func add(_ other: Floats, scale factor: Float = 1) {
    precondition(other.count == count)
    let (a, b) = (base, other.base)
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      a[i] = a[i].addingProduct(b[i], factor)
    }
    forEachLane(of: count, step, step)
  }

  /// Sets these floats to a · x + b · y, element by element.
  public func combine(_ a: Float, _ x: Floats, _ b: Float, _ y: Floats) {
    precondition(x.count == count && y.count == count)
    let (target, x, y) = (base, x.base, y.base)
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      target[i] = (x[i] * a).addingProduct(y[i], b)
    }
    forEachLane(of: count, step, step)
  }

  /// Multiplies every float by `factor`.
  public func scale(by factor: Float) {
    let x = base
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) { x[i] = x[i] * factor }
    forEachLane(of: count, step, step)
  }

  /// Σ x², summed in blocks so that the rounding error stays small for millions of floats.
  public var sumOfSquares: Double {
    (0..<(count + Self.block - 1) / Self.block).reduce(0) { $0 + sumOfSquares(ofBlock: $1) }
  }

  /// Σ x² by several workers: the same bits as by one.
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

  /// A number that tells whether two processes hold the same bits (FNV-1a, over whole words).
  public var checksum: UInt32 {
    var hash: UInt32 = 2_166_136_261
    for index in 0..<count { hash = (hash ^ base[index].bitPattern) &* 16_777_619 }
    return hash
  }
}
