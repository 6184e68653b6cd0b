import Foundation

/// How numbers map to places along an axis.
struct Scale {
  enum Kind {
    case linear, logarithmic
  }

  let kind: Kind
  let domain: ClosedRange<Double>
  /// Where the domain's ends lie; the first may be larger than the second.
  let places: (first: Double, last: Double)

  /// - Parameter domain: a logarithmic one is moved above 0 where it is not.
  init(_ kind: Kind, _ domain: ClosedRange<Double>, _ first: Double, _ last: Double) {
    self.kind = kind
    let lower = kind == .logarithmic ? max(1e-9, domain.lowerBound) : domain.lowerBound
    self.domain = lower...max(domain.upperBound, lower)
    places = (first, last)
  }

  /// The place of a value; beyond the domain, that of its nearer end.
  func callAsFunction(_ value: Double) -> Double {
    let value = min(max(value, domain.lowerBound), domain.upperBound)
    let part: Double
    switch kind {
    case .linear:
      let width = domain.upperBound - domain.lowerBound
      part = width > 0 ? (value - domain.lowerBound) / width : 0.5
    case .logarithmic:
      let width = log(domain.upperBound / domain.lowerBound)
      part = width > 0 ? log(value / domain.lowerBound) / width : 0.5
    }
    return places.first + part * (places.last - places.first)
  }

  /// Round numbers in the domain, about `count` of them.
  func ticks(_ count: Int = 5) -> [Double] {
    switch kind {
    case .linear:
      let width = domain.upperBound - domain.lowerBound
      guard width > 0, width.isFinite else { return [domain.lowerBound] }
      let rough = width / Double(max(1, count))
      let power = pow(10, floor(log10(rough)))
      let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
      let first = (domain.lowerBound / step).rounded(.up)
      let last = (domain.upperBound / step + 1e-9).rounded(.down)
      guard first <= last else { return [domain.lowerBound] }
      return stride(from: first, through: last, by: 1).map { $0 * step }
    case .logarithmic:
      let first = Int((log10(domain.lowerBound) - 1e-9).rounded(.up))
      let last = Int((log10(domain.upperBound) + 1e-9).rounded(.down))
      guard first < last else { return [domain.lowerBound, domain.upperBound] }
      let step = max(1, (last - first + count - 1) / count)
      return stride(from: first, through: last, by: step).map { pow(10, Double($0)) }
    }
  }
}
