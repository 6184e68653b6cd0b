extension Floats {
  /// Adds `factor · other` to these floats, element by element.
  public func add(_ other: Floats, scale factor: Float = 1) {
    precondition(other.count == count)
    let (a, b) = (base, other.base)
    var i = 0
    while i &+ laneWidth <= count {
      a.store(a.lane(i).addingProduct(b.lane(i), factor), i)
      i &+= laneWidth
    }
    while i < count {
      a[i] = a[i].addingProduct(b[i], factor)
      i &+= 1
    }
  }

  /// Multiplies every float by `factor`.
  public func scale(by factor: Float) {
    var i = 0
    while i &+ laneWidth <= count {
      base.store(base.lane(i) * factor, i)
      i &+= laneWidth
    }
    while i < count {
      base[i] *= factor
      i &+= 1
    }
  }

  /// Σ x², summed in blocks so that the rounding error stays small for millions of floats.
  public var sumOfSquares: Double {
    var total = 0.0
    var start = 0
    while start < count {
      let part = Swift.min(4096, count - start)
      total += Double(dot(base + start, base + start, part))
      start += part
    }
    return total
  }
}
