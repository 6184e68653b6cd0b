/// JSON where the order of keys and the exact bytes matter, which Foundation's coders leave open.
/// It can be spelt as a literal: `["type": "BPE", "dropout": nil, "merges": []]`.
package indirect enum JSONValue: Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  /// A number that is infinite or not a number is written as null.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  /// The white space between the parts of a value.
  private enum Layout {
    case indented, line, compact
  }

  /// A line for each member and element, indented by two spaces, as `serde_json` and Python's
  /// `json` write it.
  package var text: String { text(.indented) }

  /// One line with a space after each comma and colon, as Python's `json` writes it.
  package var line: String { text(.line) }

  /// No white space at all.
  package var compact: String { text(.compact) }

  private func text(_ layout: Layout) -> String {
    var text = ""
    write(to: &text, layout, depth: 0)
    return text
  }

  private func write(to text: inout String, _ layout: Layout, depth: Int) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      Self.write(values, between: ("[", "]"), to: &text, layout, depth) { value, text in
        value.write(to: &text, layout, depth: depth + 1)
      }
    case .object(let members):
      Self.write(members, between: ("{", "}"), to: &text, layout, depth) { member, text in
        Self.write(member.key, to: &text)
        text += layout == .compact ? ":" : ": "
        member.value.write(to: &text, layout, depth: depth + 1)
      }
    }
  }

  /// Writes the elements of an array or the members of an object.
  private static func write<Element>(
    _ elements: [Element], between brackets: (String, String), to text: inout String,
    _ layout: Layout, _ depth: Int, _ write: (Element, inout String) -> Void
  ) {
    func breakLine(_ depth: Int) {
      if layout == .indented { text += "\n" + String(repeating: "  ", count: depth) }
    }
    text += brackets.0
    for (index, element) in elements.enumerated() {
      if index > 0 { text += layout == .line ? ", " : "," }
      breakLine(depth + 1)
      write(element, &text)
    }
    if !elements.isEmpty { breakLine(depth) }
    text += brackets.1
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      case "\u{00}"..."\u{1F}":
        text += scalar.value < 0x10 ? "\\u000" : "\\u00"
        text += String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .boolean(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(members.map { (key: $0.0, value: $0.1) })
  }
}
