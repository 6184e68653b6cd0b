extension JSONValue {
  /// Reads one JSON value; the members of objects keep their order.
  ///
  /// Whole numbers are `.integer` where they fit.
  ///
  /// - Throws: `StrictJSON.Failure` as `StrictJSON.decode` does.
  package init(parsing bytes: [UInt8], syntaxHint: String = "the file may be cut short") throws {
    do {
      try JSONScanner.check(bytes)
      var scanner = JSONScanner(bytes)
      self = try Self.read(&scanner, bytes)
    } catch {
      throw StrictJSON.Failure(problem: "is not valid JSON (\(error))", hint: syntaxHint)
    }
  }

  /// The nesting is bounded by `JSONScanner.check`.
  private static func read(_ scanner: inout JSONScanner, _ bytes: [UInt8]) throws -> JSONValue {
    switch scanner.peek() {
    case UInt8(ascii: "{"):
      var members: [(key: String, value: JSONValue)] = []
      try scanner.object { scanner, key in members.append((key, try read(&scanner, bytes))) }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try scanner.array { elements.append(try read(&$0, bytes)) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try scanner.string())
    default:
      let start = scanner.position
      try scanner.skipValue()
      let literal = String(decoding: bytes[start..<scanner.position], as: UTF8.self)
      switch literal {
      case "null": return .null
      case "true": return .boolean(true)
      case "false": return .boolean(false)
      default: return Int(literal).map(JSONValue.integer) ?? .number(Double(literal) ?? .nan)
      }
    }
  }

  /// The members of an object, in order; none of any other value.
  package var members: [(key: String, value: JSONValue)] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The value of a member; nil where it is missing or null.
  package subscript(_ key: String) -> JSONValue? {
    guard let value = members.first(where: { $0.key == key })?.value else { return nil }
    if case .null = value { return nil }
    return value
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var boolean: Bool? { if case .boolean(let flag) = self { flag } else { nil } }
  package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  package var elements: [JSONValue]? { if case .array(let list) = self { list } else { nil } }
}
