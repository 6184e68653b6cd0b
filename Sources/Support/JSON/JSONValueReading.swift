extension JSONValue {
  /// Reads one JSON value; the members of objects keep their order.
  ///
  /// Whole numbers are `.integer` where they fit.
  ///
  /// - Throws: `StrictJSON.Failure` as `StrictJSON.decode` does.
  package init(parsing bytes: [UInt8], syntaxHint: String = "the file may be cut short") throws {
    do {
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw JSONScanner.Failure(position: 0, reason: "the text is not UTF-8")
      }
      var scanner = JSONScanner(bytes)
      self = try scanner.value()
      try scanner.end()
    } catch {
      throw StrictJSON.Failure(problem: "is not valid JSON (\(error))", hint: syntaxHint)
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
