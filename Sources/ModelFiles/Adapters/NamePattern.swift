import Transformer

/// A regular expression on the names of modules, as PEFT's settings have them: the part of Python's
/// `re` without groups that are referred to, flags and looks behind.
///
/// All positions at which a match can end are followed at once. So no expression takes more than
/// polynomial time, and a budget bounds that.
struct NamePattern: Sendable {
  private indirect enum Node: Sendable {
    case scalar(Unicode.Scalar)
    case any
    case set([ClosedRange<UInt32>], isNegated: Bool)
    case sequence([Node])
    case choice([Node])
    case repeated(Node, least: Int, most: Int?)
    case beginning
    case end
    case wordBoundary(isNegated: Bool)
    case ahead(Node, isNegated: Bool)
  }

  private let node: Node
  /// The scalars of an expression without operators; nil for one that any scalar matches.
  private let literal: [Unicode.Scalar?]?

  /// - Throws: `ConfigurationError` naming what is not supported.
  init(_ expression: String) throws {
    var parser = Parser(expression)
    node = try parser.whole()
    literal = Self.literal(node)
  }

  private static func literal(_ node: Node) -> [Unicode.Scalar?]? {
    guard case .sequence(let nodes) = node else { return nil }
    var scalars: [Unicode.Scalar?] = []
    for node in nodes {
      switch node {
      case .scalar(let scalar): scalars.append(scalar)
      case .any: scalars.append(nil)
      default: return nil
      }
    }
    return scalars
  }

  /// Whether the whole name matches, as `re.fullmatch` decides it.
  ///
  /// - Throws: `ConfigurationError` where that takes too long to find out.
  func matchesWhole(_ name: String) throws -> Bool {
    var matcher = Matcher(name)
    return try matcher.ends(node, [0]).contains(matcher.name.count)
  }

  /// Whether the name, or what follows one of its dots, matches, as PEFT's `get_pattern_key`
  /// decides it.
  func matchesEnd(_ name: String) throws -> Bool {
    if let literal {
      let scalars = Array(name.unicodeScalars)
      let start = scalars.count - literal.count
      guard start >= 0, start == 0 || scalars[start - 1] == "." else { return false }
      return zip(literal, scalars[start...]).allSatisfy { $0 == nil || $0 == $1 }
    }
    var matcher = Matcher(name)
    var starts: Set = [0]
    for (index, scalar) in matcher.name.enumerated() where scalar == "." {
      starts.insert(index + 1)
    }
    return try matcher.ends(node, starts).contains(matcher.name.count)
  }

  // MARK: Matching

  private struct Matcher {
    let name: [Unicode.Scalar]
    /// Visits of a node that are left.
    private var budget = 100_000

    init(_ name: String) { self.name = Array(name.unicodeScalars) }

    /// Where matches of `node` that begin at one of `starts` can end.
    mutating func ends(_ node: Node, _ starts: Set<Int>) throws -> Set<Int> {
      budget -= 1
      guard budget > 0 else {
        throw ConfigurationError("a pattern of names is too complicated; list the names instead")
      }
      guard !starts.isEmpty else { return [] }
      switch node {
      case .scalar(let scalar): return steps(starts) { $0 == scalar }
      case .any: return steps(starts) { $0 != "\n" }
      case .set(let ranges, let isNegated):
        return steps(starts) { scalar in
          ranges.contains { $0.contains(scalar.value) } != isNegated
        }
      case .sequence(let nodes): return try nodes.reduce(starts) { try ends($1, $0) }
      case .choice(let nodes):
        return try nodes.reduce(into: []) { $0.formUnion(try ends($1, starts)) }
      case .repeated(let node, let least, let most):
        return try repeated(node, least, most, starts)
      case .beginning: return starts.contains(0) ? [0] : []
      case .end: return starts.contains(name.count) ? [name.count] : []
      case .wordBoundary(let isNegated):
        return starts.filter { (isWord($0 - 1) != isWord($0)) != isNegated }
      case .ahead(let node, let isNegated):
        return try starts.filter { try ends(node, [$0]).isEmpty == isNegated }
      }
    }

    private mutating func repeated(
      _ node: Node, _ least: Int, _ most: Int?, _ starts: Set<Int>
    ) throws -> Set<Int> {
      var current = starts
      for _ in 0..<least {
        let next = try ends(node, current)
        if next == current { break }
        current = next
      }
      var all = current
      var rest = most.map { $0 - least } ?? Int.max
      while rest > 0, !current.isEmpty {
        current = try ends(node, current).subtracting(all)
        all.formUnion(current)
        rest -= 1
      }
      return all
    }

    private func steps(_ starts: Set<Int>, _ matches: (Unicode.Scalar) -> Bool) -> Set<Int> {
      var result: Set<Int> = []
      for start in starts where start < name.count && matches(name[start]) {
        result.insert(start + 1)
      }
      return result
    }

    private func isWord(_ index: Int) -> Bool {
      guard name.indices.contains(index) else { return false }
      return Parser.word.contains { $0.contains(name[index].value) }
    }
  }

  // MARK: Parsing

  private struct Parser {
    private static let maxDepth = 50
    private static let maxRepetitions = 1000
    static let digits: [ClosedRange<UInt32>] = [48...57]
    static let word: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
    private static let space: [ClosedRange<UInt32>] = [9...13, 32...32]

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private let expression: String

    init(_ expression: String) {
      self.expression = expression
      scalars = Array(expression.unicodeScalars)
    }

    private func failure(_ what: String) -> ConfigurationError {
      ConfigurationError(
        "the pattern \(expression.prefix(100).debugDescription) has \(what); list the names instead"
      )
    }

    private func peek() -> Unicode.Scalar? {
      position < scalars.count ? scalars[position] : nil
    }

    private mutating func take(_ text: String) -> Bool {
      guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
      position += text.unicodeScalars.count
      return true
    }

    mutating func whole() throws -> Node {
      let node = try choice(depth: 0)
      guard position == scalars.count else { throw failure("a ')' too many") }
      return node
    }

    private mutating func choice(depth: Int) throws -> Node {
      guard depth < Self.maxDepth else { throw failure("groups nested too deep") }
      var branches: [Node] = []
      repeat {
        var nodes: [Node] = []
        while let next = peek(), next != "|", next != ")" {
          nodes.append(try quantified(depth: depth))
        }
        branches.append(.sequence(nodes))
      } while take("|")
      return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func quantified(depth: Int) throws -> Node {
      let node = try atom(depth: depth)
      guard let (least, most) = try quantifier() else { return node }
      switch node {
      case .beginning, .end, .wordBoundary, .ahead: throw failure("a repeated assertion")
      default: break
      }
      // A lazy one matches the same names.
      _ = take("?")
      if let next = peek(), next == "*" || next == "+" || next == "?" {
        throw failure("two quantifiers in a row")
      }
      return .repeated(node, least: least, most: most)
    }

    private mutating func quantifier() throws -> (least: Int, most: Int?)? {
      if take("*") { return (0, nil) }
      if take("+") { return (1, nil) }
      if take("?") { return (0, 1) }
      let start = position
      guard take("{") else { return nil }
      let least = try number()
      let hasComma = take(",")
      let most = hasComma ? try number() : least
      guard take("}"), least != nil || hasComma else {
        // To Python, a brace that begins no quantifier is a letter.
        position = start
        return nil
      }
      guard (most ?? Int.max) >= (least ?? 0) else { throw failure("a range that falls") }
      return (least ?? 0, most)
    }

    private mutating func number() throws -> Int? {
      var number: Int?
      while let next = peek(), (48...57).contains(next.value) {
        number = (number ?? 0) * 10 + Int(next.value - 48)
        position += 1
        guard number ?? 0 <= Self.maxRepetitions else {
          throw failure("more than \(Self.maxRepetitions) repetitions")
        }
      }
      return number
    }

    private mutating func atom(depth: Int) throws -> Node {
      guard let next = peek() else { throw failure("no end") }
      position += 1
      switch next {
      case ".": return .any
      case "^": return .beginning
      case "$": return .end
      case "(": return try group(depth: depth)
      case "[": return try set()
      case "\\": return try escape()
      case "*", "+", "?": throw failure("a quantifier of nothing")
      default: return .scalar(next)
      }
    }

    private mutating func group(depth: Int) throws -> Node {
      var isAhead = false
      var isNegated = false
      if take("?") {
        if take("=") || take("!") {
          isAhead = true
          isNegated = scalars[position - 1] == "!"
        } else if !take(":") {
          if take("P<") {
            while let next = peek(), next != ">" { position += 1 }
            guard take(">") else { throw failure("a group without a name") }
          } else {
            throw failure("a group of a kind that is not read")
          }
        }
      }
      let node = try choice(depth: depth + 1)
      guard take(")") else { throw failure("a '(' without its ')'") }
      // A sequence, so that a group is never taken for a literal.
      return isAhead ? .ahead(node, isNegated: isNegated) : .sequence([node])
    }

    private mutating func escape() throws -> Node {
      guard let next = peek() else { throw failure("a '\\' at its end") }
      position += 1
      if let (ranges, isNegated) = Self.kind(next) { return .set(ranges, isNegated: isNegated) }
      switch next {
      case "b": return .wordBoundary(isNegated: false)
      case "B": return .wordBoundary(isNegated: true)
      case "A": return .beginning
      case "Z": return .end
      default:
        guard !Self.word.contains(where: { $0.contains(next.value) }) || next == "_" else {
          throw failure("'\\\(next)', which is not read")
        }
        return .scalar(next)
      }
    }

    /// The ranges of `\d`, `\w`, `\s` and their opposites.
    private static func kind(
      _ letter: Unicode.Scalar
    ) -> (ranges: [ClosedRange<UInt32>], isNegated: Bool)? {
      switch letter {
      case "d": (digits, false)
      case "D": (digits, true)
      case "w": (word, false)
      case "W": (word, true)
      case "s": (space, false)
      case "S": (space, true)
      default: nil
      }
    }

    private mutating func set() throws -> Node {
      let isNegated = take("^")
      var ranges: [ClosedRange<UInt32>] = []
      var isFirst = true
      while let next = peek(), next != "]" || isFirst {
        isFirst = false
        position += 1
        var low = next
        if next == "\\" {
          guard let escaped = peek() else { break }
          position += 1
          if let (own, isNegated) = Self.kind(escaped) {
            guard !isNegated else { throw failure("'\\\(escaped)' within a set") }
            ranges += own
            continue
          }
          guard !Self.word.contains(where: { $0.contains(escaped.value) }) || escaped == "_" else {
            throw failure("'\\\(escaped)' within a set")
          }
          low = escaped
        }
        guard peek() == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
          ranges.append(low.value...low.value)
          continue
        }
        position += 1
        var high = scalars[position]
        position += 1
        if high == "\\" {
          guard let escaped = peek() else { break }
          high = escaped
          position += 1
        }
        guard low.value <= high.value else { throw failure("a range that falls") }
        ranges.append(low.value...high.value)
      }
      guard take("]") else { throw failure("a '[' without its ']'") }
      return .set(ranges, isNegated: isNegated)
    }
  }
}
